import { describe, expect, it } from 'vitest';
import { DtmfTones, dtmfSound } from '../../../electron/media/digits/dtmf-tones.ts';
import { toneLevel } from '../../support/fourier.ts';
import { linearOf } from '../../support/tones.ts';

const frequencies = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
/** The peak of a tone of 0 dBm0. */
const zeroDbm0 = 22_300;
const dbm0 = (peak: number): number => 20 * Math.log10(peak / zeroDbm0);

describe('digits as sound (Q.23)', () => {
  it.each([
    ['1', 697, 1209],
    ['2', 697, 1336],
    ['6', 770, 1477],
    ['a', 697, 1633],
    ['D', 941, 1633],
    ['*', 941, 1209],
    ['0', 941, 1336],
    ['#', 941, 1477],
  ])('%s is %i and %i Hz and nothing else, 100 ms long, then 70 ms of silence', (digit, row, column) => {
    const sound = dtmfSound(digit);
    expect(sound.length).toBe(1360);
    const tone = linearOf(sound.subarray(0, 800));
    for (const hertz of frequencies) {
      const level = dbm0(toneLevel(tone, hertz));
      if (hertz === row) expect(level).toBeCloseTo(-11, 0);
      else if (hertz === column) expect(level).toBeCloseTo(-9, 0);
      else expect(level).toBeLessThan(-25);
    }
    expect(sound.subarray(800).every((code) => code === 0xff)).toBe(true);
  });

  it('pauses at a comma and skips what is no digit', () => {
    expect(dtmfSound('1,x2').length).toBe(2 * 1360 + 4000);
  });

  it('plays what comes later after what plays', () => {
    const tones = new DtmfTones();
    expect(tones.isPlaying).toBe(false);
    tones.play('1');
    const first = tones.take(160);
    tones.play('2');
    const all = [first];
    while (tones.isPlaying) all.push(tones.take(160));
    expect(Buffer.concat(all).subarray(0, 2720)).toEqual(dtmfSound('12'));
    expect(all.at(-1)?.length).toBe(160);
  });
});
