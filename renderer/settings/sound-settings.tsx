import { openSettings } from '../panel-store.ts';
import { useWords } from '../words/words.ts';

/** Devices and volumes have a place of their own, which is within reach during a call too; the sheet leads there. */
export function SoundSettings() {
  const say = useWords();
  const show = (): void => {
    openSettings(false);
    // When the sheet is gone: under it, nothing else can be reached.
    requestAnimationFrame(() => document.getElementById('sound-choice')?.showPopover());
  };
  return (
    <button type="button" className="popover-action" onClick={show}>
      {say('settings.devices')}
    </button>
  );
}
