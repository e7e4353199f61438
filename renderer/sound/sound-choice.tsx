import { setSoundPreferences, useSoundPreferences } from '../audio/sound-preferences.ts';
import { ListenButton } from '../settings/listen-button.tsx';
import { useWords } from '../words/words.ts';
import { useAudioDevices } from './audio-devices.ts';
import { DeviceChoice } from './device-choice.tsx';
import { HeadsetChoice } from './headset-choice.tsx';
import { SoundCheck } from './sound-check.tsx';
import './sound.css';

/** What one hears and speaks with, how loud, and whether it works. */
export function SoundChoice() {
  const say = useWords();
  const { microphones, speakers } = useAudioDevices().view;
  return (
    <div
      id="sound-choice"
      popover="auto"
      className="popover floating sound-choice"
      role="dialog"
      aria-label={say('sound.title')}
    >
      <h2>{say('sound.title')}</h2>
      <DeviceChoice use="microphone" devices={microphones} />
      <Treatment name="echoCancellation" />
      <Treatment name="noiseSuppression" />
      <Treatment name="autoGainControl" />
      <DeviceChoice use="speaker" devices={speakers} />
      <Volume name="callVolume" />
      <div className="sound-ring">
        <DeviceChoice use="ringer" devices={speakers} />
        <ListenButton ring={1} name={say('sound.ringer')} />
      </div>
      <Volume name="ringVolume" />
      <SoundCheck />
      <HeadsetChoice />
    </div>
  );
}

function Volume({ name }: { readonly name: 'callVolume' | 'ringVolume' }) {
  const say = useWords();
  const volume = useSoundPreferences((preferences) => preferences[name]);
  const percent = Math.round(volume * 100);
  return (
    <label className="sound-volume">
      <span>{say(`sound.${name}`)}</span>
      <input
        type="range"
        min={0}
        max={100}
        step={5}
        value={percent}
        aria-valuetext={`${percent} %`}
        onChange={(event) => setSoundPreferences({ [name]: Number(event.target.value) / 100 })}
      />
      <output>{percent} %</output>
    </label>
  );
}

function Treatment({ name }: { readonly name: 'echoCancellation' | 'noiseSuppression' | 'autoGainControl' }) {
  const say = useWords();
  const on = useSoundPreferences((preferences) => preferences[name]);
  return (
    <label className="sound-switch">
      <span>{say(`sound.${name}`)}</span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        checked={on}
        onChange={(event) => setSoundPreferences({ [name]: event.target.checked })}
      />
    </label>
  );
}
