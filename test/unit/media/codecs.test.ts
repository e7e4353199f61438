import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { OpusWishes } from '../../../electron/contract/opus-wishes.ts';
import type { CodecName } from '../../../electron/contract/profile.ts';
import { codedSilence, ticksOf, ticksPerMs } from '../../../electron/media/codecs/codec.ts';
import { Decoder } from '../../../electron/media/codecs/decoder.ts';
import { Encoder } from '../../../electron/media/codecs/encoder.ts';
import { samplesOfPcmu } from '../../../electron/media/codecs/g711.ts';
import { G722Decoder, G722Encoder } from '../../../electron/media/codecs/g722.ts';
import { Framer } from '../../../electron/media/rtp/framer.ts';
import { aligned, stoi } from '../../support/intelligibility.ts';
import { hasRedundancy } from '../../support/opus.ts';
import { linearOf, stretch, tone, toneSamples, tonesInSamples } from '../../support/tones.ts';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const fixture = (path: string): Buffer => readFileSync(join(fixtures, path));
const samples = (octets: Buffer): Int16Array =>
  Int16Array.from({ length: octets.length / 2 }, (_, index) => octets.readInt16LE(2 * index));

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

/** How well sound of 8 kHz is understood as what was said (PCMU); both at 10 kHz, as the measure wants it. */
function understood(said: Buffer, heard: Int16Array): number {
  const at10kHz = (linear: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: Math.floor(linear.length * 1.25) - 2 }, (_, index) => {
      const place = index / 1.25;
      const [before, share] = [Math.floor(place), place % 1];
      return ((linear[before] ?? 0) * (1 - share) + (linear[before + 1] ?? 0) * share) / 32_768;
    });
  const clean = at10kHz(linearOf(said));
  return stoi(clean, aligned(clean, at10kHz(heard)));
}

const joined = (pieces: readonly (Int16Array | undefined)[]): Int16Array =>
  Int16Array.from(pieces.flatMap((piece) => [...(piece ?? [])]));

const speech = fixture('opus/speech.ulaw');
const framesOf = (audio: Buffer, length: number): Buffer[] =>
  Array.from({ length: Math.floor(audio.length / length) }, (_, index) =>
    audio.subarray(index * length, (index + 1) * length),
  );

function thereAndBack(codec: CodecName, sound: Buffer, ptime = 20): Int16Array {
  const [encoder, decoder] = [new Encoder(codec), new Decoder(8)];
  const decoded = framesOf(sound, 8 * ptime).map((frame) =>
    decoder.decode(chunk(codec, encoder.encode(samplesOfPcmu(frame), 8))),
  );
  return joined(decoded.map((each) => each?.samples));
}

describe('G.722', () => {
  it.each([
    ['speech', 'speech-decoded-16k.s16'],
    ['lower-band', 'lower-band-16k.s16'],
  ])("decodes %s bit for bit as ffmpeg's decoder does", (coded, decoded) => {
    const wide = new G722Decoder().decode(fixture(`g722/${coded}.g722`));
    expect([...wide]).toEqual([...samples(fixture(`g722/${decoded}`))]);
  });

  it("encodes bit for bit as ffmpeg's encoder does", () => {
    const codes = new G722Encoder().encode(samples(fixture('g722/speech-16k.s16')));
    expect([...codes]).toEqual([...fixture('g722/speech.g722')]);
  });

  it('dies away when its silence follows speech', () => {
    const decoder = new G722Decoder();
    decoder.decode(fixture('g722/speech.g722').subarray(0, 1200));
    const after = decoder.decode(codedSilence('G722', 200)).subarray(320);
    expect(Math.max(...after.map(Math.abs))).toBeLessThan(50);
  });
});

