import { describe, expect, it } from 'vitest';
import { aligned, stoi } from '../../support/intelligibility.ts';

const rate = 10_000;

/** A small seeded generator (mulberry32): the same "voices" in every run. */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const noise = (seconds: number, seed: number): Float64Array => {
  const random = randomness(seed);
  return Float64Array.from({ length: seconds * rate }, () => random() + random() + random() - 1.5);
};

/** Something shaped like speech: syllables of changing pitch, timbre and loudness, hissing now and then. */
function voice(seconds: number, seed: number): Float64Array {
  const random = randomness(seed);
  const samples = new Float64Array(seconds * rate);
  let start = 0;
  while (start < samples.length) {
    const length = Math.round((0.08 + 0.2 * random()) * rate);
    const pitch = 90 + 120 * random();
    const formant = 300 + 3000 * random();
    const loudness = random() < 0.2 ? 0 : 0.2 + 0.8 * random();
    const hiss = random() < 0.25 ? 0.6 : 0.02;
    for (let i = 0; i < length && start + i < samples.length; i += 1) {
      const shape = Math.sin((Math.PI * i) / length) * loudness;
      let sample = hiss * (random() - 0.5);
      for (let harmonic = 1; harmonic * pitch < 4000; harmonic += 1) {
        const distance = (harmonic * pitch - formant) / 500;
        sample +=
          (Math.sin((2 * Math.PI * pitch * harmonic * i) / rate) * (Math.exp(-distance * distance) + 0.05)) /
          2;
      }
      samples[start + i] = shape * sample;
    }
    start += length;
  }
  return samples;
}

const power = (samples: Float64Array): number => samples.reduce((sum, s) => sum + s * s, 0) / samples.length;

function mixedWithNoise(samples: Float64Array, snr: number): Float64Array {
  const hum = noise(samples.length / rate, 99);
  const gain = Math.sqrt(power(samples) / power(hum) / 10 ** (snr / 10));
  return samples.map((sample, index) => sample + gain * (hum[index] ?? 0));
}

describe('short-time objective intelligibility', () => {
  const speech = voice(8, 1);

  it('is one for what is heard as it was spoken, however loud', () => {
    expect(stoi(speech, speech)).toBeCloseTo(1, 6);
    expect(
      stoi(
        speech,
        speech.map((sample) => sample / 7),
      ),
    ).toBeCloseTo(1, 6);
  });

  it('falls with every bit of noise', () => {
    const scores = [30, 20, 10, 0, -10].map((snr) => stoi(speech, mixedWithNoise(speech, snr)));
    expect([...scores].sort((a, b) => b - a)).toEqual(scores);
    expect(scores[0]).toBeGreaterThan(0.95);
    expect(scores.at(-1)).toBeLessThan(0.6);
  });

  it('does not take one voice for another, nor silence for a voice', () => {
    expect(stoi(speech, aligned(speech, voice(8, 2)))).toBeLessThan(0.4);
    expect(stoi(speech, new Float64Array(speech.length))).toBeLessThan(0.05);
  });

  it('finds the voice in a longer recording, late or cut', () => {
    const late = new Float64Array(speech.length + 2 * rate);
    late.set(speech, 12_345);
    expect(aligned(speech, late)).toEqual(speech);
    const cut = aligned(speech, speech.slice(3000));
    expect(cut.slice(3000)).toEqual(speech.slice(3000));
    expect(power(cut.slice(0, 3000))).toBe(0);
  });

  it('refuses to judge a recording without speech in it', () => {
    expect(() => stoi(new Float64Array(1000), new Float64Array(1000))).toThrow('too little speech');
  });
});
