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

/** Which of these tones (Hz) are in a piece of PCMU with at least half, and none with less than a fiftieth of `peak`. */
export function tonesIn(pcmu: Uint8Array, candidates: readonly number[], peak = 8000): number[] {
  const sound = linearOf(pcmu);
  return candidates.filter((hertz) => {
    const level = toneLevel(sound, hertz) / peak;
    if (level > 0.02 && level < 0.5) throw new Error(`${hertz} Hz at ${level.toFixed(3)} of what was said`);
    return level >= 0.5;
  });
}
