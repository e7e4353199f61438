import type { MouseEvent } from 'react';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { answerCall, dialNumber, endCall, holdCall, holdPrivately, resumeCall } from './call-actions.ts';
import { type DeckAction, type DeckKey, deckOf } from './deck.ts';

function perform(action: DeckAction, call: CallView | null): void {
  if (action === 'call') dialNumber();
  if (!call) return;
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
    case 'call':
      break;
    case 'hangUp':
    case 'reject':
      endCall(call);
      break;
  }
}

/** The foot of the panel: the next thing to do, and hang up, always where they were. */
export function DeckKeys({ call }: { readonly call: CallView | null }) {
  const say = useWords();
  const number = usePanel((panel) => panel.number);
  const shared = usePhone(({ snapshot }) =>
    snapshot?.lineKeys.some((key) => key.shared && key.index === call?.lineKey),
  );
  const { next, end } = deckOf(call, number !== '');

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
            onClick={press(key)}
          >
            <Icon name={key.icon} />
            {say(`call.action.${key.action}`)}
          </button>
          {key.action === 'hold' && shared && call && (
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
