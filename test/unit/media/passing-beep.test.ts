import { describe, expect, it } from 'vitest';
import { rateOf, ticksOf } from '../../../electron/media/codecs/codec.ts';
import { Decoder } from '../../../electron/media/codecs/decoder.ts';
import { Encoder } from '../../../electron/media/codecs/encoder.ts';
import { PassingBeep } from '../../../electron/media/conversation/passing-beep.ts';
import { toneLevel } from '../../support/fourier.ts';
import { toneSamples } from '../../support/tones.ts';

const [said, beep] = [500, 1400];

describe.each(['PCMU', 'PCMA', 'G722', 'opus'] as const)('the beep over packets of %s', (codec) => {
  const rate = rateOf(codec);
  const packets = (ms: number, count = 1000 / ms) => {
    const encoder = new Encoder(codec);
    return Array.from({ length: count }, (_, n) =>
      encoder.encode(toneSamples(said, n * ms * rate, ms * rate, rate, 4000), rate),
    );
  };

  it('lets them pass as they are until it is due, and after it', () => {
    const passing = new PassingBeep();
    const [first, ...others] = packets(20, 100);
    expect(passing.over(codec, first ?? Buffer.alloc(0))).toBe(first);
    passing.play();
    const passed = others.map((packet) => passing.over(codec, packet));
    const changed = passed.flatMap((packet, n) => (packet === others[n] ? [] : [n]));
    // 240 ms ahead of it, and 200 of it.
    expect([changed[0], changed.at(-1)]).toEqual([12, 21]);
    expect(changed).toHaveLength(10);
  });

  it.each([10, 20, 40, 60])('is heard with what is said, in packets of %i ms as long as before', (ms) => {
    const passing = new PassingBeep();
    passing.play();
    const decoder = new Decoder(rate);
    const before = packets(ms, Math.ceil(1000 / ms));
    const sound = before.flatMap((payload) => {
      const passed = passing.over(codec, payload);
      expect(ticksOf(codec, passed)).toBe(ticksOf(codec, payload));
      return [...(decoder.decode({ ssrc: 1, timestamp: 0, codec, payload: passed })?.samples ?? [])];
    });
    const level = (fromMs: number, toMs: number, hertz: number) =>
      toneLevel(Float64Array.from(sound.slice(fromMs * rate, toMs * rate)), hertz, 1000 * rate);
    expect(level(100, 220, beep)).toBeLessThan(60);
    expect(level(280, 400, beep)).toBeGreaterThan(2200);
    expect(level(280, 400, said)).toBeGreaterThan(3000);
    expect(level(500, 900, beep)).toBeLessThan(60);
    expect(level(500, 900, said)).toBeGreaterThan(3500);
    // No click where it begins and ends: nothing is much louder than the two together. Opus takes a moment to believe it.
    const most = (codec === 'opus' ? 1.7 : 1.1) * (4000 + 3212);
    expect(Math.max(...sound.map(Math.abs))).toBeLessThan(most);
  });
});

it('lets pass what it cannot read, or make as long as it was', () => {
  const passing = new PassingBeep();
  passing.play();
  const odd = Buffer.from([0x83, 0x03, 1, 2, 3]);
  for (let n = 0; n < 200; n += 1) expect(passing.over('opus', odd)).toBe(odd);
});
