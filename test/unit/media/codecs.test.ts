import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { OpusWishes } from '../../../electron/contract/opus-wishes.ts';
import type { CodecName } from '../../../electron/contract/profile.ts';
import { codedSilence, ticksOf, ticksPerMs } from '../../../electron/media/codecs/codec.ts';
import { Decoder } from '../../../electron/media/codecs/decoder.ts';
import { createEncoder } from '../../../electron/media/codecs/encoder.ts';
import { G722Decoder, G722Encoder } from '../../../electron/media/codecs/g722.ts';
import { Framer } from '../../../electron/media/rtp/framer.ts';
import { aligned, stoi } from '../../support/intelligibility.ts';
import { hasRedundancy } from '../../support/opus.ts';
import { linearOf, stretch, tone, tonesIn } from '../../support/tones.ts';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const fixture = (path: string): Buffer => readFileSync(join(fixtures, path));
const samples = (octets: Buffer): Int16Array =>
  Int16Array.from({ length: octets.length / 2 }, (_, index) => octets.readInt16LE(2 * index));

/** Half of the band filters' coefficients (ITU-T G.722, table 11), on a scale of 2^12. */
const coefficients = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/** The sums of the transmit and receive filters over even and odd taps (figures 3 and 17). */
function filter(pairs: readonly (readonly [number, number])[], shift: number): [number, number][] {
  const line = new Array<number>(24).fill(0);
  return pairs.map((pair) => {
    line.splice(0, 2);
    line.push(...pair);
    const sum = (parity: 0 | 1): number =>
      coefficients.reduce(
        (total, value, tap) => total + value * (line[parity === 0 ? 2 * tap : 23 - 2 * tap] ?? 0),
        0,
      );
    const [even, odd] = [sum(0), sum(1)];
    return [odd >> shift, even >> shift];
  });
}

const chunk = (codec: CodecName, payload: Buffer, timestamp = 0) => ({ ssrc: 1, timestamp, codec, payload });

/** The packets of an Ogg file of Opus (RFC 7845), its two headers left out; none is as long as 255 octets here. */
function packetsOf(ogg: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let page = 0; page < ogg.length; ) {
    const segments = ogg.readUInt8(page + 26);
    let start = page + 27 + segments;
    let length = 0;
    for (let index = 0; index < segments; index += 1) {
      const lacing = ogg.readUInt8(page + 27 + index);
      length += lacing;
      if (lacing === 255) continue;
      packets.push(ogg.subarray(start, start + length));
      start += length;
      length = 0;
    }
    page = start;
  }
  return packets.slice(2);
}

/** How well PCMU is understood as what was said; both at 10 kHz, as the measure wants it. */
function understood(said: Buffer, heard: Buffer): number {
  const at10kHz = (pcmu: Buffer): Float64Array => {
    const linear = linearOf(pcmu);
    return Float64Array.from({ length: Math.floor(linear.length * 1.25) - 2 }, (_, index) => {
      const place = index / 1.25;
      const [before, share] = [Math.floor(place), place % 1];
      return ((linear[before] ?? 0) * (1 - share) + (linear[before + 1] ?? 0) * share) / 32_768;
    });
  };
  const clean = at10kHz(said);
  return stoi(clean, aligned(clean, at10kHz(heard)));
}

const speech = fixture('opus/speech.ulaw');
const framesOf = (audio: Buffer, length: number): Buffer[] =>
  Array.from({ length: Math.floor(audio.length / length) }, (_, index) =>
    audio.subarray(index * length, (index + 1) * length),
  );

function thereAndBack(codec: CodecName, sound: Buffer, ptime = 20): Buffer {
  const [encode, decoder] = [createEncoder(codec), new Decoder()];
  const decoded = framesOf(sound, 8 * ptime).map((frame) => decoder.decode(chunk(codec, encode(frame))));
  return Buffer.concat(decoded.map((each) => each?.payload ?? Buffer.alloc(0)));
}

