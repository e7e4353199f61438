import { describe, expect, it } from 'vitest';
import {
  appearancesOf,
  appearancesOfKey,
  type KeyLayout,
  keyOfAppearance,
} from '../../../electron/phone/lines/appearance-map.ts';

const layout = (mapping: KeyLayout['mapping'], keys = 3, callsPerKey = 2): KeyLayout => ({
  keys,
  callsPerKey,
  mapping,
});

describe('appearances on line keys', () => {
  it('lie vertical first: the second call takes the next key', () => {
    const vertical = layout('vertical');
    expect([0, 1, 2, 3, 4, 5, 6].map((it) => keyOfAppearance(it, vertical))).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect([0, 1, 2].map((key) => appearancesOfKey(key, vertical))).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
  });

  it('lie horizontal first: the second call stays on the key', () => {
    const horizontal = layout('horizontal');
    expect([0, 1, 2, 3, 4, 5, 9].map((it) => keyOfAppearance(it, horizontal))).toEqual([0, 0, 1, 1, 2, 2, 2]);
    expect([0, 1, 2].map((key) => appearancesOfKey(key, horizontal))).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it('are as many as a desk phone with its sidecar has keys for, and more', () => {
    for (const keys of [34, 500]) {
      const layout = { keys, callsPerKey: 2, mapping: 'vertical' } as const;
      const all = Array.from({ length: keys }, (_, key) => appearancesOfKey(key, layout)).flat();
      expect(all.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: 2 * keys }, (_, at) => at),
      );
    }
  });

  it('lie nowhere when the extension has no key', () => {
    expect(keyOfAppearance(0, layout('vertical', 0))).toBeNull();
    expect(appearancesOf(layout('vertical', 0))).toEqual([]);
  });

  it('are mapped to keys and back without loss, whatever the layout', () => {
    for (const mapping of ['vertical', 'horizontal'] as const) {
      for (const keys of [1, 2, 3, 7]) {
        for (const callsPerKey of [1, 2]) {
          const here = layout(mapping, keys, callsPerKey);
          const byKey = Array.from({ length: keys }, (_, key) => appearancesOfKey(key, here));
          for (const [key, appearances] of byKey.entries()) {
            for (const appearance of appearances) expect(keyOfAppearance(appearance, here)).toBe(key);
          }
          expect(byKey.flat().toSorted((a, b) => a - b)).toEqual(appearancesOf(here));
        }
      }
    }
  });
});