describe('Opus', () => {
  it('is made as the far end asks (RFC 7587, 6.1)', () => {
    const wishes = { fec: true, constantBitrate: false, maxAverageBitrate: null, maxPlaybackRate: null };
    const coded = (asked: OpusWishes | null) => {
      const encoder = new Encoder('opus', asked);
      return framesOf(speech, 160).map((frame) => encoder.encode(samplesOfPcmu(frame), 8));
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

  it('is no wider than the far end can play (RFC 7587, 6.1)', () => {
    const wishes = { fec: true, constantBitrate: false, maxAverageBitrate: null, maxPlaybackRate: 8000 };
    // Narrowband: the first four ways of SILK and of CELT (RFC 6716, table 2).
    const narrow = (asked: OpusWishes | null) => {
      const encoder = new Encoder('opus', asked);
      const toc = Array.from({ length: 25 }, (_, frame) =>
        encoder.encode(toneSamples(6000, 320 * frame, 320, 16), 16).readUInt8(0),
      );
      return toc.every((octet) => octet >> 5 === 0 || octet >> 5 === 4);
    };
    expect([narrow(wishes), narrow(null)]).toEqual([true, false]);
  });

  it('decodes what another encoder made of speech in full band', () => {
    const decoder = new Decoder(8);
    const heard = packetsOf(fixture('opus/speech.opus')).map(
      (packet) => decoder.decode(chunk('opus', packet))?.samples,
    );
    expect(understood(speech, joined(heard))).toBeGreaterThan(0.98);
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
    const decoded = new Decoder(16).decode(chunk('opus', packet));
    expect(decoded?.samples).toHaveLength(16 * ms);
    expect(decoded?.samples.every((sample) => sample === 0)).toBe(true);
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
    expect(framer.encode(samplesOfPcmu(speech.subarray(0, 240)), 8).ticks).toBeGreaterThanOrEqual(
      20 * ticksPerMs(codec),
    );
  });
});

describe.each([
  ['PCMU', 3000, 8000],
  ['G722', 6000, 8000],
  ['opus', 6000, 8000],
] as const)('%s at 16 kHz', (codec, highest, peak) => {
  it('carries a voice up to %i Hz as loud as it was, and makes none of it lower', () => {
    const [encoder, decoder] = [new Encoder(codec), new Decoder(16)];
    const heard = Array.from({ length: 60 }, (_, frame) => {
      const sound = toneSamples(highest, 320 * frame, 320, 16, peak);
      return decoder.decode(chunk(codec, encoder.encode(sound, 16), frame * 20 * ticksPerMs(codec)));
    });
    const sound = Float64Array.from(heard.slice(20).flatMap((each) => [...(each?.samples ?? [])]));
    expect(sound).toHaveLength(40 * 320);
    expect(tonesInSamples(sound, [500, 1000, 2000, highest, 8000 - highest + 50], 16, peak)).toEqual([
      highest,
    ]);
  });
});

describe('the decoder of one speaker', () => {
  it('reads nonsense as nothing, and goes on', () => {
    const decoder = new Decoder(16);
    const [good] = packetsOf(fixture('opus/speech.opus'));
    for (let length = 0; length < 300; length += 7) {
      const noise = Buffer.from(Array.from({ length }, (_, index) => (length * 37 + index * 101) & 0xff));
      expect(() => decoder.decode(chunk('opus', noise))).not.toThrow();
    }
    expect(decoder.decode(chunk('opus', Buffer.alloc(60_000, 0x83)))).toBeNull();
    expect(decoder.decode(chunk('opus', good ?? Buffer.alloc(0)))?.samples).toHaveLength(320);
  });

  it.each([8, 16] as const)('counts %i kHz where the clock counts 48, past its wrap', (rate) => {
    const decoder = new Decoder(rate);
    const silence = codedSilence('opus', 20);
    const places = [0xffff_fe20, 0x1e0, 0x5a0].map(
      (timestamp) => decoder.decode(chunk('opus', silence, timestamp))?.timestamp ?? 0,
    );
    expect(places.map((place) => (place - (places[0] ?? 0)) >>> 0)).toEqual([0, 20 * rate, 40 * rate]);
  });
});

describe('the places of sound whose codec changes', () => {
  it('go on where both have the same clock', () => {
    const decoder = new Decoder(16);
    const places = (['PCMU', 'PCMU', 'G722', 'PCMA'] as const).map(
      (codec, number) =>
        decoder.decode(chunk(codec, codedSilence(codec, 20), 1000 + 160 * number))?.timestamp,
    );
    expect(places).toEqual([1000, 1320, 1640, 1960]);
  });
});

describe('packets of Opus that are lost', () => {
  /** A tone of which these packets are lost. */
  function without(...lost: number[]) {
    const [encoder, decoder] = [new Encoder('opus'), new Decoder(16)];
    return Array.from({ length: 12 }, (_, number) =>
      encoder.encode(toneSamples(440, 320 * number, 320, 16), 16),
    ).flatMap((payload, number) =>
      lost.includes(number) ? [] : [decoder.decode(chunk('opus', payload, 960 * number))],
    );
  }

  it('are made up of those before, and come with the next one', () => {
    const [whole, next] = [without(), without(6, 7)[6]];
    expect(next?.timestamp).toBe(whole[6]?.timestamp);
    expect(next?.samples).toHaveLength(3 * 320);
    const heard = next?.samples.subarray(0, 320) ?? [];
    expect(tonesInSamples(Float64Array.from(heard), [440, 1000], 16)).toEqual([440]);
  });

  it('are a pause where they are many', () => {
    expect(without(4, 5, 6, 7)[4]?.samples).toHaveLength(320);
  });

  it('come with none that says nothing', () => {
    const decoder = new Decoder(16);
    decoder.decode(chunk('opus', Buffer.alloc(0)));
    expect(decoder.decode(chunk('opus', codedSilence('opus', 20), 960))?.samples).toHaveLength(320);
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
    const [encoder, decoder] = [new Encoder(from), new Decoder(8)];
    const heard: Int16Array[] = [];
    const sound = stretch(tone(700), 0, 8000);
    for (const [index, frame] of framesOf(sound, 160).entries()) {
      const timestamp = index * 20 * ticksPerMs(from);
      const { lost, frames } = framer.take(chunk(from, encoder.encode(samplesOfPcmu(frame), 8), timestamp));
      expect(lost.ticks).toBe(0);
      for (const { payload, ticks } of frames) {
        expect(ticks).toBe(20 * ticksPerMs(to));
        heard.push(decoder.decode(chunk(to, payload))?.samples ?? new Int16Array());
      }
    }
    expect(heard).toHaveLength(50);
    expect(tonesInSamples(Float64Array.from(joined(heard.slice(10))), [400, 700, 1100], 8)).toEqual([700]);
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
