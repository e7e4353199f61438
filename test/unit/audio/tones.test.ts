import { describe, expect, it } from 'vitest';
import { renderRing, renderTone, type ToneName } from '../../../renderer/audio/tones.ts';

const rate = 8000;

/** Amplitude of one frequency in a stretch of sound (Goertzel's sum, plainly). */
function amplitude(samples: Float32Array, frequency: number): number {
  let [re, im] = [0, 0];
  for (const [index, sample] of samples.entries()) {
    re += sample * Math.cos((2 * Math.PI * frequency * index) / rate);
    im += sample * Math.sin((2 * Math.PI * frequency * index) / rate);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}

const loudest = (samples: Float32Array): number =>
  samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

describe("the phone's tones", () => {
  it.each<[ToneName, number[], number, number]>([
    ['dial', [350, 440], 1, 1],
    ['ringback', [440, 480], 2, 6],
    ['busy', [480, 620], 0.5, 1],
    ['call-waiting', [440], 0.3, 10],
  ])('%s has its frequencies and its cadence', (name, frequencies, on, period) => {
    const samples = renderTone(name, rate);
    expect(samples).toHaveLength(period * rate);
    const sounding = samples.subarray(0, on * rate);
    for (const frequency of [350, 440, 480, 620]) {
      if (frequencies.includes(frequency)) expect(amplitude(sounding, frequency)).toBeGreaterThan(0.08);
      else expect(amplitude(sounding, frequency)).toBeLessThan(0.01);
    }
    expect(loudest(samples.subarray(on * rate))).toBe(0);
    expect(loudest(samples)).toBeLessThanOrEqual(0.21);
  });

  it('loops without a click', () => {
    for (const name of ['dial', 'ringback', 'busy', 'call-waiting'] as const) {
      const samples = renderTone(name, 48_000);
      expect(Math.abs((samples.at(-1) ?? 1) - (samples[0] ?? 1))).toBeLessThan(0.02);
    }
  });
});

describe('the ring', () => {
  it('is a motif that has faded before it comes again, and never clips', () => {
    const samples = renderRing(1, rate);
    expect(samples).toHaveLength(3 * rate);
    expect(loudest(samples)).toBeGreaterThan(0.2);
    expect(loudest(samples)).toBeLessThanOrEqual(1);
    expect(loudest(samples.subarray(2.9 * rate))).toBeLessThan(0.001);
  });

  it('differs from line key to line key', () => {
    const rings = new Set(
      Array.from({ length: 32 }, (_, key) =>
        renderRing(key + 1, rate)
          .subarray(0, rate)
          .join(),
      ),
    );
    expect(rings.size).toBe(32);
  });
});
