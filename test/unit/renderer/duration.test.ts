import { describe, expect, it } from 'vitest';
import { phaseAt } from '../../../renderer/clock/blink.ts';
import { clockTime, isoDuration } from '../../../renderer/words/duration.ts';

describe('a call timer', () => {
  it.each([
    [-3000, '0:00'],
    [0, '0:00'],
    [42_999, '0:42'],
    [725_000, '12:05'],
    [3_599_999, '59:59'],
    [3_600_000, '1:00:00'],
    [36_129_000, '10:02:09'],
  ])('shows %i ms as %s', (ms, shown) => {
    expect(clockTime(ms)).toBe(shown);
  });

  it('is an ISO 8601 duration for machines', () => {
    expect(isoDuration(134_000)).toBe('PT2M14S');
  });
});

describe('the blink clock', () => {
  it('blinks fast at 2 Hz and slow at 1 Hz, in step', () => {
    const beats = [0, 250, 500, 750, 1000, 1250].map(phaseAt);
    expect(beats.map(({ fast }) => fast)).toEqual(['on', 'off', 'on', 'off', 'on', 'off']);
    expect(beats.map(({ slow }) => slow)).toEqual(['on', 'on', 'off', 'off', 'on', 'on']);
  });

  it('turns a quarter each beat and never back', () => {
    expect([0, 250, 1000].map((ms) => phaseAt(ms).turn)).toEqual([0, 90, 360]);
  });
});
