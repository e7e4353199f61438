import type { LineKeyView } from '../../electron/contract/snapshot.ts';
import { usePhone } from '../phone-store.ts';

/** One key of the desk by its number; drawn anew only when it changes itself. */
export const useLineKey = (index: number | null): LineKeyView | undefined =>
  usePhone(({ snapshot }) => {
    if (index === null) return undefined;
    // Keys stand in the order of their numbers; the search is for when they do not.
    const expected = snapshot?.lineKeys[index - 1];
    return expected?.index === index ? expected : snapshot?.lineKeys.find((key) => key.index === index);
  });

/** The key has a call of one's own on hold that no colleague can take. */
export const useHeldPrivately = (index: number): boolean =>
  usePhone(
    ({ snapshot }) =>
      snapshot?.calls.some((call) => call.lineKey === index && call.state === 'held' && call.private) ===
      true,
  );
