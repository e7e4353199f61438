import { useEffect, useRef, useState } from 'react';
import { meterFill } from '../audio/level.ts';
import { checkSound, type SoundCheckStage } from '../audio/sound-check.ts';
import { useSoundPreferences } from '../audio/sound-preferences.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { useAudioDevices } from './audio-devices.ts';

/** A call to oneself: speak for a few seconds, then hear what others would have heard. */
export function SoundCheck() {
  const say = useWords();
  const { inUse } = useAudioDevices().view;
  const inCall = usePhone(({ snapshot }) => (snapshot?.calls.length ?? 0) > 0);
  const [stage, setStage] = useState<SoundCheckStage | 'idle'>('idle');
  const [level, setLevel] = useState(0);
  const stop = useRef<() => void>(() => {});
  useEffect(() => () => stop.current(), []);
  const running = stage === 'listening' || stage === 'playing';

  // A call needs the devices more, and must not be heard twice.
  useEffect(() => {
    if (inCall) stop.current();
  }, [inCall]);

  const begin = (): void => {
    stop.current();
    setStage('listening');
    const { callVolume, ...treatment } = useSoundPreferences.getState();
    stop.current = checkSound({
      microphone: inUse.microphone,
      speaker: inUse.speaker,
      treatment,
      volume: callVolume,
      onStage: setStage,
      onLevel: setLevel,
    });
  };

  return (
    <div className="sound-check">
      <button
        type="button"
        className="popover-action"
        disabled={inCall}
        onClick={running ? () => stop.current() : begin}
      >
        {say(running ? 'sound.check.stop' : 'sound.check.start')}
      </button>
      <meter
        className="sound-meter"
        aria-label={say('sound.check.level')}
        max={100}
        value={Math.round(meterFill(level) * 100)}
      />
      <p role="status">{say(`sound.check.${stage}`)}</p>
    </div>
  );
}
