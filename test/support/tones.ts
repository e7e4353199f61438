import type { Rate } from '../../electron/media/codecs/codec.ts';
import { fromLinear, toLinear } from '../../electron/media/codecs/g711.ts';
import { toneLevel } from './fourier.ts';

/** The code of PCMU at a place of a sound, counted in samples. */
export type Sound = (position: number) => number;

export const tone =
  (hertz: number, peak = 8000): Sound =>
  (position) =>
    fromLinear(Math.round(peak * Math.sin((2 * Math.PI * hertz * position) / 8000)));

/** So many samples of a sound. */
export const stretch = (sound: Sound, position: number, samples: number): Buffer =>
  Buffer.from(Array.from({ length: samples }, (_, index) => sound(position + index)));

export const linearOf = (pcmu: Uint8Array): Float64Array => Float64Array.from(pcmu, toLinear);

/** So many samples of a tone, `rate` to a millisecond. */
export const toneSamples = (
  hertz: number,
  position: number,
  samples: number,
  rate: Rate,
  peak = 8000,
): Int16Array =>
  Int16Array.from({ length: samples }, (_, index) =>
    Math.round(peak * Math.sin((2 * Math.PI * hertz * (position + index)) / (1000 * rate))),
  );

/** Which of these tones (Hz) are in a piece of PCMU with at least half, and none with less than a fiftieth of `peak`. */
export const tonesIn = (pcmu: Uint8Array, candidates: readonly number[], peak = 8000): number[] =>
  tonesInSamples(linearOf(pcmu), candidates, 8, peak);

/** The same of samples. */
export function tonesInSamples(
  sound: Float64Array,
  candidates: readonly number[],
  rate: Rate,
  peak = 8000,
): number[] {
  return candidates.filter((hertz) => {
    const level = toneLevel(sound, hertz, 1000 * rate) / peak;
    if (level > 0.02 && level < 0.5) throw new Error(`${hertz} Hz at ${level.toFixed(3)} of what was said`);
    return level >= 0.5;
  });
}
