import { describe, expect, it } from 'vitest';
import { lineKeyState } from '../../../electron/contract/snapshot.ts';
import { arrange, isFound, labelGroupOf, stateGroupOf } from '../../../renderer/line-keys/arrangement.ts';
import { nextInGrid } from '../../../renderer/line-keys/grid-place.ts';
import { aKey } from './views.ts';

const keys = [
  aKey({ index: 1, label: 'Sales 12' }),
  aKey({ index: 2, label: 'Bob Miller', state: 'remote-active', who: 'Bob', with: '(030) 555 1234' }),
  aKey({ index: 3, label: 'Sales 3', state: 'remote-ringing' }),
  aKey({ index: 4, label: '6012', watched: '6012', kind: 'watch' }),
];

describe('many keys', () => {
  it('stand in their order', () => {
    expect(arrange(keys, { search: '', grouping: 'number' })).toEqual([1, 2, 3, 4]);
  });

  it('are grouped by state, the pressing ones first, empty groups left out', () => {
    expect(arrange(keys, { search: '', grouping: 'state' })).toEqual([
      'state:ringing',
      3,
      'state:busy',
      2,
      'state:free',
      1,
      4,
    ]);
  });

  it('are grouped by what their labels have in common', () => {
    expect(arrange(keys, { search: '', grouping: 'label' })).toEqual([
      'label:60',
      4,
      'label:B',
      2,
      'label:Sales',
      1,
      3,
    ]);
    expect(['Sales-7', 'ärzte', '7', ''].map(labelGroupOf)).toEqual(['Sales', 'Ä', '7', '']);
  });

  it('are found by label, number, who and with whom, blanks or not', () => {
    const found = (search: string) => arrange(keys, { search, grouping: 'number' });
    expect(found('sales')).toEqual([1, 3]);
    expect(found('60 12')).toEqual([4]);
    expect(found('5551234')).toEqual([2]);
    expect(found('nobody')).toEqual([]);
  });

  it('are found by the second call on them too', () => {
    const second = { number: 1, state: 'remote-held', who: 'Carla', with: null, since: null } as const;
    expect(isFound(aKey({ appearances: [second] }), 'carla')).toBe(true);
  });

  it('have a group for every state', () => {
    expect(new Set(lineKeyState.options.map(stateGroupOf))).toEqual(
      new Set(['ringing', 'held', 'busy', 'free', 'unknown']),
    );
  });
});

describe('the arrow keys among keys that flow', () => {
  // Two rows of three, and a last one of one.
  const places = [0, 1, 2, 3, 4, 5, 6].map((place) => ({
    left: (place % 3) * 150,
    top: Math.floor(place / 3) * 44,
  }));

  it('lead to the neighbour', () => {
    expect(nextInGrid('ArrowRight', 0, places)).toBe(1);
    expect(nextInGrid('ArrowLeft', 3, places)).toBe(2);
    expect(nextInGrid('ArrowDown', 1, places)).toBe(4);
    expect(nextInGrid('ArrowUp', 5, places)).toBe(2);
  });

  it('lead to the nearest in a shorter row', () => {
    expect(nextInGrid('ArrowDown', 5, places)).toBe(6);
    expect(nextInGrid('ArrowUp', 6, places)).toBe(3);
  });

  it('lead nowhere at the edges', () => {
    expect(nextInGrid('ArrowUp', 1, places)).toBeNull();
    expect(nextInGrid('ArrowDown', 6, places)).toBeNull();
    expect(nextInGrid('ArrowLeft', 0, places)).toBeNull();
    expect(nextInGrid('Enter', 0, places)).toBeNull();
    expect(nextInGrid('End', 0, places)).toBe(6);
  });
});
