import { describe, expect, it } from 'vitest';
import { type ToneRegion, toneRegion } from '../../../electron/contract/settings.ts';
import type { ToneName } from '../../../renderer/audio/tone-plans.ts';
import { renderRing, renderTone } from '../../../renderer/audio/tones.ts';

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

/** Where sound begins and ends, in seconds. */
function bursts(samples: Float32Array): number[] {
  const edges: number[] = [];
  let sounding = false;
  for (let index = 0; index < samples.length; index += 20) {
    const now = loudest(samples.subarray(index, index + 40)) > 0.02;
    if (now !== sounding) edges.push(index / rate);
    sounding = now;
  }
  return edges;
}

const frequencies = [350, 400, 425, 440, 450, 480, 620];

describe("the phone's tones", () => {
  it.each<[ToneRegion, ToneName, number[], number[], number]>([
    ['us', 'dial', [350, 440], [0], 1],
    ['us', 'ringback', [440, 480], [0, 2], 6],
    ['us', 'busy', [480, 620], [0, 0.5], 1],
    ['us', 'reorder', [480, 620], [0, 0.25], 0.5],
    ['us', 'call-waiting', [440], [0, 0.3], 10],
    ['uk', 'ringback', [400, 450], [0, 0.4, 0.6, 1], 3],
    ['uk', 'busy', [400], [0, 0.375], 0.75],
    ['uk', 'reorder', [400], [0, 0.4, 0.75, 0.975], 1.5],
    ['eu', 'dial', [425], [0], 1],
    ['eu', 'ringback', [425], [0, 1], 5],
    ['eu', 'busy', [425], [0, 0.5], 1],
    ['au', 'dial', [400, 425, 450], [0], 1],
    ['au', 'ringback', [400, 450], [0, 0.4, 0.6, 1], 3],
    ['au', 'busy', [425], [0, 0.375], 0.75],
  ])('of %s: %s has its frequencies and its cadence', (region, name, wanted, edges, period) => {
    const samples = renderTone(name, region, rate);
    expect(samples).toHaveLength(period * rate);
    const heard = bursts(samples);
    expect(heard).toHaveLength(edges.length);
    for (const [index, edge] of edges.entries()) expect(heard[index]).toBeCloseTo(edge, 1);
    // The longest stretch that holds whole periods of all of them.
    const sounding = samples.subarray(0, Math.floor(((edges[1] ?? period) * rate) / 320) * 320);
    for (const frequency of frequencies) {
      const level = amplitude(sounding, frequency);
      if (wanted.includes(frequency)) expect(level, `${frequency} Hz`).toBeGreaterThan(0.05);
      else if (Math.min(...wanted.map((one) => Math.abs(one - frequency))) > 30)
        expect(level, `${frequency} Hz`).toBeLessThan(0.025);
    }
    expect(loudest(samples)).toBeLessThanOrEqual(0.21);
  });

  it('loop without a click', () => {
    for (const region of toneRegion.options) {
      for (const name of ['dial', 'ringback', 'busy', 'reorder', 'call-waiting'] as const) {
        const samples = renderTone(name, region, 48_000);
        expect(Math.abs((samples.at(-1) ?? 1) - (samples[0] ?? 1)), `${region} ${name}`).toBeLessThan(0.03);
      }
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
