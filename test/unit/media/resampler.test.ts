import { describe, expect, it } from 'vitest';
import type { Rate } from '../../../electron/media/codecs/codec.ts';
import { Resampler } from '../../../electron/media/codecs/resampler.ts';
import { toneLevel } from '../../support/fourier.ts';
import { toneSamples } from '../../support/tones.ts';

const peak = 8000;

/** A second of a tone through the resampler in pieces of so many milliseconds, after its first 100 ms. */
function through(from: Rate, to: Rate, hertz: number, ms = 20): Float64Array {
  const resampler = new Resampler(from, to);
  const pieces = Array.from({ length: 1000 / ms }, (_, piece) =>
    resampler.take(toneSamples(hertz, piece * ms * from, ms * from, from, peak)),
  );
  return Float64Array.from(pieces.flatMap((piece) => [...piece])).subarray(100 * to);
}

const decibels = (sound: Float64Array, hertz: number, rate: Rate): number =>
  20 * Math.log10(Math.max(toneLevel(sound, hertz, 1000 * rate), 1e-3) / peak);

describe.each([
  [8, 16],
  [16, 8],
] as const)('from %i to %i kHz', (from, to) => {
  it.each([100, 300, 1000, 2000, 3000, 3400, 3500])('sound of %i Hz is as loud as before', (hertz) => {
    expect(Math.abs(decibels(through(from, to, hertz), hertz, to))).toBeLessThan(0.1);
  });

  it('does not depend on the length of the pieces', () => {
    expect(through(from, to, 1000, 10)).toEqual(through(from, to, 1000, 20));
    expect(through(from, to, 1000, 50)).toEqual(through(from, to, 1000, 20));
  });

  it('is 2 ms later and no more', () => {
    const sound = through(from, to, 300);
    const late = toneSamples(300, (100 - 2) * to, sound.length, to, peak);
    // A tone of 300 Hz turns by 0.15 radian in 0.08 ms.
    const worst = sound.reduce((most, value, at) => Math.max(most, Math.abs(value - (late[at] ?? 0))), 0);
    expect(worst).toBeLessThan(0.15 * peak);
  });

  it('keeps the loudest within the scale', () => {
    const resampler = new Resampler(from, to);
    const square = Int16Array.from({ length: 40 * from }, (_, at) => (at % 20 < 10 ? 32_767 : -32_768));
    const sound = resampler.take(square).subarray(5 * to);
    expect(Math.max(...sound)).toBe(32_767);
    expect(Math.min(...sound)).toBe(-32_768);
  });
});

describe('what has no place at 8 kHz', () => {
  it.each([4600, 5000, 6000, 7000, 7900])('is not heard mirrored: %i Hz', (hertz) => {
    expect(decibels(through(16, 8, hertz), 8000 - hertz, 8)).toBeLessThan(-60);
  });

  it.each([300, 1000, 2000, 3000, 3400])('is not made up from %i Hz', (hertz) => {
    expect(decibels(through(8, 16, hertz), 8000 - hertz, 16)).toBeLessThan(-60);
  });
});
