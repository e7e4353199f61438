import { describe, expect, it } from 'vitest';
import { fromLinear, toLinear } from '../../../electron/media/codecs/g711.ts';
import { limit, Mixer } from '../../../electron/media/conversation/mixer.ts';

const frameSamples = 320;
const constant = (value: number): Int16Array => new Int16Array(frameSamples).fill(value);

describe('linear samples', () => {
  it('come back as the code they came from', () => {
    for (let code = 0; code < 256; code += 1) {
      // The two zeros are one sample.
      expect(fromLinear(toLinear(code))).toBe(code === 0x7f ? 0xff : code);
    }
  });

  it('lie on the scale of G.711: silence is 0, the loudest 32124, bit 7 set is positive', () => {
    expect([0xff, 0x7f, 0x80, 0x00].map(toLinear)).toEqual([0, 0, 32124, -32124]);
  });

  it('go to the nearest code', () => {
    for (let sample = -32_768; sample < 32_768; sample += 7) {
      const error = Math.abs(toLinear(fromLinear(sample)) - Math.max(-32_124, Math.min(32_124, sample)));
      expect(error).toBeLessThanOrEqual(4 + Math.abs(sample) / 30);
    }
  });
});

describe('the limiter', () => {
  it('leaves a sum that fits as it is', () => {
    for (const sum of [0, 1, -1, 24_576, -24_576]) expect(limit(sum)).toBe(sum);
  });

  it('bends what does not: always louder than less, never over the loudest, the same on both sides', () => {
    let before = 24_576;
    for (let sum = 24_600; sum < 10 * 32_124; sum += 500) {
      const limited = limit(sum);
      expect(limited).toBeGreaterThanOrEqual(before);
      expect(limited).toBeLessThanOrEqual(32_124);
      expect(limit(-sum)).toBe(-limited);
      before = limited;
    }
    expect(before).toBeGreaterThan(31_000);
  });
});

describe('the mixer', () => {
  it('gives each listener the sum of the others', () => {
    const mixer = new Mixer(frameSamples);
    const [one, two, three] = [constant(1000), constant(-300), constant(5000)];
    for (const voice of [one, two, three]) mixer.add(voice);
    expect(mixer.without(one)).toEqual(constant(4700));
    expect(mixer.without(two)).toEqual(constant(6000));
    expect(mixer.without(two, three)).toEqual(constant(1000));
    expect(mixer.without()).toEqual(constant(5700));
    mixer.clear();
    expect(mixer.without(constant(0))).toEqual(constant(0));
  });

  it('adds five of the loudest voices without turning their sign', () => {
    const mixer = new Mixer(frameSamples);
    for (let voices = 0; voices < 5; voices += 1) mixer.add(constant(-32_768));
    expect(mixer.without(constant(0))[0]).toBeLessThan(-30_000);
  });
});
