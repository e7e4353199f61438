import type { LineKeyView, Snapshot } from './snapshot.ts';

type Rest = Omit<Snapshot, 'lineKeys'>;

/**
 * What the window is told of a change. A desk of 500 keys is some 200 kB: to copy that fifty times a second into the
 * sandboxed page takes more time than there is, so only what has changed crosses over.
 */
export type SnapshotUpdate =
  | { readonly whole: Snapshot }
  | { readonly changed: Partial<Rest>; readonly lineKeys: readonly LineKeyView[] };

/** The step from one snapshot to the next; everything, when the line keys are not the same ones any more. */
export function updateBetween(before: Snapshot, after: Snapshot): SnapshotUpdate {
  if (!isEqual(before.lineKeys.map(indexOf), after.lineKeys.map(indexOf))) return { whole: after };
  const { lineKeys: _, ...rest } = after;
  const changed: Partial<Rest> = { ...rest };
  for (const name of namesOf(rest)) if (isEqual(before[name], after[name])) delete changed[name];
  const lineKeys = after.lineKeys.filter((key, place) => !isEqual(before.lineKeys[place], key));
  return { changed, lineKeys };
}

/**
 * The snapshot after an update. What has not changed is the same object as before, so that nothing of it is drawn
 * again. Null while there is nothing that could be changed.
 */
export function updatedSnapshot(before: Snapshot | null, update: SnapshotUpdate): Snapshot | null {
  if ('whole' in update) return update.whole;
  if (!before) return null;
  if (update.lineKeys.length === 0) return { ...before, ...update.changed };
  const changed = new Map(update.lineKeys.map((key) => [key.index, key]));
  const lineKeys = before.lineKeys.map((key) => changed.get(key.index) ?? key);
  return { ...before, ...update.changed, lineKeys };
}

const indexOf = ({ index }: LineKeyView): number => index;
const namesOf = Object.keys as (rest: Rest) => (keyof Rest)[];

/** For what can cross a process border: plain objects, arrays and primitive values. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isRecord(one) || !isRecord(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => isEqual(one[name], other[name]));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
