import type { Rate } from './codec.ts';

/** Taps on each side of the middle one that are not 0. */
const half = 16;
/** Of Kaiser's window: 70 dB. */
const beta = 5.5;

/** The modified Bessel function of order 0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-9 * sum; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * One side of a half-band low pass at 16 kHz: its taps at 1, 3, 5 ... from the middle, which is 1/2; those between are
 * 0. Sound up to 3.6 kHz passes as it is; of what lies above 4.6 kHz less than 1/2500 is left.
 */
const taps = Float64Array.from({ length: half }, (_, index) => {
  const place = 2 * index + 1;
  const window = bessel(beta * Math.sqrt(1 - (place / (2 * half)) ** 2)) / bessel(beta);
  return (Math.sin((Math.PI * place) / 2) / (Math.PI * place)) * window;
});

/** The sound of one voice at another rate: piece after piece without a seam, 2 ms later. */
export class Resampler {
  readonly #resample: (samples: Int16Array) => Int16Array;

  constructor(from: Rate, to: Rate) {
    this.#resample = from === to ? (samples) => samples : from < to ? upwards() : downwards();
  }

  /** Pieces that become half as long have an even number of samples. */
  take(samples: Int16Array): Int16Array {
    return this.#resample(samples);
  }
}

/** A sample stays (the middle tap), and after it comes what those around make of it. */
function upwards(): (samples: Int16Array) => Int16Array {
  const before = 2 * half - 1;
  let line = new Float64Array(before);
  return (samples) => {
    line = grown(line, before, samples, 0, 1);
    const result = new Int16Array(2 * samples.length);
    for (let index = 0; index < samples.length; index += 1) {
      const middle = index + half - 1;
      result[2 * index] = line[middle] ?? 0;
      result[2 * index + 1] = toSample(2 * around(line, middle));
    }
    return result;
  };
}

/** Every second sample, and what those between add to it. */
function downwards(): (samples: Int16Array) => Int16Array {
  const before = 2 * half - 1;
  let [line, between] = [new Float64Array(half), new Float64Array(before)];
  return (samples) => {
    line = grown(line, half, samples, 1, 2);
    between = grown(between, before, samples, 0, 2);
    const result = new Int16Array(samples.length >> 1);
    for (let index = 0; index < result.length; index += 1) {
      result[index] = toSample((line[index] ?? 0) / 2 + around(between, index + half - 1));
    }
    return result;
  };
}

/** The last `kept` of a line, and every `step`-th of the samples after them. */
function grown(
  line: Float64Array,
  kept: number,
  samples: Int16Array,
  first: number,
  step: number,
): Float64Array<ArrayBuffer> {
  const next = new Float64Array(kept + Math.floor(samples.length / step));
  next.set(line.subarray(line.length - kept));
  for (let at = kept, from = first; at < next.length; at += 1, from += step) next[at] = samples[from] ?? 0;
  return next;
}

/** The taps over what lies around the place between `line[at]` and the next. */
function around(line: Float64Array, at: number): number {
  let sum = 0;
  for (let tap = 0; tap < half; tap += 1) {
    sum += (taps[tap] ?? 0) * ((line[at - tap] ?? 0) + (line[at + 1 + tap] ?? 0));
  }
  return sum;
}

const toSample = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));
