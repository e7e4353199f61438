/**
 * G.722 at 64 kbit/s (ITU-T G.722), as much of it as there is at 8 kHz: the codec splits sound into two bands of 4 kHz
 * each and codes them one by one, so the lower one is all that a mixer, a recording or a file of 8 kHz can use. What we
 * encode has silence in the upper band. Names of blocks and variables are those of the recommendation, clause 6.2.1.
 */

const saturate = (value: number): number => Math.max(-32_768, Math.min(32_767, value));

/** Table 14: decision levels of the 60-level quantizer. */
const q6 = [
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219,
  1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/** Table 16 (QM4 and QM6): what a code of four or six bits stands for. */
const qm4 = [
  0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0,
];
const qm6 = [
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360,
  -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
  -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192,
  6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432,
  -136,
];
/** Table 17 (WL by way of RL42): how a code of four bits moves the scale. */
const wl = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
/** Table 15: the antilogarithm of five bits. */
const ilb = Array.from({ length: 32 }, (_, index) => Math.trunc(2048 * 2 ** (index / 32) + 0.5));

/** What encoder and decoder of the lower band know alike: scale and prediction, adapted by each code (6.2.1.3 to .7). */
class LowerBand {
  /** DETL: the scale of the quantizer. */
  scale = 32;
  /** SL: what the next sample is thought to be. */
  predicted = 0;
  #nb = 0;
  /** SZL: the share of the zeros. */
  #zeros = 0;
  readonly #a = new Int32Array(3);
  readonly #b = new Int32Array(7);
  /** The last differences, reconstructed signals and partial ones, latest at 1; what is new at 0. */
  readonly #d = new Int32Array(7);
  readonly #r = new Int32Array(3);
  readonly #p = new Int32Array(3);

  /** `code`: the upper four of the six bits. */
  adapt(code: number): void {
    const difference = (this.scale * (qm4[code] ?? 0)) >> 15;
    this.#rescale(wl[code] ?? 0);
    this.#d[0] = difference;
    this.#r[0] = saturate(this.predicted + difference);
    this.#p[0] = saturate(this.#zeros + difference);
    this.#adaptPoles();
    this.#adaptZeros();
    for (const line of [this.#d, this.#r, this.#p]) line.copyWithin(1, 0);
    this.#predict();
  }

  /** LOGSCL and SCALEL. */
  #rescale(step: number): void {
    this.#nb = Math.max(0, Math.min(18_432, ((this.#nb * 127) >> 7) + step));
    const mantissa = ilb[(this.#nb >> 6) & 31] ?? 0;
    const shift = 8 - (this.#nb >> 11);
    this.scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** UPPOL2 and UPPOL1. */
  #adaptPoles(): void {
    const [a, p] = [this.#a, this.#p];
    const [a1, a2] = [at(a, 1), at(a, 2)];
    const isNegative = at(p, 0) < 0;
    const agrees1 = isNegative === at(p, 1) < 0;
    const agrees2 = isNegative === at(p, 2) < 0;
    const slope = saturate(4 * a1);
    const turned = agrees1 ? Math.min(32_767, -slope) : slope;
    const second = (turned >> 7) + (agrees2 ? 128 : -128) + ((a2 * 32_512) >> 15);
    const next2 = Math.max(-12_288, Math.min(12_288, second));
    const limit = saturate(15_360 - next2);
    const first = saturate((agrees1 ? 192 : -192) + ((a1 * 32_640) >> 15));
    a[1] = Math.max(-limit, Math.min(limit, first));
    a[2] = next2;
  }

  /** UPZERO. */
  #adaptZeros(): void {
    const [b, d] = [this.#b, this.#d];
    const step = at(d, 0) === 0 ? 0 : 128;
    const isNegative = at(d, 0) < 0;
    for (let tap = 1; tap <= 6; tap += 1) {
      const agrees = isNegative === at(d, tap) < 0;
      b[tap] = saturate((agrees ? step : -step) + ((at(b, tap) * 32_640) >> 15));
    }
  }

  /** FILTEP, FILTEZ and PREDIC. */
  #predict(): void {
    let zeros = 0;
    for (let tap = 1; tap <= 6; tap += 1) {
      zeros += (at(this.#b, tap) * saturate(2 * at(this.#d, tap))) >> 15;
    }
    this.#zeros = saturate(zeros);
    const pole = (tap: number): number => (at(this.#a, tap) * saturate(2 * at(this.#r, tap))) >> 15;
    this.predicted = saturate(saturate(pole(1) + pole(2)) + this.#zeros);
  }
}

const at = (line: Int32Array, index: number): number => line[index] ?? 0;

/** The two bits of the upper band for a sample of silence (IHP, table 21). */
const upperSilence = 3 << 6;

/** Samples of 16 bits at 8 kHz to G.722, an octet each. */
export class G722Encoder {
  readonly #band = new LowerBand();

  encode(samples: Int16Array): Buffer {
    const codes = Buffer.allocUnsafe(samples.length);
    for (const [index, sample] of samples.entries()) {
      // The band filters halve the signal (figure 5), which here has passed none.
      const code = this.#quantize(saturate((sample >> 1) - this.#band.predicted));
      this.#band.adapt(code >> 2);
      codes[index] = upperSilence | code;
    }
    return codes;
  }

  /** QUANTL: the code of six bits whose level is the first beyond the difference. */
  #quantize(difference: number): number {
    const isNegative = difference < 0;
    const size = isNegative ? -difference - 1 : difference;
    let level = 1;
    while (level < 30 && size >= ((q6[level] ?? 0) * this.#band.scale) >> 12) level += 1;
    if (!isNegative) return 62 - level;
    return level < 3 ? 64 - level : 34 - level;
  }
}

/** G.722 to samples of 16 bits at 8 kHz. */
export class G722Decoder {
  readonly #band = new LowerBand();

  decode(codes: Uint8Array): Int16Array {
    const samples = new Int16Array(codes.length);
    for (const [index, octet] of codes.entries()) {
      const code = octet & 0x3f;
      const difference = (this.#band.scale * (qm6[code] ?? 0)) >> 15;
      const sample = Math.max(-16_384, Math.min(16_383, this.#band.predicted + difference));
      this.#band.adapt(code >> 2);
      samples[index] = 2 * sample;
    }
    return samples;
  }
}
