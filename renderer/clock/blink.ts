import type { Snapshot } from '../../electron/contract/snapshot.ts';
import { stateLook } from '../line-keys/state-look.ts';
import { usePhone } from '../phone-store.ts';

/** A beat in ms: four to the second, so that 2 Hz and 1 Hz fall on the same clock. */
const beat = 250;

/** What the beat of this moment shows: `fast` is 2 Hz, `slow` 1 Hz, `turn` a quarter of a circle each beat. */
export function phaseAt(ms: number): { fast: 'on' | 'off'; slow: 'on' | 'off'; turn: number } {
  const count = Math.floor(ms / beat);
  return { fast: count % 2 === 0 ? 'on' : 'off', slow: count % 4 < 2 ? 'on' : 'off', turn: count * 90 };
}

const moves = (snapshot: Snapshot | null): boolean =>
  snapshot?.lineKeys.some((key) => stateLook[key.state].motion !== 'none') ?? false;

const turns = (snapshot: Snapshot | null): boolean =>
  snapshot?.lineKeys.some((key) => stateLook[key.state].motion === 'turn') ?? false;

/**
 * One clock for everything that blinks: it sets attributes of the root element that the style sheets look at, and
 * stands still while nothing blinks or the user wants no motion. Returns how to stop.
 */
export function startBlinking(root: HTMLElement): () => void {
  const epoch = Date.now() - (Date.now() % 1000);
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let timer: ReturnType<typeof setInterval> | undefined;

  const show = (): void => {
    const { fast, slow, turn } = phaseAt(Date.now() - epoch);
    root.dataset.fast = fast;
    root.dataset.slow = slow;
    // An inherited value that changes has all of the page styled anew: only while something turns.
    if (turns(usePhone.getState().snapshot)) root.style.setProperty('--turn', `${turn}deg`);
  };
  const rest = (): void => {
    clearInterval(timer);
    timer = undefined;
    root.dataset.fast = 'on';
    root.dataset.slow = 'on';
  };
  const follow = (): void => {
    if (still.matches || !moves(usePhone.getState().snapshot)) rest();
    else if (timer === undefined) {
      show();
      timer = setInterval(show, beat);
    }
  };

  follow();
  still.addEventListener('change', follow);
  const unsubscribe = usePhone.subscribe(follow);
  return () => {
    unsubscribe();
    still.removeEventListener('change', follow);
    rest();
  };
}
