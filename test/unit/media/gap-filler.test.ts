import { describe, expect, it } from 'vitest';
import type { CodecName } from '../../../electron/contract/profile.ts';
import { fromPcmu } from '../../../electron/media/codecs/g711.ts';
import { G722Decoder, G722Encoder } from '../../../electron/media/codecs/g722.ts';
import { GapFiller } from '../../../electron/media/concealment/gap-filler.ts';
import type { AudioPacket } from '../../../electron/media/rtp/rewriter.ts';
import { linearOf, stretch, tone, toneSamples } from '../../support/tones.ts';

/** A voice of 125 Hz, which is one of 64 samples a period, with an overtone: 20 ms do not hold it a whole number of times. */
const voice = (position: number): number => tone(position % 64 < 32 ? 125 : 250, 6000)(position);

interface Sent {
  readonly codec?: CodecName;
  readonly samples?: number;
  readonly ssrc?: number;
  /** Samples by which the time is ahead of the sound: silence that was not sent. */
  readonly pause?: number;
}

function packet(
  number: number,
  { codec = 'PCMU', samples = 160, ssrc = 1, pause = 0 }: Sent = {},
): AudioPacket {
  const start = number * samples;
  return {
    codec,
    payloadType: codec === 'PCMA' ? 8 : 0,
    marker: false,
    sequenceNumber: (65_530 + number) & 0xffff,
    timestamp: (0xffff_ff00 + start + pause) >>> 0,
    ssrc,
    payload: fromPcmu(stretch(voice, start, samples), codec),
  };
}

/** What comes out when these packets come, 20 ms apart. */
function through(
  numbers: readonly number[],
  how: Sent = {},
  filler = new GapFiller(),
): readonly AudioPacket[] {
  return numbers.flatMap((number, index) => filler.take(packet(number, how), index * 20));
}
const numbersOf = (packets: readonly AudioPacket[]) =>
  packets.map(({ sequenceNumber }) => (sequenceNumber - 65_530) & 0xffff);

/** How far what came is from what was said, in dB below it. */
function likenessOf(came: ArrayLike<number>, said: ArrayLike<number>): number {
  const [a, b] = [Array.from(came), Array.from(said)];
  const power = (samples: readonly number[]) => samples.reduce((sum, value) => sum + value * value, 0);
  return 10 * Math.log10(power(b) / power(a.map((value, i) => value - (b[i] ?? 0))));
}
const likeness = (came: AudioPacket, said: AudioPacket): number =>
  likenessOf(linearOf(came.payload), linearOf(said.payload));

describe('packets of G.711 that are lost', () => {
  it.each([
    ['one', [0, 1, 2, 3, 5]],
    ['two, one after the other', [0, 1, 2, 3, 6]],
    ['three', [0, 1, 2, 3, 7]],
    ['several, in several gaps', [0, 1, 2, 4, 5, 7, 8, 11]],
  ])('are made up when the next one is there: %s', (_, numbers) => {
    const last = numbers.at(-1) ?? 0;
    const out = through(numbers);
    expect(numbersOf(out)).toEqual(Array.from({ length: last + 1 }, (_each, index) => index));
    expect(out.map(({ timestamp }) => timestamp)).toEqual(
      numbersOf(out).map((number) => packet(number).timestamp),
    );
  });

  it('sound like the voice before and after', () => {
    const made = through([0, 1, 2, 3, 5])[4];
    expect(made && likeness(made, packet(4))).toBeGreaterThan(20);
  });

  it.each([80, 160, 240])('are as long as the others, %d samples, in A-law too', (samples) => {
    const out = through([0, 1, 2, 3, 5], { samples, codec: 'PCMA' });
    expect(out.map(({ payload }) => payload.length)).toEqual(Array(6).fill(samples));
    expect(out[4]?.payloadType).toBe(8);
    expect(out[4]?.timestamp).toBe(packet(4, { samples }).timestamp);
  });

  it('die away where they are many', () => {
    const out = through([0, 1, 2, 3, 7]);
    const power = (each: AudioPacket | undefined) =>
      linearOf(each?.payload ?? Buffer.alloc(0)).reduce((sum, value) => sum + value * value, 0);
    const [first, second, third] = [4, 5, 6].map((place) => power(out[place]) / power(packet(place)));
    expect(first).toBeGreaterThan(0.8);
    expect(second).toBeLessThan(0.8);
    expect(third).toBeLessThan(0.4);
  });

  it('tell of themselves: the share of what is heard', () => {
    const filler = new GapFiller();
    through([0, 1, 2, 4], {}, filler);
    expect(filler.share()).toBeCloseTo(1 / 5);
    expect(filler.share()).toBe(0);
  });
});

