import * as opus from '@evan/opus/wasm/index.mjs';

/** Opus (RFC 6716) of one channel at 16 kHz, be its packets narrower or wider. */
const format = { channels: 1, sample_rate: 16_000 } as const;
/** Of opus_defines.h. */
const request = { bitrate: 4002, inbandFec: 4012, packetLoss: 4014 } as const;
const bitrate = 24_000;
/** Per cent that the redundancy is made for. */
const expectedLoss = 5;

export class OpusEncoder {
  readonly #encoder = new opus.Encoder({ ...format, application: 'voip' });

  constructor() {
    this.#encoder.ctl(request.bitrate, bitrate);
    this.#encoder.ctl(request.inbandFec, 1);
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
