import type { MediaAttributes } from 'sdp-transform';
import type { Profile } from '../../contract/profile.ts';
import { masterLength, type SrtpSuite } from './srtp-keys.ts';

/** Keys in SDP: the `a=crypto` lines of an audio stream (RFC 4568). */

/** `off`: plain RTP; `optional`: encrypted where the far end can; `required`: encrypted, or no call. */
export type SrtpPolicy = Profile['calls']['srtp'];

/** One line: a suite, the key that its sender encrypts with, and the tag that offer and answer know it by. */
export interface CryptoLine {
  readonly tag: number;
  readonly suite: SrtpSuite;
  /** Key and salt in base64. */
  readonly key: string;
}

/** The stronger tag first. */
export const srtpSuites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const;

type CryptoAttributes = NonNullable<MediaAttributes['crypto']>;

/** The lines that we can keep, in the far end's order. One with a session parameter or an MKI asks for what we lack. */
export const readCryptoLines = (lines: CryptoAttributes | undefined): CryptoLine[] =>
  (lines ?? []).flatMap(({ id, suite, config, sessionConfig }) => {
    const known = srtpSuites.find((each) => each === String(suite).toUpperCase());
    const key = keyOf(String(config));
    return known && key && !sessionConfig?.trim() ? [{ tag: Number(id), suite: known, key }] : [];
  });

export const writeCryptoLines = (lines: readonly CryptoLine[]): CryptoAttributes =>
  lines.map(({ tag, suite, key }) => ({ id: tag, suite, config: `inline:${key}` }));

/** `inline:KEY`, perhaps with a lifetime, which no call reaches (2^48 packets when absent; RFC 4568, 6.1). */
function keyOf(config: string): string | null {
  const [, key] = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^)?\d+)?$/i.exec(config) ?? [];
  return key && Buffer.from(key, 'base64').length === masterLength ? key : null;
}
