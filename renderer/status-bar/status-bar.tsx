import type { DeviceState } from '../../electron/contract/snapshot.ts';
import { doNotDisturb } from '../call/call-actions.ts';
import { HistoryButton } from '../history/history-button.tsx';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { stateLook } from '../line-keys/state-look.ts';
import { openSettings, openShortcuts } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { SoundChoice } from '../sound/sound-choice.tsx';
import { Icon, type IconName } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { registrationLook, registrationWords } from './registration-look.ts';
import { registrationSummary } from './registration-summary.ts';
import { StationPopover } from './station-popover.tsx';
import './status-bar.css';

/** The foot of the window: registered as whom and where, microphone, speaker. */
export function StatusBar() {
  const say = useWords();
  return (
    <footer className="status-bar">
      <Registration />
      <span className="status-space" />
      <DoNotDisturb />
      <HistoryButton />
      <Devices />
      <button
        type="button"
        className="status-item"
        aria-label={say('status.shortcuts')}
        title={say('status.shortcuts')}
        onClick={() => openShortcuts(true)}
      >
        <Icon name="question" />
      </button>
      <button
        type="button"
        className="status-item"
        aria-label={say('settings.title')}
        aria-keyshortcuts="Control+, Meta+,"
        title={say('settings.title')}
        onClick={() => openSettings(true)}
      >
        <Icon name="settings" />
      </button>
      <StationPopover />
      <SoundChoice />
    </footer>
  );
}

function Registration() {
  const say = useWords();
  const snapshot = usePhone((phone) => phone.snapshot);
  if (!snapshot?.station) return null;
  const { station, extensions } = snapshot;
  const { state, numbers } = registrationSummary(extensions);
  const look = stateLook[registrationLook[state]];
  const { address, port } = station.pbx;
  const pbx = station.practice ? say('status.practicePbx') : `${address}:${port}`;
  return (
    <button
      type="button"
      className="status-item status-registration"
      popoverTarget="station"
      data-tone={look.tone}
      data-motion={look.motion}
    >
      <StateGlyph name={look.glyph} />
      <span className="status-words">
        {say(registrationWords[state], { numbers: numbers.join(', '), pbx })}
      </span>
    </button>
  );
}

/** A switch that says by shape, word and place whether the phone rings. */
function DoNotDisturb() {
  const say = useWords();
  const on = usePhone(({ snapshot }) => snapshot?.doNotDisturb ?? false);
  return (
    <button
      type="button"
      className="status-item status-dnd"
      role="switch"
      aria-checked={on}
      aria-label={say('dnd.name')}
      aria-keyshortcuts="Control+D Meta+D"
      title={say(on ? 'dnd.on' : 'dnd.off')}
      onClick={() => doNotDisturb(!on)}
    >
      <Icon name={on ? 'silence' : 'bell'} />
      {on && <span className="status-words">{say('dnd.name')}</span>}
    </button>
  );
}

function Devices() {
  const audio = usePhone(({ snapshot }) => snapshot?.audio);
  const say = useWords();
  return (
    <button
      type="button"
      className="status-item"
      popoverTarget="sound-choice"
      aria-label={say('sound.title')}
    >
      <Device icon="microphone" name={say('status.microphone')} state={audio?.microphone ?? 'unknown'} />
      <Device icon="sound" name={say('status.speaker')} state={audio?.speaker ?? 'unknown'} />
    </button>
  );
}

interface DeviceProps {
  readonly icon: IconName;
  readonly name: string;
  readonly state: DeviceState;
}

function Device({ icon, name, state }: DeviceProps) {
  const say = useWords();
  const bad = state === 'missing' || state === 'denied';
  return (
    <span className="status-device" data-bad={bad || undefined}>
      <Icon name={bad ? 'caution' : icon} />
      <span className="status-device-name">{bad ? `${name}: ${say(`status.device.${state}`)}` : name}</span>
    </span>
  );
}
