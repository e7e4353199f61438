import type { DeviceState } from '../../electron/contract/snapshot.ts';
import { doNotDisturb } from '../call/call-actions.ts';
import { HistoryButton } from '../history/history-button.tsx';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { stateLook } from '../line-keys/state-look.ts';
import { openSettings, openShortcuts } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { SoundChoice } from '../sound/sound-choice.tsx';
import { Icon, type IconName } from '../theme/icon.tsx';
import { type Say, useWords } from '../words/words.ts';
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
  const words = say(registrationWords[state], { numbers: numbers.join(', '), pbx });
  return (
    <button
      type="button"
      className="status-item status-registration"
      popoverTarget="station"
      aria-label={words}
      data-tone={look.tone}
      data-motion={look.motion}
    >
      <StateGlyph name={look.glyph} />
      <span className="status-words">{words}</span>
      <span className="status-numbers">{numbers.join(', ')}</span>
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
  const microphone = audio?.microphone ?? 'unknown';
  const speaker = audio?.speaker ?? 'unknown';
  const ofMicrophone = deviceWords('microphone', microphone, say);
  const ofSpeaker = deviceWords('speaker', speaker, say);
  const whole = `${ofMicrophone}, ${ofSpeaker}`;
  return (
    <button
      type="button"
      className="status-item"
      popoverTarget="sound-choice"
      aria-label={`${say('sound.title')}: ${whole}`}
      title={whole}
    >
      <Device icon="microphone" words={ofMicrophone} state={microphone} />
      <Device icon="sound" words={ofSpeaker} state={speaker} />
    </button>
  );
}

const isBad = (state: DeviceState): boolean => state === 'missing' || state === 'denied';

/** What it is, and what is wrong with it. */
function deviceWords(device: 'microphone' | 'speaker', state: DeviceState, say: Say): string {
  const name = say(`status.${device}`);
  return isBad(state) ? `${name}: ${say(`status.device.${state}`)}` : name;
}

interface DeviceProps {
  readonly icon: IconName;
  readonly words: string;
  readonly state: DeviceState;
}

const Device = ({ icon, words, state }: DeviceProps) => (
  <span className="status-device" data-bad={isBad(state) || undefined}>
    <Icon name={isBad(state) ? 'caution' : icon} />
    <span className="status-device-name">{words}</span>
  </span>
);
