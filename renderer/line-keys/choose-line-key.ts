import type { LineKeyView, Snapshot } from '../../electron/contract/snapshot.ts';

/**
 * The key that a number goes out on when none was pressed: the one already lifted, else a free one of the `preferred`
 * extension, else a private free one, else any free one, else one of unknown state.
 */
export function chooseLineKey(
  { lineKeys, calls }: Pick<Snapshot, 'lineKeys' | 'calls'>,
  preferred?: number,
): LineKeyView | null {
  const lifted = calls.find((call) => call.state === 'seizing');
  const own = lineKeys.filter((key) => key.kind === 'line');
  const free = own.filter(({ state }) => state === 'idle' || state === 'call-back-active');
  return (
    own.find((key) => key.index === lifted?.lineKey) ??
    free.find((key) => key.extension === preferred) ??
    free.find((key) => !key.shared) ??
    free[0] ??
    own.find((key) => key.state === 'remote-undefined') ??
    null
  );
}

/** Whether any line is connected at all; without one the dialer says why it cannot call. */
export const anyConnected = ({ extensions }: Pick<Snapshot, 'extensions'>): boolean =>
  extensions.some((extension) => extension.registration === 'registered');
