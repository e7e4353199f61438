/**
 * G.722 at 64 kbit/s (ITU-T G.722): sound of 16 kHz is split into two bands of 4 kHz each, which are coded one by one,
 * six bits for the lower and two for the upper. Names of blocks and variables are those of the recommendation, clause 6.2.
 */

const saturate = (value: number): number => Math.max(-32_768, Math.min(32_767, value));
/** What a band reconstructs has 15 bits (LIMIT). */
const limit = (value: number): number => Math.max(-16_384, Math.min(16_383, value));

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
/** QM2: what a code of the upper band stands for. */
const qm2 = [-7408, -1616, 7408, 1616];
/** Table 17 (WL by way of RL42, WH by way of RH2): how a code of four or two bits moves the scale. */
const wl = [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];
const wh = [798, -214, 798, -214];
/** Table 15: the antilogarithm of five bits. */
const ilb = Array.from({ length: 32 }, (_, index) => Math.trunc(2048 * 2 ** (index / 32) + 0.5));

/** What tells one band from the other. */
interface BandTables {
  /** DETL, DETH at first. */
  readonly scale: number;
  /** What a code stands for, and how it moves the scale. */
  readonly levels: readonly number[];
  readonly steps: readonly number[];
  /** How far the scale may go, on a scale of logarithms; and what 1 is there (LOGSCL, SCALEL). */
  readonly most: number;
  readonly shift: number;
}

const lowerTables: BandTables = { scale: 32, levels: qm4, steps: wl, most: 18_432, shift: 8 };
const upperTables: BandTables = { scale: 8, levels: qm2, steps: wh, most: 22_528, shift: 10 };

/** What encoder and decoder of a band know alike: scale and prediction, adapted by each code (6.2.1.3 to .7). */
class Band {
  /** DET: the scale of the quantizer. */
  scale: number;
  /** S: what the next sample is thought to be. */
  predicted = 0;
  readonly #tables: BandTables;
  #nb = 0;
  /** SZ: the share of the zeros. */
  #zeros = 0;
  readonly #a = new Int32Array(3);
  readonly #b = new Int32Array(7);
  /** The last differences, reconstructed signals and partial ones, latest at 1; what is new at 0. */
  readonly #d = new Int32Array(7);
  readonly #r = new Int32Array(3);
  readonly #p = new Int32Array(3);

  constructor(tables: BandTables) {
    this.#tables = tables;
    this.scale = tables.scale;
  }

