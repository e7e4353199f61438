import { describe, expect, it } from 'vitest';
import type { Rate, SampledChunk } from '../../../electron/media/codecs/codec.ts';
import { JitterBuffer } from '../../../electron/media/conversation/jitter-buffer.ts';
import { toneLevel } from '../../support/fourier.ts';
import { toneSamples } from '../../support/tones.ts';

/** A voice whose packets number `n` carry nothing but that, so that order, gaps and repeats show. */
const packet = (n: number, samples = 160, ssrc = 1, first = 0xffff_ff00): SampledChunk => ({
  ssrc,
  timestamp: (first + n * samples) >>> 0,
  rate: 8,
  samples: new Int16Array(samples).fill(voice(n)),
});
const voice = (n: number): number => 10_000 + 100 * n;

function player(buffer: JitterBuffer, rate: Rate = 8) {
  const frame = new Int16Array(20 * rate);
  return {
    /** What is in the middle of the next frame, where no seam is. */
    next: () => (buffer.take(frame) ? frame[10 * rate] : 'pause'),
    frame: () => {
      buffer.take(frame);
      return Float64Array.from(frame);
    },
  };
}

/** The biggest step from one sample to the next, where the second derivative shows: a click is one. */
function roughest(sound: Float64Array): number {
  let most = 0;
  for (let at = 2; at < sound.length; at += 1) {
    const bend = (sound[at] ?? 0) - 2 * (sound[at - 1] ?? 0) + (sound[at - 2] ?? 0);
    most = Math.max(most, Math.abs(bend));
  }
  return most;
}

