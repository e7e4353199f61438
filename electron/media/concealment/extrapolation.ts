/**
 * Speech that goes on where none has come: the last period of the voice over and over, as in ITU-T G.711, Appendix I.
 * A voice keeps its pitch for longer than a packet lasts, so a listener hardly notices one that is missing. All at 8 kHz,
 * on a scale of 16 bits.
 */

/** So much of what was heard before is looked at, in samples: 60 ms. */
export const historySamples = 480;

/** The pitch of voices, in samples a period: 400 to 50 Hz. */
const [shortestPeriod, longestPeriod] = [20, 160];
/** The last so many samples are compared with what was a period before. */
const compared = 160;
/** At its end what was made up passes over into what came after, in samples. */
const seam = 32;
/** The first so many samples keep their loudness; then it dies away until silence is reached: nobody speaks one vowel for long. */
const [steady, silent] = [160, 640];

/** `length` samples between `past`, of which the last count most, and `future`, which may be shorter than a period. */
export function bridge(past: Float64Array, future: Float64Array, length: number): Float64Array {
  const period = periodOf(past);
  const cycle = lastCycle(past, period);
  const made = new Float64Array(length);
  for (let i = 0; i < length; i += 1) made[i] = (cycle[i % period] ?? 0) * loudness(i);
  if (future.length >= period) join(made, future, period);
  return made;
}

const loudness = (sample: number): number =>
  Math.min(1, Math.max(0, 1 - (sample - steady) / (silent - steady)));

/** The shift at which the end of what was heard resembles itself most. */
function periodOf(past: Float64Array): number {
  const start = past.length - compared;
  let [best, likest] = [shortestPeriod, Number.NEGATIVE_INFINITY];
  for (let period = shortestPeriod; period <= Math.min(longestPeriod, start); period += 1) {
    let [product, energy] = [0, Number.EPSILON];
    for (let i = start; i < past.length; i += 1) {
      const before = past[i - period] ?? 0;
      product += (past[i] ?? 0) * before;
      energy += before * before;
    }
    const likeness = product / Math.sqrt(energy);
    if (likeness > likest) [best, likest] = [period, likeness];
  }
  return best;
}

/** The last period, its end made to pass over into its beginning: repeated it has no edge. */
function lastCycle(past: Float64Array, period: number): Float64Array {
  const cycle = past.slice(-period);
  const edge = period >> 2;
  for (let i = 0; i < edge; i += 1) {
    const weight = (i + 1) / (edge + 1);
    const place = past.length - edge + i;
    cycle[period - edge + i] = (1 - weight) * (past[place] ?? 0) + weight * (past[place - period] ?? 0);
  }
  return cycle;
}

/** What came after the gap is periodic too, so it tells how the gap ends. */
function join(made: Float64Array, future: Float64Array, period: number): void {
  const length = Math.min(seam, period, made.length);
  for (let i = 0; i < length; i += 1) {
    const weight = (i + 1) / (length + 1);
    const place = made.length - length + i;
    made[place] = (1 - weight) * (made[place] ?? 0) + weight * (future[period - length + i] ?? 0);
  }
}
