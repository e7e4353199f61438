import { createCipheriv, createHmac } from 'node:crypto';
import type { SrtpKeys } from '../../phone/ports.ts';

/** What SRTP needs of cryptography: the AES counter mode, the tag, and the keys of a session (RFC 3711, 4). */

export type SrtpSuite = SrtpKeys['suite'];

/** Those that we can keep (RFC 4568, 6.2; RFC 6188). */
export const srtpSuites = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
] as const satisfies readonly SrtpSuite[];

/** Octets of the tag of an RTP packet, by suite; that of RTCP is always the long one (RFC 4568, 6.2). */
export const tagLength: Record<SrtpSuite, number> = {
  AES_CM_128_HMAC_SHA1_80: 10,
  AES_CM_128_HMAC_SHA1_32: 4,
  AES_256_CM_HMAC_SHA1_80: 10,
  AES_256_CM_HMAC_SHA1_32: 4,
};
export const controlTagLength = 10;

/** Octets of a block of AES, whatever the key. */
const blockLength = 16;
const saltLength = 14;
/** A master key and its salt, as they come one after the other in `a=crypto` (RFC 4568, 6.1). */
export const masterLength: Record<SrtpSuite, number> = {
  AES_CM_128_HMAC_SHA1_80: 16 + saltLength,
  AES_CM_128_HMAC_SHA1_32: 16 + saltLength,
  AES_256_CM_HMAC_SHA1_80: 32 + saltLength,
  AES_256_CM_HMAC_SHA1_32: 32 + saltLength,
};

const cipherKeyLabel = { rtp: 0, rtcp: 3 };
const authenticationKeyLength = 20;

export interface SessionKeys {
  readonly cipher: Buffer;
  readonly authentication: Buffer;
  readonly salt: Buffer;
}

/** The keys of one direction, of RTP or of RTCP (RFC 3711, 4.3; the key derivation rate is 0). */
export function deriveSessionKeys(master: Buffer, of: keyof typeof cipherKeyLabel): SessionKeys {
  const keyLength = master.length - saltLength;
  const masterKey = master.subarray(0, keyLength);
  const derive = (label: number, length: number): Buffer => {
    const counter = Buffer.alloc(blockLength);
    master.copy(counter, 0, keyLength);
    counter.writeUInt8(counter.readUInt8(7) ^ label, 7);
    return inCounterMode(masterKey, counter, Buffer.alloc(length));
  };
  const label = cipherKeyLabel[of];
  return {
    cipher: derive(label, keyLength),
    authentication: derive(label + 1, authenticationKeyLength),
    salt: derive(label + 2, saltLength),
  };
}

/** Encrypts and, being the same, decrypts what a packet of a stream carries (RFC 3711, 4.1.1). */
export function crypt({ cipher, salt }: SessionKeys, ssrc: number, index: number, data: Buffer): Buffer {
  const counter = Buffer.alloc(blockLength);
  salt.copy(counter);
  counter.writeUInt32BE((counter.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  counter.writeUInt32BE((counter.readUInt32BE(8) ^ Math.floor(index / 0x1_0000)) >>> 0, 8);
  counter.writeUInt16BE(counter.readUInt16BE(12) ^ (index & 0xffff), 12);
  return inCounterMode(cipher, counter, data);
}

/** The tag, cut to `length` octets (RFC 3711, 4.2). */
export function tagOf({ authentication }: SessionKeys, parts: readonly Buffer[], length: number): Buffer {
  const hmac = createHmac('sha1', authentication);
  for (const part of parts) hmac.update(part);
  return hmac.digest().subarray(0, length);
}

const inCounterMode = (key: Buffer, counter: Buffer, data: Buffer): Buffer =>
  createCipheriv(`aes-${8 * key.length}-ctr`, key, counter).update(data);