describe('packets of G.722 that are lost', () => {
  /** A tone in each of the two bands, of 32 and of 12.8 samples a period: no packet holds a whole number of either. */
  const [low, high] = [toneSamples(250, 0, 320 * 12, 16), toneSamples(5000, 0, 320 * 12, 16, 2000)];
  const encoder = new G722Encoder();
  const said = Array.from({ length: 12 }, (_, number) => {
    const samples = low.map((sample, index) => sample + (high[index] ?? 0));
    const payload = encoder.encode(samples.subarray(320 * number, 320 * (number + 1)));
    return { ...packet(number, { codec: 'G722' }), payload };
  });
  const filled = (lost: readonly number[]): AudioPacket[] => {
    const filler = new GapFiller();
    return said.flatMap((each, number) => (lost.includes(number) ? [] : filler.take(each, number * 20)));
  };
  /** Who decodes the packets one after the other hears that. */
  const heard = (packets: readonly AudioPacket[]): Int16Array[] => {
    const decoder = new G722Decoder();
    return packets.map(({ payload }) => decoder.decode(payload));
  };

  it.each([{ lost: [6] }, { lost: [6, 7] }])('are made up in both bands: $lost', ({ lost }) => {
    const out = filled(lost);
    expect(numbersOf(out)).toEqual(said.map((_, number) => number));
    const [came, whole] = [heard(out), heard(said)];
    const alike = said.map((_, number) =>
      likenessOf(came[number] ?? new Int16Array(), whole[number] ?? new Int16Array()),
    );
    expect(alike.slice(0, 6)).toEqual(Array(6).fill(Number.POSITIVE_INFINITY));
    expect(alike[6]).toBeGreaterThan(20);
    // What comes after is heard by a decoder that has guessed, not known.
    const after = lost.length + 6;
    expect(Math.min(...alike.slice(after))).toBeGreaterThan(9);
    expect(Math.min(...alike.slice(after + 2))).toBeGreaterThan(20);
  });
});

describe('what is no loss is left as it is', () => {
  const untouched = (packets: readonly AudioPacket[]): number[] => {
    const filler = new GapFiller();
    return numbersOf(packets.flatMap((each, index) => filler.take(each, index * 20)));
  };

  it.each([
    ['more than three packets', [packet(0), packet(1), packet(6)], [0, 1, 6]],
    ['silence that was not sent', [packet(0), packet(1), packet(3, { pause: 8000 })], [0, 1, 3]],
    ['another stream', [packet(0), packet(1), packet(3, { ssrc: 2 })], [0, 1, 3]],
    ['another codec', [packet(0), packet(1), packet(3, { codec: 'PCMA' })], [0, 1, 3]],
    [
      'a codec that conceals by itself',
      [0, 1, 3].map((number) => packet(number, { codec: 'opus' })),
      [0, 1, 3],
    ],
    ['a stream that begins', [packet(3)], [3]],
  ])('%s', (_, packets, expected) => {
    expect(untouched(packets)).toEqual(expected);
  });

  it('digits between have numbers too', () => {
    const filler = new GapFiller();
    through([0, 1], {}, filler);
    filler.interrupt();
    expect(numbersOf(filler.take(packet(3), 60))).toEqual([3]);
  });
});

describe('a network in which packets overtake each other', () => {
  it('the packet whose place is filled comes too late', () => {
    expect(numbersOf(through([0, 1, 3, 2, 4]))).toEqual([0, 1, 2, 3, 4]);
  });

  it('then what is made up waits for one packet more, for ten seconds: gaps may close by themselves', () => {
    const filler = new GapFiller();
    const at = (number: number, now: number) => numbersOf(filler.take(packet(number), now));
    through([0, 1, 3, 2, 4], {}, filler);
    expect([at(6, 120), at(5, 121), at(7, 140)]).toEqual([[6], [5], [7]]);
    expect([at(9, 180), at(10, 200), at(8, 201)]).toEqual([[9], [8, 10], []]);
    expect([at(12, 9000), at(14, 9040), at(15, 9060)]).toEqual([[12], [11, 14], [13, 15]]);
    expect(at(17, 20_100)).toEqual([16, 17]);
  });

  it('what waits for one packet more sounds as if it had not waited', () => {
    const made = through([0, 2, 1, 3, 4, 6, 7]).find(({ sequenceNumber }) => sequenceNumber === 65_535);
    expect(made && likeness(made, packet(5))).toBeGreaterThan(20);
  });
});

describe('packets that come twice', () => {
  it.each(['PCMU', 'G722', 'opus'] satisfies CodecName[])('pass once, and are no disorder: %s', (codec) => {
    expect(numbersOf(through([0, 1, 1, 2, 0, 3, 3], { codec }))).toEqual([0, 1, 2, 3]);
    const filled = codec === 'opus' ? [] : [4];
    expect(numbersOf(through([0, 1, 1, 2, 3, 5], { codec }))).toEqual([0, 1, 2, 3, ...filled, 5]);
  });

  it('are not those of a stream whose numbers begin anew', () => {
    const filler = new GapFiller();
    through([0, 1, 2, 3, 4, 5], {}, filler);
    const again = [2, 3, 4].map((number) => ({ ...packet(number + 4), sequenceNumber: 65_530 + number }));
    expect(again.flatMap((each, index) => numbersOf(filler.take(each, 120 + index * 20)))).toEqual([2, 3, 4]);
  });
});
