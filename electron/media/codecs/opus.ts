import * as opus from '@evan/opus/wasm/index.mjs';
import type { OpusWishes } from '../../contract/opus-wishes.ts';
import { ticksOf } from './codec.ts';

/** Opus (RFC 6716) of one channel at 16 kHz, be its packets narrower or wider. */
const format = { channels: 1, sample_rate: 16_000 } as const;
/** Of opus_defines.h. */
const request = {
  bitrate: 4002,
  maxBandwidth: 4004,
  variableBitrate: 4006,
  inbandFec: 4012,
  packetLoss: 4014,
} as const;
const bitrate = 24_000;
/** Per cent that the redundancy is made for. */
const expectedLoss = 5;

/** 4, 6 or 8 kHz: what can be played at such a rate (RFC 7587, 3.1.1). */
function bandwidthFor(playbackRate: number): number {
  if (playbackRate < 12_000) return 1101;
  return playbackRate < 16_000 ? 1102 : 1103;
}

export class OpusEncoder {
  readonly #encoder = new opus.Encoder({ ...format, application: 'voip' });

  /** `wishes`: of who will hear it. */
  constructor(wishes: OpusWishes | null = null) {
    this.#encoder.ctl(request.bitrate, Math.min(bitrate, wishes?.maxAverageBitrate ?? bitrate));
    this.#encoder.ctl(request.maxBandwidth, bandwidthFor(wishes?.maxPlaybackRate ?? 16_000));
    this.#encoder.ctl(request.variableBitrate, wishes?.constantBitrate ? 0 : 1);
    this.#encoder.ctl(request.inbandFec, wishes && !wishes.fec ? 0 : 1);
    this.#encoder.ctl(request.packetLoss, expectedLoss);
  }

  /** A frame of 10, 20, 40 or 60 ms. @throws Error for any other length. */
  encode(samples: Int16Array): Buffer {
    return Buffer.from(this.#encoder.encode(samples));
  }
}

export class OpusDecoder {
  readonly #decoder = new opus.Decoder(format);
  /** A frame like the last that came, without an octet: to the decoder a lost one (RFC 6716, 2.1.9 and 3.2.2). */
  #lost = new Uint8Array();

  /** What was lost for so many ticks may have sounded like this; then `payload`. @throws Error for what is no Opus. */
  decode(payload: Uint8Array, lost = 0): Int16Array {
    const frames = Math.floor(lost / (ticksOf('opus', this.#lost) || Number.POSITIVE_INFINITY));
    const packets = [...Array<Uint8Array>(frames).fill(this.#lost), payload];
    const pieces = packets.map((packet) => this.#decoder.decode(packet));
    this.#lost = payload.slice(0, 1).map((toc) => toc & 0xfc);
    const sound = new Uint8Array(Buffer.concat(pieces));
    return new Int16Array(sound.buffer, 0, sound.length / 2);
  }
}
