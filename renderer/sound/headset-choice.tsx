import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Headsets } from '../headset/headsets.ts';
import { useWords } from '../words/words.ts';

/** The window's headsets, given in main.tsx. */
export const HeadsetsContext = createContext<Headsets | null>(null);

const none: readonly string[] = [];
const nothing = (): (() => void) => () => {};

/** Whose buttons answer and hang up. Its sound is chosen as that of any device. */
export function HeadsetChoice() {
  const say = useWords();
  const headsets = useContext(HeadsetsContext);
  const names = useSyncExternalStore(
    headsets ? (listener) => headsets.subscribe(listener) : nothing,
    () => headsets?.names ?? none,
  );
  return (
    <div className="sound-headset">
      <span>{say('sound.headset.buttons')}</span>
      <output>{names.length > 0 ? names.join(', ') : say('sound.headset.none')}</output>
      <button type="button" className="popover-action" onClick={() => void headsets?.choose()}>
        {say('sound.headset.connect')}
      </button>
    </div>
  );
}
