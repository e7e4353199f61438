import { describe, expect, it } from 'vitest';
import { toLinear } from '../../../electron/media/codecs/g711.ts';
import { frameSamples, JitterBuffer } from '../../../electron/media/conversation/jitter-buffer.ts';
import { toneLevel } from '../../support/fourier.ts';
import { stretch, tone } from '../../support/tones.ts';

/** A voice whose packets number `n` carries the code 0x80 + n, so that order, gaps and repeats show. */
const packet = (n: number, samples = 160, ssrc = 1, first = 0xffff_ff00) => ({
  ssrc,
  timestamp: (first + n * samples) >>> 0,
  payload: Buffer.alloc(samples, 0x80 + n),
});
const voice = (n: number): number => toLinear(0x80 + n);

function player(buffer: JitterBuffer) {
  const frame = new Int16Array(frameSamples);
  return {
    next: () => (buffer.take(frame) ? frame[0] : 'pause'),
    frame: () => {
      buffer.take(frame);
      return Float64Array.from(frame);
    },
  };
}

describe('the jitter buffer', () => {
  it('waits for two frames, then plays packet after packet, also where the timestamp wraps', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    expect(next()).toBe('pause');
    buffer.put(packet(0));
    expect(next()).toBe('pause');
    const heard = [1, 2, 3, 4, 5].map((n) => {
      buffer.put(packet(n));
      return next();
    });
    expect(heard).toEqual([0, 1, 2, 3, 4].map(voice));
  });

  it('puts packets in order and plays none twice', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    for (const n of [0, 2, 1, 1, 2, 3, 0]) buffer.put(packet(n));
    expect([next(), next()]).toEqual([voice(0), voice(1)]);
    for (const n of [1, 0]) buffer.put(packet(n));
    expect([next(), next()]).toEqual([voice(2), voice(3)]);
  });

  it('plays the frame before, fading, for one that is lost', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    for (const n of [0, 4]) buffer.put(packet(n));
    const heard = [next(), next(), next(), next(), next()];
    expect(heard[0]).toBe(voice(0));
    expect(heard[4]).toBe(voice(4));
    const [first = 0, second = 0, third = 0] = heard.slice(1, 4).map((value) => Number(value) / voice(0));
    expect(first).toBeGreaterThan(0.5);
    expect(second).toBeGreaterThan(third);
    expect(third).toBeLessThan(0.2);
  });

  it('falls silent when nothing comes any more, and begins anew with what comes then', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    for (const n of [0, 1, 2]) buffer.put(packet(n));
    const ended = Array.from({ length: 10 }, next);
    expect(ended.slice(0, 3)).toEqual([0, 1, 2].map(voice));
    expect(ended.at(-1)).toBe('pause');
    // Ten frames later by its own timestamp: the pause is not played.
    for (const n of [20, 21]) buffer.put(packet(n));
    expect(next()).toBe(voice(20));
  });

  it('takes a new stream at once', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    for (const n of [0, 1]) buffer.put(packet(n));
    next();
    for (const n of [7, 8]) buffer.put(packet(n, 160, 2, 5_000_000));
    expect(next()).toBe(voice(7));
  });

  it('turns packets of 30 ms into frames of 20 without a seam', () => {
    const buffer = new JitterBuffer();
    const { frame } = player(buffer);
    const sound = tone(700);
    const heard: Float64Array[] = [];
    for (let ms = 0; ms < 3000; ms += 10) {
      const position = ms * 8;
      if (ms % 30 === 0) buffer.put({ ssrc: 1, timestamp: position, payload: stretch(sound, position, 240) });
      if (ms % 20 === 0) heard.push(frame());
    }
    const whole = Float64Array.from(heard.slice(5).flatMap((each) => [...each]));
    expect(toneLevel(whole, 700)).toBeGreaterThan(7900);
    expect(toneLevel(whole, 700)).toBeLessThan(8100);
    for (const other of [600, 650, 750, 800, 1400]) expect(toneLevel(whole, other)).toBeLessThan(60);
  });

  it('plays on without a gap when packets come up to 20 ms late', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    const lateness = [0, 15, 5, 19, 0, 10, 18, 2];
    const arrivals = Array.from({ length: 60 }, (_, n) => ({
      n,
      at: 20 * n + (lateness[n % lateness.length] ?? 0),
    })).sort((a, b) => a.at - b.at);
    const heard: unknown[] = [];
    for (let ms = 0; ms < 1200; ms += 1) {
      for (const { n } of arrivals.filter(({ at }) => at === ms)) buffer.put(packet(n));
      if (ms % 20 === 10) heard.push(next());
    }
    const sounding = heard.filter((value) => value !== 'pause');
    // One frame may be repeated where the delay grows to what this network needs.
    expect(sounding.length - new Set(sounding).size).toBeLessThanOrEqual(2);
    expect(new Set(sounding).size).toBeGreaterThan(52);
  });

  it('gives the delay of a burst up again within a second', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    for (let n = 0; n < 12; n += 1) buffer.put(packet(n));
    let delay = 0;
    for (let n = 12; n < 62; n += 1) {
      buffer.put(packet(n));
      const played = next();
      delay = [...Array(n + 1).keys()].reverse().findIndex((each) => voice(each) === played);
    }
    expect(delay).toBeLessThanOrEqual(2);
  });

  it('takes packets of any length and any timestamp', () => {
    const buffer = new JitterBuffer();
    const { next } = player(buffer);
    for (const length of [0, 1, 5000, 160, 65_000, 3]) {
      for (const timestamp of [0, 4_294_967_295, 2_147_483_648, 77]) {
        buffer.put({ ssrc: 1, timestamp, payload: Buffer.alloc(length, 0x9b) });
        next();
      }
    }
    for (const n of [0, 1]) buffer.put(packet(n, 160, 9));
    expect(next()).toBe(voice(0));
  });
});
