import type { CallView } from '../../electron/contract/snapshot.ts';

/** Which ring announces a call: the one chosen for its caller, else its line key's own. */
export const ringOf = (
  { lineKey, remote }: Pick<CallView, 'lineKey' | 'remote'>,
  callerRings: Readonly<Record<string, number>>,
): number => (Object.hasOwn(callerRings, remote.number) ? (callerRings[remote.number] ?? lineKey) : lineKey);
