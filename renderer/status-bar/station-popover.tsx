import { useState } from 'react';
import type { ExtensionView } from '../../electron/contract/snapshot.ts';
import { saveTrace, send } from '../commands.ts';
import { draftOf, useDraft } from '../first-run/draft.ts';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { stateLook } from '../line-keys/state-look.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { registrationLook } from './registration-look.ts';

/** Behind the registration: each extension with its state, and the way to another PBX. */
export function StationPopover() {
  const say = useWords();
  const snapshot = usePhone((phone) => phone.snapshot);
  const station = snapshot?.station;
  return (
    <div
      id="station"
      popover="auto"
      className="popover floating"
      role="dialog"
      aria-label={say('station.title')}
    >
      {station && (
        <>
          <h2>{station.practice ? say('status.practicePbx') : station.name || say('station.title')}</h2>
          <p className="popover-about">{`${station.pbx.address}:${station.pbx.port}`}</p>
          <ul>
            {snapshot.extensions.map((extension) => (
              <Extension key={extension.index} extension={extension} />
            ))}
          </ul>
          <button
            type="button"
            className="popover-action"
            popoverTarget="station"
            popoverTargetAction="hide"
            onClick={() => void saveTrace()}
          >
            {say('station.saveTrace')}
          </button>
          <LeavePbx practice={station.practice} busy={snapshot.calls.length > 0} />
        </>
      )}
    </div>
  );
}

function Extension({ extension }: { readonly extension: ExtensionView }) {
  const say = useWords();
  const { registration, localPort, reason, userId, sharedUserId } = extension;
  const { tone, glyph, motion } = stateLook[registrationLook[registration]];
  return (
    <li className="popover-extension" data-tone={tone} data-motion={motion}>
      <StateGlyph name={glyph} />
      <div>
        <strong>{sharedUserId === null ? userId : say('station.sharedBy', { number: sharedUserId })}</strong>
        <p>
          {registration === 'registered'
            ? say('station.registered', { port: localPort ?? '' })
            : (reason ?? say(`station.${registration}`))}
        </p>
      </div>
      {registration === 'failed' && (
        <button
          type="button"
          className="word-button"
          onClick={() => void send('retry', { extension: extension.index })}
        >
          {say('problem.retry')}
        </button>
      )}
    </li>
  );
}

interface LeaveProps {
  readonly practice: boolean;
  /** There are calls that leaving would end. */
  readonly busy: boolean;
}

/** Leaving ends calls, so it asks first when there are some. */
function LeavePbx({ practice, busy }: LeaveProps) {
  const say = useWords();
  const [asking, setAsking] = useState(false);
  const leave = (): void => {
    const { snapshot } = usePhone.getState();
    if (snapshot) useDraft.setState((draft) => draftOf(snapshot, draft));
    void send('disconnect', {});
  };
  if (!asking || !busy) {
    return (
      <button type="button" className="popover-action" onClick={busy ? () => setAsking(true) : leave}>
        {say(practice ? 'station.leavePractice' : 'station.change')}
      </button>
    );
  }
  return (
    <div className="popover-sure">
      <p>{say('station.endsCalls')}</p>
      <button type="button" className="popover-action" onClick={() => setAsking(false)}>
        {say('station.stay')}
      </button>
      <button type="button" className="popover-action" data-tone="end" onClick={leave}>
        {say('station.sure')}
      </button>
    </div>
  );
}
