import type { MediaAttributes } from 'sdp-transform';
import type { Profile } from '../../contract/profile.ts';
import { mkiOctets } from './mki.ts';
import { masterLength, type SrtpSuite, srtpSuites } from './srtp-keys.ts';

/** Keys in SDP: the `a=crypto` lines of an audio stream (RFC 4568). */

/** `off`: plain RTP; `optional`: encrypted where the far end can; `required`: encrypted, or no call. */
export type SrtpPolicy = Profile['calls']['srtp'];

/** One line: a suite, the key that its sender encrypts with, and the tag that offer and answer know it by. */
export interface CryptoLine {
  readonly tag: number;
  readonly suite: SrtpSuite;
  /** Key and salt in base64. */
  readonly key: string;
  /** What packets under this key carry to name it, `1:4`. */
  readonly mki?: string;
  /** RTCP goes signed, but not encrypted (RFC 4568, 6.3.2). */
  readonly unencryptedSrtcp?: boolean;
}

/** The lines that we can keep, in the far end's order; `values` are those of `a=crypto`. */
export const readCryptoLines = (values: readonly string[]): CryptoLine[] =>
  values.flatMap((value) => {
    const [tag = '', suite = '', config = '', ...parameters] = value.trim().split(/ +/);
    const known = srtpSuites.find((each) => each === suite.toUpperCase());
    const master = known && masterOf(known, config);
    const session = sessionOf(parameters);
    return known && master && session && /^\d{1,9}$/.test(tag)
      ? [{ tag: Number(tag), suite: known, ...master, ...session }]
      : [];
  });

/** The lifetime, which no call reaches, is there for those who read an MKI only behind one. */
export const writeCryptoLines = (lines: readonly CryptoLine[]): NonNullable<MediaAttributes['crypto']> =>
  lines.map(({ tag, suite, key, mki, unencryptedSrtcp }) => ({
    id: tag,
    suite,
    config: `inline:${key}${mki ? `|2^31|${mki}` : ''}`,
    ...(unencryptedSrtcp ? { sessionConfig: 'UNENCRYPTED_SRTCP' } : {}),
  }));

/** `inline:KEY`, perhaps with a lifetime, which no call reaches (2^48 packets when absent), and an MKI (RFC 4568, 6.1). */
const inline = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^)?\d+)?(?:\|(\d+:\d+))?$/i;

/** The key that the far end begins with: the first of several, each of which must have an MKI. */
function masterOf(suite: SrtpSuite, config: string): Pick<CryptoLine, 'key' | 'mki'> | null {
  const masters = config.split(';').map((each) => inline.exec(each)?.slice(1));
  const [first] = masters;
  const [key, mki] = first ?? [];
  const areTold = masters.length === 1 || masters.every((each) => each?.[1] !== undefined);
  if (key === undefined || !areTold) return null;
  if (Buffer.from(key, 'base64').length !== masterLength[suite]) return null;
  if (mki === undefined) return { key };
  return mkiOctets(mki) ? { key, mki } : null;
}

/**
 * What the session parameters (RFC 4568, 6.3) ask for; null where that is beyond us. A window hint may be kept or not,
 * a parameter with a dash as well. Sound that is called encrypted and is not, or not signed, is none of what we do; nor
 * is a key derivation rate or FEC.
 */
function sessionOf(parameters: readonly string[]): Pick<CryptoLine, 'unencryptedSrtcp'> | null {
  const binding = parameters.filter((each) => !each.startsWith('-') && !/^(WSH=\d+|KDR=0)$/i.test(each));
  if (binding.some((each) => each.toUpperCase() !== 'UNENCRYPTED_SRTCP')) return null;
  return binding.length > 0 ? { unencryptedSrtcp: true } : {};
}
