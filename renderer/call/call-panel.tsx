import type { ReactNode } from 'react';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { DialPad } from '../dialpad/dial-pad.tsx';
import { Dialer } from '../dialpad/dialer.tsx';
import { openKeypad, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { sendTones } from './call-actions.ts';
import { CallControls } from './call-controls.tsx';
import { CallDisplay } from './call-display.tsx';
import { DeckKeys } from './deck-keys.tsx';
import { focusedCall } from './focused-call.ts';
import { Notices } from './notices.tsx';
import { OtherCalls } from './other-calls.tsx';
import { Problems } from './problems.tsx';
import './call.css';

const noCalls: readonly CallView[] = [];

/** The middle of the window: the call that has the user's attention, or the dialer while there is none. */
export function CallPanel() {
  const say = useWords();
  const calls = usePhone(({ snapshot }) => snapshot?.calls) ?? noCalls;
  const chosen = usePanel((panel) => panel.chosenCall);
  const call = focusedCall(calls, chosen);
  const others = <OtherCalls calls={calls.filter((each) => each !== call)} />;
  return (
    <main className="panel" aria-label={say('call.panel')}>
      <Problems />
      <div className="panel-column">
        {call === null || call.state === 'seizing' ? (
          <Dialer call={call}>{others}</Dialer>
        ) : (
          <CallInHand call={call}>{others}</CallInHand>
        )}
        <DeckKeys call={call} />
        <Notices />
      </div>
    </main>
  );
}

interface InHandProps {
  readonly call: CallView;
  readonly children: ReactNode;
}

function CallInHand({ call, children }: InHandProps) {
  const wanted = usePanel((panel) => panel.keypadOpen);
  const keypad = wanted && (call.state === 'active' || call.state === 'ringing');
  return (
    <>
      <CallDisplay call={call} compact={keypad} />
      {!keypad && children}
      <div className="panel-space" />
      {keypad ? <ToneKeypad call={call} /> : <CallControls call={call} />}
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