describe('G.722', () => {
  it("decodes the lower band bit for bit as ffmpeg's decoder does", () => {
    const lower = new G722Decoder().decode(fixture('g722/lower-band.g722'));
    const wide = filter(
      [...lower].map((sample) => [sample / 2, sample / 2]),
      11,
    ).flat();
    expect(wide).toEqual([...samples(fixture('g722/lower-band-16k.s16'))]);
  });

  it("encodes the lower band bit for bit as ffmpeg's encoder does", () => {
    const wide = samples(fixture('g722/speech-16k.s16'));
    const pairs = Array.from(
      { length: wide.length / 2 },
      (_, index) => [wide[2 * index] ?? 0, wide[2 * index + 1] ?? 0] as const,
    );
    const lower = filter(pairs, 0).map(([odd, even]) => 2 * ((odd + even) >> 14));
    const codes = new G722Encoder().encode(Int16Array.from(lower));
    const lowerBits = (octets: Buffer) => [...octets].map((octet) => octet & 0x3f);
    expect(lowerBits(codes)).toEqual(lowerBits(fixture('g722/speech.g722')));
    expect([...codes].every((code) => code >> 6 === 3)).toBe(true);
  });

  it('dies away when its silence follows speech', () => {
    const decoder = new G722Decoder();
    decoder.decode(fixture('g722/speech.g722').subarray(0, 1200));
    const after = decoder.decode(codedSilence('G722', 200)).subarray(160);
    expect(Math.max(...after.map(Math.abs))).toBeLessThan(50);
  });
});

describe('Opus', () => {
  it('is made as the far end asks (RFC 7587, 6.1)', () => {
    const wishes = { fec: true, constantBitrate: false, maxAverageBitrate: null, maxPlaybackRate: null };
    const coded = (asked: OpusWishes | null) => {
      const encode = createEncoder('opus', asked);
      return framesOf(speech, 160).map(encode);
    };
    const bitrate = (packets: Buffer[]) => (8 * Buffer.concat(packets).length) / (packets.length * 0.02);
    const redundant = (packets: Buffer[]) => packets.filter(hasRedundancy).length / packets.length;
    const [usual, frugal, alone, even] = [
      coded(null),
      coded({ ...wishes, maxAverageBitrate: 12_000 }),
      coded({ ...wishes, fec: false }),
      coded({ ...wishes, constantBitrate: true }),
    ];
    expect(bitrate(usual)).toBeGreaterThan(15_000);
    expect(bitrate(frugal)).toBeLessThan(13_000);
    expect(redundant(usual)).toBeGreaterThan(0.3);
    expect(redundant(alone)).toBe(0);
    const lengths = (packets: Buffer[]) => new Set(packets.map(({ length }) => length)).size;
    expect([lengths(even), lengths(usual) > 10]).toEqual([1, true]);
  });

  it('decodes what another encoder made of speech in full band', () => {
    const decoder = new Decoder();
    const heard = packetsOf(fixture('opus/speech.opus')).map(
      (packet) => decoder.decode(chunk('opus', packet))?.payload ?? Buffer.alloc(0),
    );
    expect(understood(speech, Buffer.concat(heard))).toBeGreaterThan(0.98);
  });

  it('knows how long a packet lasts by its first octets (RFC 6716, 3.1)', () => {
    const ms = (...octets: number[]) => ticksOf('opus', Buffer.from(octets)) / 48;
    expect(packetsOf(fixture('opus/speech.opus')).every((packet) => ticksOf('opus', packet) === 960)).toBe(
      true,
    );
    // SILK 60 ms, hybrid 10 ms, CELT 2.5 ms; one, two and three frames.
    expect([ms(0x18, 1), ms(0x60, 1), ms(0x80, 1), ms(0x81, 1), ms(0x83, 3)]).toEqual([60, 10, 2.5, 5, 7.5]);
    expect([ms(), ms(0x1b, 63), ms(0x83, 0)]).toEqual([0, 0, 0]);
  });

  it.each([10, 20, 40, 60])('has silence of %i ms', (ms) => {
    const packet = codedSilence('opus', ms);
    expect(ticksOf('opus', packet)).toBe(ms * ticksPerMs('opus'));
    const decoded = new Decoder().decode(chunk('opus', packet));
    expect(decoded?.payload).toHaveLength(8 * ms);
    expect(Math.max(...linearOf(decoded?.payload ?? Buffer.alloc(0)).map(Math.abs))).toBe(0);
  });
});