describe('the jitter buffer', () => {
  it('waits for two frames, then plays packet after packet, also where the timestamp wraps', () => {
    const buffer = new JitterBuffer(8);
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
    const buffer = new JitterBuffer(8);
    const { next } = player(buffer);
    for (const n of [0, 2, 1, 1, 2, 3, 0]) buffer.put(packet(n));
    expect([next(), next()]).toEqual([voice(0), voice(1)]);
    for (const n of [1, 0]) buffer.put(packet(n));
    expect([next(), next()]).toEqual([voice(2), voice(3)]);
  });

  it('plays the frame before, fading, for one that is lost', () => {
    const buffer = new JitterBuffer(8);
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
    const buffer = new JitterBuffer(8);
    const { next } = player(buffer);
    for (const n of [0, 1, 2]) buffer.put(packet(n));
    const ended = Array.from({ length: 10 }, next);
    expect(ended.slice(0, 3)).toEqual([0, 1, 2].map(voice));
    expect(ended.at(-1)).toBe('pause');
    // Ten frames later by its own timestamp: the pause is not played.
    for (const n of [20, 21]) buffer.put(packet(n));
    expect(next()).toBe(voice(20));
  });

  it.each([
    ['another SSRC', 2, 5_000_000],
    ['times that jump ahead', 1, 5_000_000],
    ['times that jump back', 1, 0x7fff_0000],
  ])(
    'plays a stream with %s behind what waits of the one before: nothing is lost of either',
    (_, ssrc, first) => {
      const buffer = new JitterBuffer(8);
      buffer.keep(5);
      const { next } = player(buffer);
      const heard = Array.from({ length: 30 }, (_each, n) => {
        buffer.put(n < 15 ? packet(n) : packet(n, 160, ssrc, first));
        return next();
      });
      expect(heard.slice(5)).toEqual(Array.from({ length: 25 }, (_each, n) => voice(n)));
    },
  );

  it('plays a stream that comes after a gap when it would have come without one', () => {
    const buffer = new JitterBuffer(8);
    buffer.keep(5);
    const { next } = player(buffer);
    const heard = Array.from({ length: 40 }, (_each, n) => {
      if (n < 15) buffer.put(packet(n));
      if (n >= 22) buffer.put(packet(n, 160, 2, 5_000_000));
      return next();
    });
    expect(heard.indexOf(voice(22))).toBe(27);
    expect(heard.slice(27)).toEqual(Array.from({ length: 13 }, (_each, n) => voice(22 + n)));
  });

  it('turns packets of 30 ms into frames of 20 without a seam', () => {
    const buffer = new JitterBuffer(8);
    const { frame } = player(buffer);
    const heard: Float64Array[] = [];
    for (let ms = 0; ms < 3000; ms += 10) {
      const position = ms * 8;
      if (ms % 30 === 0)
        buffer.put({ ssrc: 1, timestamp: position, rate: 8, samples: toneSamples(700, position, 240, 8) });
      if (ms % 20 === 0) heard.push(frame());
    }
    const whole = Float64Array.from(heard.slice(5).flatMap((each) => [...each]));
    expect(toneLevel(whole, 700)).toBeGreaterThan(7900);
    expect(toneLevel(whole, 700)).toBeLessThan(8100);
    for (const other of [600, 650, 750, 800, 1400]) expect(toneLevel(whole, other)).toBeLessThan(60);
  });

  it('plays on without a gap when packets come up to 20 ms late', () => {
    const buffer = new JitterBuffer(8);
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

  it('keeps more where nobody waits, and loses nothing of packets that come up to 100 ms late', () => {
    const buffer = new JitterBuffer(8);
    buffer.keep(5);
    const { next } = player(buffer);
    const lateness = [0, 95, 5, 60, 0, 80, 18, 2, 100];
    const arrivals = Array.from({ length: 60 }, (_, n) => ({
      n,
      at: 20 * n + (lateness[n % lateness.length] ?? 0),
    })).sort((a, b) => a.at - b.at);
    const heard: unknown[] = [];
    for (let ms = 0; ms < 1300; ms += 1) {
      for (const { n } of arrivals.filter(({ at }) => at === ms)) buffer.put(packet(n));
      if (ms % 20 === 10) heard.push(next());
    }
    const first = heard.indexOf(voice(0));
    expect(heard.slice(first, first + 55)).toEqual(Array.from({ length: 55 }, (_, n) => voice(n)));
    for (const n of [60, 61, 62, 63, 64, 65, 66]) buffer.put(packet(n));
    next();
    buffer.keep(1);
    expect([next(), next()]).toEqual([voice(65), voice(66)]);
  });

  it('gives the delay of a burst up again within a second', () => {
    const buffer = new JitterBuffer(8);
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

  it.each([
    ['faster', 1.002],
    ['slower', 0.998],
  ])('follows a clock that runs %s than ours, without a click and without a growing delay', (_, drift) => {
    const rate = 16;
    const buffer = new JitterBuffer(rate);
    const { frame } = player(buffer, rate);
    const heard: Float64Array[] = [];
    const hertz = 437;
    let sent = 0;
    for (let ms = 0; ms < 60_000; ms += 1) {
      for (; sent * 20 <= ms * drift; sent += 1) {
        const samples = toneSamples(hertz, 320 * sent, 320, rate);
        buffer.put({ ssrc: 1, timestamp: 320 * sent, rate, samples });
      }
      if (ms % 20 === 10) heard.push(frame());
    }
    const sound = Float64Array.from(heard.slice(10).flatMap((each) => [...each]));
    const ofTheTone = roughest(Float64Array.from(toneSamples(hertz, 0, 3200, rate)));
    // A hard cut would bend it by up to twice its peak, 16 000.
    expect(roughest(sound)).toBeLessThan(8 * ofTheTone + 600);
    const quiet = heard.slice(10).filter((each) => Math.max(...each) < 4000).length;
    expect(quiet).toBeLessThanOrEqual(heard.length * 0.005);
    // What has come and is not played yet: half a second at most is kept, a few frames are wanted.
    let waiting = 0;
    while (buffer.isWaiting) {
      frame();
      waiting += 1;
    }
    expect(waiting).toBeLessThanOrEqual(4);
  });

  it.each([8, 16] as const)('leaves a voice at %i kHz as it was, from frame to frame', (rate) => {
    const buffer = new JitterBuffer(rate);
    const { frame } = player(buffer, rate);
    const heard: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      const samples = toneSamples(997, 20 * rate * n, 20 * rate, rate, 32_000);
      buffer.put({ ssrc: 1, timestamp: 20 * rate * n, rate, samples });
      if (n > 0) heard.push(...frame());
    }
    const said = toneSamples(997, 0, heard.length, rate, 32_000);
    // After the seam at which it begins.
    expect(heard.slice(20 * rate)).toEqual([...said.subarray(20 * rate)]);
  });

  it('keeps what is to be kept also of a voice whose clock is slow', () => {
    const buffer = new JitterBuffer(8);
    buffer.keep(5);
    const frame = new Int16Array(160);
    const delays: number[] = [];
    const first = 20_000;
    let sent = 0;
    // Half a per cent, which is fifty times what clocks have: 20 ms in four seconds.
    for (let now = 0; now < 60_000; now += 20) {
      for (; sent * 20.1 <= now; sent += 1) {
        buffer.put({
          ssrc: 1,
          timestamp: sent * 160,
          rate: 8,
          samples: new Int16Array(160).fill(first + sent),
        });
      }
      buffer.take(frame);
      // What is made up is less loud.
      const played = (frame[80] ?? 0) - first;
      if (played >= 0) delays.push(now - played * 20.1);
    }
    expect(Math.min(...delays)).toBeGreaterThan(60);
    expect(Math.max(...delays)).toBeLessThan(140);
  });

  it('goes on at another rate with what waits', () => {
    const [narrow, wide] = [new JitterBuffer(8), new JitterBuffer(16)];
    for (const buffer of [narrow, wide]) buffer.keep(5);
    const before = player(narrow);
    const heard = Array.from({ length: 15 }, (_, n) => {
      narrow.put(packet(n));
      return before.next();
    });
    wide.inherit(narrow);
    const after = player(wide, 16);
    for (let n = 15; n < 30; n += 1) {
      const samples = new Int16Array(320).fill(voice(n));
      wide.put({ ssrc: 1, timestamp: 7_000_000 + n * 320, rate: 16, samples });
      heard.push(after.next());
    }
    const round = (value: unknown) => Math.round(Number(value) / 100);
    expect(heard.slice(5).map(round)).toEqual(Array.from({ length: 25 }, (_, n) => round(voice(n))));
  });

  it('takes packets of any length and any timestamp', () => {
    const buffer = new JitterBuffer(8);
    const { next } = player(buffer);
    for (const length of [0, 1, 5000, 160, 65_000, 3]) {
      for (const timestamp of [0, 4_294_967_295, 2_147_483_648, 77]) {
        buffer.put({ ssrc: 1, timestamp, rate: 8, samples: new Int16Array(length).fill(-32_768) });
        next();
      }
    }
    for (const n of [0, 1]) buffer.put(packet(n, 160, 9));
    expect(Array.from({ length: 512 / 20 }, next)).toContain(voice(0));
  });
});
