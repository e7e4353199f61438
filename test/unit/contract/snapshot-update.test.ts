import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../electron/contract/snapshot.ts';
import { updateBetween, updatedSnapshot } from '../../../electron/contract/snapshot-update.ts';
import { aCall, aKey, aSnapshot } from '../renderer/views.ts';

const copy = <T>(value: T): T => structuredClone(value);
const keys = [aKey(), aKey({ index: 2, shared: true }), aKey({ index: 3 })];
const before = aSnapshot({ lineKeys: keys, calls: [aCall()] });

const steps: [string, Snapshot][] = [
  ['nothing', before],
  [
    'a key',
    {
      ...before,
      version: 2,
      lineKeys: [aKey(), aKey({ index: 2, state: 'remote-active' }), aKey({ index: 3 })],
    },
  ],
  ['a call that ends', { ...before, version: 2, calls: [] }],
  ['a station that goes', { ...before, station: null, phase: 'first-run', doNotDisturb: true }],
  ['keys that come', { ...before, lineKeys: [...keys, aKey({ index: 4 })] }],
  ['keys that go', { ...before, lineKeys: keys.slice(1) }],
];

describe('what the window is told of a change', () => {
  it.each(steps)('%s: makes the new snapshot of the old one', (_, after) => {
    const update = copy(updateBetween(before, copy(after)));
    expect(updatedSnapshot(before, update)).toEqual(after);
  });

  it('is no more than what has changed', () => {
    const after = copy({ ...before, version: 2 });
    after.lineKeys[1] = aKey({ index: 2, state: 'remote-held' });
    expect(updateBetween(before, after)).toEqual({
      changed: { version: 2 },
      lineKeys: [aKey({ index: 2, state: 'remote-held' })],
    });
  });

  it('leaves what has not changed the very same', () => {
    const after = copy({ ...before, version: 2 });
    after.lineKeys[1] = aKey({ index: 2, state: 'remote-held' });
    const updated = updatedSnapshot(before, updateBetween(before, after));
    expect(updated?.lineKeys[0]).toBe(before.lineKeys[0]);
    expect(updated?.lineKeys[1]).not.toBe(before.lineKeys[1]);
    expect(updated?.calls).toBe(before.calls);
    const quiet = updatedSnapshot(before, updateBetween(before, { ...copy(before), version: 3 }));
    expect(quiet?.lineKeys).toBe(before.lineKeys);
  });

  it('means nothing before the first whole one', () => {
    expect(updatedSnapshot(null, { changed: { version: 2 }, lineKeys: [] })).toBeNull();
    expect(updatedSnapshot(null, { whole: before })).toBe(before);
  });
});
