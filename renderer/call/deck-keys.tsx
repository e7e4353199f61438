import type { MouseEvent } from 'react';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { usePanel } from '../panel-store.ts';
import { currentCalls, useCalls, usePhone } from '../phone-store.ts';
import type { OpenReach } from '../reach/reach.ts';
import { currentReach, reachNow } from '../reach/reach-actions.ts';
import { useReach } from '../reach/use-reach.ts';
import { Icon } from '../theme/icon.tsx';
import { type Say, useWords } from '../words/words.ts';
import {
  answerCall,
  bringTogether,
  connectCalls,
  declineTransfer,
  dialNumber,
  endCompany,
  followTransfer,
  holdCall,
  holdPrivately,
  redial,
  resumeCall,
} from './call-actions.ts';
import { callerName, referralSentence } from './call-words.ts';
import { companyOf, consultationOf, referredOf } from './company.ts';
import { type DeckAction, type DeckKey, deckOf } from './deck.ts';
import { deckState } from './deck-state.ts';

function perform(action: DeckAction, call: CallView | null): void {
  if (action === 'call') dialNumber();
  if (action === 'redial') redial();
  const reach = currentReach();
  if (reach && action !== 'hangUp') reachNow(reach);
  else if (call) performOn(call, action);
}

function performOn(call: CallView, action: DeckAction): void {
  switch (action) {
    case 'answer':
      answerCall(call.id);
      break;
    case 'hold':
      holdCall(call.id);
      break;
    case 'resume':
      resumeCall(call.id);
      break;
    case 'completeTransfer':
    case 'bringTogether':
      finishAsking(call, action);
      break;
    case 'followTransfer':
      followReferral(call);
      break;
    case 'hangUp':
    case 'reject':
      endCompany(call);
      break;
  }
}

/** What the asking was for: the two others talk with each other, or all three together. */
export function finishAsking(call: CallView, how: 'completeTransfer' | 'bringTogether'): void {
  const consultation = consultationOf(currentCalls(), call);
  if (!consultation) return;
  const { waiting, asking } = consultation;
  if (how === 'bringTogether') bringTogether(waiting.id, asking.id);
  else connectCalls(waiting.id, asking.id);
}

/** Goes where somebody of the company wants to connect one. */
export function followReferral(call: CallView): void {
  const referred = referredOf(companyOf(currentCalls(), call));
  if (referred) followTransfer(referred.id);
}

/** Stays with whoever of the company wants to connect one. */
export function stayWithReferrer(call: CallView): void {
  const referred = referredOf(companyOf(currentCalls(), call));
  if (referred) declineTransfer(referred.id);
}

const noHistory: readonly never[] = [];

/** Who exactly is connected with whom, where the key says only "them". */
function explain(
  action: DeckAction,
  call: CallView,
  calls: readonly CallView[],
  reach: OpenReach | null,
  say: Say,
): string | null {
  const consultation = consultationOf(calls, call);
  if (reach?.target) {
    const to = reach.target.name || reach.target.number;
    return say(`call.explain.${reach.purpose}`, { who: callerName(call, say), to });
  }
  if (action === 'followTransfer') {
    const referred = referredOf(companyOf(calls, call));
    return referred && referralSentence(referred, say);
  }
  if (!consultation || (action !== 'completeTransfer' && action !== 'bringTogether')) return null;
  const { waiting, asking } = consultation;
  const purpose = action === 'completeTransfer' ? 'transfer' : 'add';
  return say(`call.explain.${purpose}`, { who: callerName(waiting, say), to: callerName(asking, say) });
}

/** The foot of the panel: the next thing to do, and hang up, always where they were. */
export function DeckKeys({ call }: { readonly call: CallView | null }) {
  const say = useWords();
  const number = usePanel((panel) => panel.number);
  const adding = usePanel((panel) => panel.adding);
  const calls = useCalls();
  const history = usePhone(({ snapshot }) => snapshot?.history) ?? noHistory;
  const shared = usePhone(({ snapshot }) =>
    snapshot?.lineKeys.some((key) => key.shared && key.index === call?.lineKey),
  );
  const reach = useReach(call);
  const { next, end } = deckOf(deckState(call, { calls, history, number, adding, reach }));
  const explained = call && explain(next.action, call, calls, reach, say);

  // The second click of a double click would hold what the first has just answered.
  const press = (key: DeckKey) => (event: MouseEvent) => {
    if (event.detail < 2) perform(key.action, call);
  };
  return (
    <div className="deck">
      {[next, end].map((key) => (
        // Another action is another button: a focus put on one does not slip to the other.
        <div className="deck-place" key={key.action}>
          <button
            type="button"
            className="deck-key"
            data-tone={key.tone}
            disabled={!key.enabled}
            aria-description={key === next ? (explained ?? undefined) : undefined}
            title={key === next ? (explained ?? undefined) : undefined}
            onClick={press(key)}
          >
            <Icon name={key.icon} />
            {say(`call.action.${key.action}`)}
          </button>
          {key.action === 'hold' && shared && call && call.conference === null && (
            <button
              type="button"
              className="deck-key deck-key-beside"
              data-tone={key.tone}
              disabled={!key.enabled}
              aria-label={say('call.action.holdPrivately')}
              title={say('call.action.holdPrivately')}
              onClick={() => holdPrivately(call.id)}
            >
              <Icon name="lock" />
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
