import type { AudioDevice, DeviceRole } from '../audio/devices.ts';
import { type Say, useWords } from '../words/words.ts';
import { useAudioDevices } from './audio-devices.ts';

/** Which microphone, speaker and ringer to use. */
export function SoundChoice() {
  const say = useWords();
  const { microphones, speakers } = useAudioDevices().view;
  return (
    <div
      id="sound-choice"
      popover="auto"
      className="popover floating"
      role="dialog"
      aria-label={say('sound.title')}
    >
      <h2>{say('sound.title')}</h2>
      <DeviceChoice use="microphone" devices={microphones} />
      <DeviceChoice use="speaker" devices={speakers} />
      <DeviceChoice use="ringer" devices={speakers} />
    </div>
  );
}

interface Props {
  readonly use: DeviceRole;
  readonly devices: readonly AudioDevice[];
}

function DeviceChoice({ use, devices }: Props) {
  const say = useWords();
  const { view, choose } = useAudioDevices();
  return (
    <label className="device-choice">
      {say(`sound.${use}`)}
      <select
        value={view.inUse[use]}
        disabled={devices.length === 0}
        onChange={(event) => choose(use, event.target.value || null)}
      >
        <option value="">{defaultName(use, devices, say)}</option>
        {devices.map(({ id, label }) => (
          <option key={id} value={id}>
            {label || id}
          </option>
        ))}
      </select>
    </label>
  );
}

function defaultName(use: DeviceRole, devices: readonly AudioDevice[], say: Say): string {
  if (devices.length > 0) return say('sound.systemDefault');
  return say(use === 'microphone' ? 'sound.noMicrophone' : 'sound.noSpeaker');
}