describe.each(['PCMU', 'PCMA', 'G722', 'opus'] as const)('%s there and back', (codec) => {
  it.each([10, 20])('leaves speech in packets of %i ms intelligible', (ptime) => {
    const score = understood(speech, thereAndBack(codec, speech, ptime));
    console.log(`${codec}, ${ptime} ms: STOI ${score.toFixed(3)}`);
    expect(score).toBeGreaterThan(0.95);
  });

  it('takes 30 ms, be it in frames of its own length', () => {
    const framer = new Framer();
    framer.setFormat(codec, 30);
    expect(framer.encode(speech.subarray(0, 240)).ticks).toBeGreaterThanOrEqual(20 * ticksPerMs(codec));
  });
});

describe('the decoder of one speaker', () => {
  it('reads nonsense as nothing, and goes on', () => {
    const decoder = new Decoder();
    const [good] = packetsOf(fixture('opus/speech.opus'));
    for (let length = 0; length < 300; length += 7) {
      const noise = Buffer.from(Array.from({ length }, (_, index) => (length * 37 + index * 101) & 0xff));
      expect(() => decoder.decode(chunk('opus', noise))).not.toThrow();
    }
    expect(decoder.decode(chunk('opus', Buffer.alloc(60_000, 0x83)))).toBeNull();
    expect(decoder.decode(chunk('opus', good ?? Buffer.alloc(0)))?.payload).toHaveLength(160);
  });

  it('counts 8 kHz where the clock counts 48, past its wrap', () => {
    const decoder = new Decoder();
    const silence = codedSilence('opus', 20);
    const places = [0xffff_fe20, 0x1e0, 0x5a0].map(
      (timestamp) => decoder.decode(chunk('opus', silence, timestamp))?.timestamp ?? 0,
    );
    expect(places.map((place) => (place - (places[0] ?? 0)) >>> 0)).toEqual([0, 160, 320]);
  });
});

describe('the frames for the far end', () => {
  it.each([
    ['opus', 'G722'],
    ['G722', 'opus'],
    ['opus', 'PCMA'],
    ['PCMU', 'opus'],
  ] as const)('are made of %s where the far end wants %s', (from, to) => {
    const framer = new Framer();
    framer.setFormat(to, 20);
    const [encode, decoder] = [createEncoder(from), new Decoder()];
    const heard: Buffer[] = [];
    const sound = stretch(tone(700), 0, 8000);
    for (const [index, frame] of framesOf(sound, 160).entries()) {
      const timestamp = index * 20 * ticksPerMs(from);
      const { lost, frames } = framer.take(chunk(from, encode(frame), timestamp));
      expect(lost.ticks).toBe(0);
      for (const { payload, ticks } of frames) {
        expect(ticks).toBe(20 * ticksPerMs(to));
        heard.push(decoder.decode(chunk(to, payload))?.payload ?? Buffer.alloc(0));
      }
    }
    expect(heard).toHaveLength(50);
    expect(tonesIn(Buffer.concat(heard.slice(10)), [400, 700, 1100])).toEqual([700]);
  });

  it('pass as they are where the codec is the same, and what is lost stays lost', () => {
    const framer = new Framer();
    framer.setFormat('opus', 20);
    const [first, second, third] = packetsOf(fixture('opus/speech.opus'));
    if (!first || !second || !third) throw new Error('no packets');
    expect(framer.take(chunk('opus', first, 0)).frames).toEqual([{ payload: first, ticks: 960 }]);
    const late = framer.take(chunk('opus', third, 2 * 960));
    expect(late).toEqual({ lost: { ticks: 960, packets: 1 }, frames: [{ payload: third, ticks: 960 }] });
    expect(framer.take(chunk('opus', second, 960)).frames).toEqual([]);
  });
});
