import { at, bestLag, bestPlace, fft } from './fourier.ts';
import { samplesOf } from './speech.ts';

const rate = 10_000;
const frame = 256;
const hop = 128;
const fftSize = 512;
const bands = 15;
const lowestBand = 150;
const segment = 30;
const clipping = 10 ** (15 / 20);
const dynamicRange = 40;

const hann = Float64Array.from(
  { length: frame },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 1)) / (frame + 1)),
);

/**
 * How intelligible recorded speech is, 0 to 1: short-time objective intelligibility (C. Taal et al., "An Algorithm for
 * Intelligibility Prediction of Time-Frequency Weighted Noisy Speech", IEEE TASLP 2011). Both at 10 kHz, aligned, the
 * same length.
 */
export function stoi(clean: Float64Array, heard: Float64Array): number {
  const speaking = framesWithSpeech(clean);
  const x = bandEnvelopes(clean, speaking);
  const y = bandEnvelopes(heard, speaking);
  let sum = 0;
  let count = 0;
  for (let end = segment; end <= speaking.length; end += 1) {
    for (let band = 0; band < bands; band += 1) {
      sum += segmentCorrelation(
        x[band]?.slice(end - segment, end) ?? [],
        y[band]?.slice(end - segment, end) ?? [],
      );
      count += 1;
    }
  }
  if (count === 0) throw new Error(`too little speech to judge: ${speaking.length} frames`);
  return sum / count;
}

/** STOI of a recording of what was spoken, wherever in the recording it begins. */
export async function intelligibility(spokenWav: string, recordedWav: string): Promise<number> {
  const spoken = await samplesOf(spokenWav, rate);
  const recorded = await samplesOf(recordedWav, rate);
  return stoi(spoken, aligned(spoken, recorded));
}

/** Jitter buffers speed speech up or slow it down a little, so the delay is found anew for each piece. */
const piece = 0.3 * rate;
const drift = 0.5 * rate;

/**
 * What was heard of `spoken`, piece by piece where it belongs, silence where nothing was recorded. A delay that changes
 * by less than half a second is a listener's to bear: it harms no word, but would ruin a comparison with one delay for all.
 */
export function aligned(spoken: Float64Array, recorded: Float64Array): Float64Array {
  const delay = bestLag(spoken, recorded);
  const result = new Float64Array(spoken.length);
  for (let start = 0; start < spoken.length; start += piece) {
    const said = spoken.slice(start, start + piece);
    const around = stretch(recorded, start + delay - drift, said.length + 2 * drift);
    const place = bestPlace(said, around);
    result.set(around.subarray(place, place + said.length), start);
  }
  return result;
}

/** `length` samples from `start` on, which may lie outside: silence there. */
const stretch = (samples: Float64Array, start: number, length: number): Float64Array =>
  Float64Array.from({ length }, (_, index) => at(samples, start + index));

/** Offsets of the frames within 40 dB of the loudest: silence says nothing of speech. */
function framesWithSpeech(clean: Float64Array): number[] {
  const energies: number[] = [];
  for (let start = 0; start + frame <= clean.length; start += hop) {
    let energy = 0;
    for (let i = 0; i < frame; i += 1) energy += (at(clean, start + i) * at(hann, i)) ** 2;
    energies.push(10 * Math.log10(energy + 1e-12));
  }
  const floor = energies.reduce((loudest, energy) => Math.max(loudest, energy), -Infinity) - dynamicRange;
  return energies.flatMap((energy, index) => (energy > floor ? [index * hop] : []));
}

/** One-third octave band envelopes: an array for each band, an amplitude for each frame. */
function bandEnvelopes(signal: Float64Array, frames: readonly number[]): number[][] {
  const edges = Array.from({ length: bands }, (_, band) => {
    const centre = lowestBand * 2 ** (band / 3);
    const bin = (frequency: number) => Math.round((frequency * fftSize) / rate);
    return [bin(centre * 2 ** (-1 / 6)), bin(centre * 2 ** (1 / 6))] as const;
  });
  const envelopes = edges.map((): number[] => []);
  for (const start of frames) {
    const re = new Float64Array(fftSize);
    const im = new Float64Array(fftSize);
    for (let i = 0; i < frame; i += 1) re[i] = at(signal, start + i) * at(hann, i);
    fft(re, im);
    for (const [band, [low, high]] of edges.entries()) {
      let energy = 0;
      for (let bin = low; bin < high; bin += 1) energy += at(re, bin) ** 2 + at(im, bin) ** 2;
      envelopes[band]?.push(Math.sqrt(energy));
    }
  }
  return envelopes;
}

/** Correlation of one band over 384 ms, the heard one scaled to the clean one and clipped at -15 dB (eq. 3 to 5). */
function segmentCorrelation(x: readonly number[], y: readonly number[]): number {
  const scale = norm(x) / (norm(y) + Number.EPSILON);
  const clipped = y.map((value, index) => Math.min(value * scale, (x[index] ?? 0) * (1 + clipping)));
  const a = centred(x);
  const b = centred(clipped);
  const product = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return product / (norm(a) * norm(b) + Number.EPSILON);
}

const norm = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
