import * as opus from '@evan/opus/wasm/index.mjs';
import type { OpusWishes } from '../../contract/opus-wishes.ts';

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

  /** @throws Error for what is no Opus. */
  decode(payload: Uint8Array): Int16Array {
    const octets = this.#decoder.decode(payload);
    return new Int16Array(octets.buffer, octets.byteOffset, octets.length / 2);
  }
}