  copy(): Band {
    const copy = new Band(this.#tables);
    copy.scale = this.scale;
    copy.predicted = this.predicted;
    copy.#nb = this.#nb;
    copy.#zeros = this.#zeros;
    copy.#a.set(this.#a);
    copy.#b.set(this.#b);
    copy.#d.set(this.#d);
    copy.#r.set(this.#r);
    copy.#p.set(this.#p);
    return copy;
  }

  /** Of the lower band's six bits the upper four. */
  adapt(code: number): void {
    const { levels, steps } = this.#tables;
    const difference = (this.scale * (levels[code] ?? 0)) >> 15;
    this.#rescale(steps[code] ?? 0);
    this.#d[0] = difference;
    this.#r[0] = saturate(this.predicted + difference);
    this.#p[0] = saturate(this.#zeros + difference);
    this.#adaptPoles();
    this.#adaptZeros();
    later(this.#d);
    later(this.#r);
    later(this.#p);
    this.#predict();
  }

  /** LOGSCL and SCALEL, LOGSCH and SCALEH. */
  #rescale(step: number): void {
    this.#nb = Math.max(0, Math.min(this.#tables.most, ((this.#nb * 127) >> 7) + step));
    const mantissa = ilb[(this.#nb >> 6) & 31] ?? 0;
    const shift = this.#tables.shift - (this.#nb >> 11);
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

function later(line: Int32Array): void {
  for (let index = line.length - 1; index > 0; index -= 1) line[index] = at(line, index - 1);
}

/** Half of the coefficients of the filters that part the bands and join them (table 11), on a scale of 2^12. */
const coefficients = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/** The last 24 samples on their way through such a filter (figures 3 and 17). */
class BandFilter {
  readonly #line = new Int32Array(24);

  push(first: number, second: number): void {
    this.#line.copyWithin(0, 2);
    this.#line[22] = first;
    this.#line[23] = second;
  }

  get even(): number {
    let sum = 0;
    for (let tap = 0; tap < 12; tap += 1) sum += at(this.#line, 2 * tap) * (coefficients[tap] ?? 0);
    return sum;
  }

  get odd(): number {
    let sum = 0;
    for (let tap = 0; tap < 12; tap += 1) sum += at(this.#line, 23 - 2 * tap) * (coefficients[tap] ?? 0);
    return sum;
  }
}

/** Sound as the filters part it: two bands of 8 kHz each, a sample of both for an octet. */
export interface BandSamples {
  readonly lower: Int16Array;
  readonly upper: Int16Array;
}

const bandSamples = (length: number): BandSamples => ({
  lower: new Int16Array(length),
  upper: new Int16Array(length),
});

/** Both bands in their codes, either way: who has decoded a stream so far could also go on to encode it. */
export class G722Bands {
  readonly #lower: Band;
  readonly #upper: Band;

  constructor(lower = new Band(lowerTables), upper = new Band(upperTables)) {
    this.#lower = lower;
    this.#upper = upper;
  }

  copy(): G722Bands {
    return new G722Bands(this.#lower.copy(), this.#upper.copy());
  }

  encode({ lower, upper }: BandSamples): Buffer {
    const codes = Buffer.allocUnsafe(lower.length);
    for (let index = 0; index < codes.length; index += 1) {
      codes[index] = this.#encodeUpper(upper[index] ?? 0) | this.#encodeLower(lower[index] ?? 0);
    }
    return codes;
  }

  decode(codes: Uint8Array): BandSamples {
    const samples = bandSamples(codes.length);
    for (let index = 0; index < codes.length; index += 1) {
      const octet = codes[index] ?? 0;
      samples.lower[index] = decoded(this.#lower, qm6[octet & 0x3f] ?? 0);
      samples.upper[index] = decoded(this.#upper, qm2[octet >> 6] ?? 0);
      this.#lower.adapt((octet & 0x3f) >> 2);
      this.#upper.adapt(octet >> 6);
    }
    return samples;
  }

  #encodeLower(sample: number): number {
    const code = this.#quantize(saturate(sample - this.#lower.predicted));
    this.#lower.adapt(code >> 2);
    return code;
  }

  /** QUANTL: the code of six bits whose level is the first beyond the difference. */
  #quantize(difference: number): number {
    const isNegative = difference < 0;
    const size = isNegative ? -difference - 1 : difference;
    let level = 1;
    while (level < 30 && size >= ((q6[level] ?? 0) * this.#lower.scale) >> 12) level += 1;
    if (!isNegative) return 62 - level;
    return level < 3 ? 64 - level : 34 - level;
  }

  /** QUANTH: two bits, of which one is the sign. */
  #encodeUpper(sample: number): number {
    const difference = saturate(sample - this.#upper.predicted);
    const isNegative = difference < 0;
    const size = isNegative ? -difference - 1 : difference;
    const isSmall = size < (564 * this.#upper.scale) >> 12;
    const code = (isNegative ? 0 : 2) | (isSmall ? 1 : 0);
    this.#upper.adapt(code);
    return code << 6;
  }
}

const decoded = ({ scale, predicted }: Band, level: number): number =>
  limit(predicted + ((scale * level) >> 15));

/** Samples of 16 bits at 16 kHz to G.722, an octet for two of them. */
export class G722Encoder {
  readonly #filter = new BandFilter();
  readonly #bands = new G722Bands();

  encode(samples: Int16Array): Buffer {
    const parted = bandSamples(samples.length >> 1);
    for (let index = 0; index < parted.lower.length; index += 1) {
      this.#filter.push(samples[2 * index] ?? 0, samples[2 * index + 1] ?? 0);
      const { even, odd } = this.#filter;
      parted.lower[index] = (even + odd) >> 14;
      parted.upper[index] = (odd - even) >> 14;
    }
    return this.#bands.encode(parted);
  }
}

/** G.722 to samples of 16 bits at 16 kHz. */
export class G722Decoder {
  readonly #filter = new BandFilter();
  readonly #bands = new G722Bands();

  decode(codes: Uint8Array): Int16Array {
    const { lower, upper } = this.#bands.decode(codes);
    const samples = new Int16Array(2 * codes.length);
    for (let index = 0; index < codes.length; index += 1) {
      const [low, high] = [lower[index] ?? 0, upper[index] ?? 0];
      this.#filter.push(low + high, low - high);
      samples[2 * index] = saturate(this.#filter.odd >> 11);
      samples[2 * index + 1] = saturate(this.#filter.even >> 11);
    }
    return samples;
  }
}
