import type { Snapshot } from '../../electron/contract/snapshot.ts';

/** Where a number may have a name. */
export type Known = Pick<Snapshot, 'calls' | 'lineKeys' | 'history'>;

/** What a number is called here: by the key that watches it, or as it called itself in an earlier call; else itself. */
export function knownName({ calls, lineKeys, history }: Known, number: string): string {
  const watching = lineKeys.find(({ watched }) => watched === number)?.label;
  const named = [...calls, ...history].find(({ remote }) => remote.number === number && remote.name);
  return watching ?? named?.remote.name ?? number;
}
