import type { AudioDevice, DeviceRole } from '../audio/devices.ts';
import { type Say, useWords } from '../words/words.ts';
import { useAudioDevices } from './audio-devices.ts';

interface Props {
  readonly use: DeviceRole;
  readonly devices: readonly AudioDevice[];
}

export function DeviceChoice({ use, devices }: Props) {
  const say = useWords();
  const { view, choose } = useAudioDevices();
  return (
    <label className="sound-choice-row">
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
