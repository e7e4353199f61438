/** The part of @evan/opus that is WebAssembly: no native code for each platform, and no decoder outside a sandbox. */
declare module '@evan/opus/wasm/index.mjs' {
  interface Options {
    readonly channels: 1 | 2;
    readonly sample_rate: 8000 | 12_000 | 16_000 | 24_000 | 48_000;
  }
  export class Encoder {
    constructor(options: Options & { readonly application: 'voip' | 'audio' | 'restricted_lowdelay' });
    /** opus_encoder_ctl. */
    ctl(request: number, value: number): number;
    /** Samples of 16 bits. @throws Error when they are no whole frame. */
    encode(samples: ArrayBufferView): Uint8Array;
  }
  export class Decoder {
    constructor(options: Options);
    /** Octets of samples of 16 bits. @throws Error for what is no Opus. */
    decode(payload: ArrayBufferView): Uint8Array;
  }
}
