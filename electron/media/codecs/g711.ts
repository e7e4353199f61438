import type { CodecName } from '../../contract/profile.ts';

/**
 * G.711 by tables: one law into the other, code by code (ITU-T G.711, 3.3), what silence looks like, and linear samples
 * where several voices are added up. PCMA exists on the wire alone: the window's leg and the WAV files have PCMU in its
 * place.
 */

/** Samples per millisecond, octets per millisecond: G.711 is 8 kHz, one octet a sample. */
export const samplesPerMs = 8;

/** In either law. */
export const isG711 = (codec: CodecName): boolean => codec === 'PCMU' || codec === 'PCMA';

const silenceCode = { PCMU: 0xff, PCMA: 0xd5 };
const codes = Array.from({ length: 256 }, (_, code) => code);

const magnitudeOfMu = (code: number): number => {
  const bits = ~code & 0x7f;
  return ((((bits & 0x0f) << 3) + 0x84) << (bits >> 4)) - 0x84;
};

const magnitudeOfA = (code: number): number => {
  const bits = (code ^ 0x55) & 0x7f;
  const exponent = bits >> 4;
  const mantissa = (bits & 0x0f) << 4;
  return exponent === 0 ? mantissa + 8 : (mantissa + 0x108) << (exponent - 1);
};

/** For every code of one law the nearest code of the other with the same sign (in both laws bit 7 set is positive). */
const nearestCodes = (from: (code: number) => number, to: (code: number) => number): Uint8Array =>
  Uint8Array.from(codes, (code) => {
    const wanted = from(code);
    return codes
      .filter((other) => (other & 0x80) === (code & 0x80))
      .reduce((best, other) => (Math.abs(to(other) - wanted) < Math.abs(to(best) - wanted) ? other : best));
  });

const muToA = nearestCodes(magnitudeOfMu, magnitudeOfA);
const aToMu = nearestCodes(magnitudeOfA, magnitudeOfMu);

const translate = (payload: Uint8Array, table: Uint8Array): Buffer => {
  const translated = Buffer.allocUnsafe(payload.length);
  for (const [position, code] of payload.entries()) translated[position] = table[code] ?? 0;
  return translated;
};

/** PCMU to what the plain leg speaks. */
export const fromPcmu = (payload: Buffer, codec: CodecName): Buffer =>
  codec === 'PCMU' ? payload : translate(payload, muToA);

/** What the plain leg speaks to PCMU. */
export const toPcmu = (payload: Buffer, codec: CodecName): Buffer =>
  codec === 'PCMU' ? payload : translate(payload, aToMu);

export const silence = (samples: number, codec: CodecName = 'PCMU'): Buffer =>
  Buffer.alloc(samples, silenceCode[codec === 'PCMA' ? 'PCMA' : 'PCMU']);

/** For every code of PCMU its sample, linear on a scale of 16 bits; the loudest is 32124. */
const linear = Int16Array.from(codes, (code) => (code & 0x80 ? magnitudeOfMu(code) : -magnitudeOfMu(code)));

const bias = 0x84;
const loudest = 32_124;

const muOf = (sample: number): number => {
  const biased = Math.min(Math.abs(sample), loudest) + bias;
  const exponent = 24 - Math.clz32(biased);
  const mantissa = (biased >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
};

/** Mu-law tells 14 bits apart: one entry for every four samples, taken at their middle. */
const codeOf = Uint8Array.from({ length: 1 << 14 }, (_, index) => muOf(((index - (1 << 13)) << 2) + 2));

/** The sample of a code of PCMU, linear on a scale of 16 bits. */
export const toLinear = (code: number): number => linear[code] ?? 0;

/** The code of PCMU for a sample of 16 bits. */
export const fromLinear = (sample: number): number => codeOf[(sample >> 2) + (1 << 13)] ?? silenceCode.PCMU;

export function samplesOfPcmu(pcmu: Uint8Array): Int16Array {
  const samples = new Int16Array(pcmu.length);
  for (let index = 0; index < samples.length; index += 1) samples[index] = linear[pcmu[index] ?? 0] ?? 0;
  return samples;
}

export const pcmuOfSamples = (samples: Int16Array): Buffer => {
  const pcmu = Buffer.allocUnsafe(samples.length);
  for (let index = 0; index < pcmu.length; index += 1) pcmu[index] = fromLinear(samples[index] ?? 0);
  return pcmu;
};
