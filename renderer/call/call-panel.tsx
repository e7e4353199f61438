import { type ReactNode, useEffect, useRef } from 'react';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { ConferenceDisplay } from '../conference/conference-display.tsx';
import { DialPad } from '../dialpad/dial-pad.tsx';
import { Dialer } from '../dialpad/dialer.tsx';
import { openKeypad, usePanel } from '../panel-store.ts';
import { useCalls } from '../phone-store.ts';
import { ReachPanel } from '../reach/reach-panel.tsx';
import { useReach } from '../reach/use-reach.ts';
import { useWords } from '../words/words.ts';
import { sendTones } from './call-actions.ts';
import { CallControls } from './call-controls.tsx';
import { CallDisplay } from './call-display.tsx';
import { type Company, companyOf, isConference, referredOf } from './company.ts';
import { DeckKeys } from './deck-keys.tsx';
import { focusedCall } from './focused-call.ts';
import { Notices } from './notices.tsx';
import { OtherCalls } from './other-calls.tsx';
import { Problems } from './problems.tsx';
import './call-display.css';
import './keys.css';
import './other-calls.css';
import './notices.css';

/** The middle of the window: the call that has the user's attention, or the dialer while there is none. */
export function CallPanel() {
  const say = useWords();
  const calls = useCalls();
  const chosen = usePanel((panel) => panel.chosenCall);
  const panel = useKeptFocus();
  const call = focusedCall(calls, chosen);
  const company = call && companyOf(calls, call);
  const others = <OtherCalls inHand={company ?? []} />;
  return (
    <main className="panel" aria-label={say('call.panel')} ref={panel} tabIndex={-1}>
      <Problems />
      <div className="panel-column">
        {call === null || company === null || call.state === 'seizing' ? (
          <Dialer call={call}>{others}</Dialer>
        ) : (
          <CallInHand call={call} company={company}>
            {others}
          </CallInHand>
        )}
        <DeckKeys call={call} />
        <Notices />
      </div>
    </main>
  );
}

/**
 * A button that had the focus and is gone leaves it to the panel, so that a screen reader stays where it was; so does
 * what led to the desk.
 */
function useKeptFocus() {
  const panel = useRef<HTMLElement>(null);
  const inside = useRef(true);
  useEffect(() => {
    const { activeElement } = document;
    // What is drawn with the focus in it takes it before anybody listens.
    if (activeElement !== document.body) inside.current = panel.current?.contains(activeElement) === true;
    else if (inside.current) panel.current?.focus({ preventScroll: true });
    const noticed = ({ target }: FocusEvent): void => {
      inside.current = target instanceof Node && panel.current?.contains(target) === true;
    };
    document.addEventListener('focusin', noticed);
    return () => document.removeEventListener('focusin', noticed);
  });
  return panel;
}

interface InHandProps {
  readonly call: CallView;
  readonly company: Company;
  readonly children: ReactNode;
}

function CallInHand({ call, company, children }: InHandProps) {
  const wanted = usePanel((panel) => panel.keypadOpen);
  const reach = useReach(call);
  const keypad =
    wanted && !reach && referredOf(company) === null && (call.state === 'active' || call.state === 'ringing');
  const compact = keypad || reach !== null;
  return (
    <>
      {isConference(company) ? (
        <ConferenceDisplay company={company} compact={compact} />
      ) : (
        <CallDisplay call={call} compact={compact} />
      )}
      {!compact && children}
      {!reach && <div className="panel-space" />}
      {reach ? (
        <ReachPanel call={call} reach={reach} />
      ) : keypad ? (
        <ToneKeypad call={call} />
      ) : (
        <CallControls call={call} company={company} />
      )}
    </>
  );
}

/** The dial pad of a call: its keys are heard at the other end. */
function ToneKeypad({ call }: { readonly call: CallView }) {
  const say = useWords();
  return (
    <div className="tone-keypad">
      <output className="tones-sent" aria-label={say('call.tones')}>
        {call.digits}
      </output>
      <DialPad onKey={(tone) => sendTones(call.id, tone)} />
      <button type="button" className="word-button" onClick={() => openKeypad(false)}>
        {say('call.action.hideKeypad')}
      </button>
    </div>
  );
}
