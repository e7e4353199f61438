import { timingSafeEqual } from 'node:crypto';
import type { SrtpKeys } from '../../phone/ports.ts';
import { rtpHeaderLength, sequenceDelta } from '../rtp/rtp.ts';
import { mkiOctets, withMki, withoutMki } from './mki.ts';
import { ReplayWindow } from './replay-window.ts';
import {
  controlTagLength,
  crypt,
  deriveSessionKeys,
  type SessionKeys,
  type SrtpSuite,
  tagLength,
  tagOf,
} from './srtp-keys.ts';

/** SRTP and SRTCP (RFC 3711) with keys from SDP (RFC 4568): AES in counter mode, HMAC-SHA1. */

const sequences = 0x1_0000;
/** The E flag: this RTCP packet is encrypted (RFC 3711, 3.4). */
const encryptedFlag = 0x8000_0000;
const controlHeaderLength = 8;
const controlIndexLength = 4;
/** More streams than this under one key are not a telephone; each is remembered, or its packets could be replayed. */
const maxStreams = 64;

/** What goes out, under our key. */
class Sender {
  readonly #tagLength: number;
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  /** The stream that goes out now, and the index of its last packet. */
  #stream: { ssrc: number; index: number } | null = null;
  #controlIndex = 0;

  constructor(suite: SrtpSuite, key: string) {
    const master = Buffer.from(key, 'base64');
    this.#tagLength = tagLength[suite];
    this.#rtp = deriveSessionKeys(master, 'rtp');
    this.#rtcp = deriveSessionKeys(master, 'rtcp');
  }

  /** The sequence numbers of a stream only go on, and none that has ended comes back: no index is used twice. */
  protect(datagram: Buffer): Buffer {
    const ssrc = datagram.readUInt32BE(8);
    const before = this.#stream?.ssrc === ssrc ? this.#stream.index : null;
    const index = indexOf(datagram.readUInt16BE(2), before);
    this.#stream = { ssrc, index };
    const headerLength = rtpHeaderLength(datagram) ?? datagram.length;
    const header = datagram.subarray(0, headerLength);
    const body = crypt(this.#rtp, ssrc, index, datagram.subarray(headerLength));
    const tag = tagOf(this.#rtp, [header, body, rolloverOf(index)], this.#tagLength);
    return Buffer.concat([header, body, tag]);
  }

  protectControl(datagram: Buffer, encrypts: boolean): Buffer {
    const index = this.#controlIndex;
    this.#controlIndex += 1;
    const header = datagram.subarray(0, controlHeaderLength);
    const plain = datagram.subarray(controlHeaderLength);
    const body = encrypts ? crypt(this.#rtcp, datagram.readUInt32BE(4), index, plain) : plain;
    const trailer = word((encrypts ? encryptedFlag : 0) + index);
    const tag = tagOf(this.#rtcp, [header, body, trailer], controlTagLength);
    return Buffer.concat([header, body, trailer, tag]);
  }
}

/** What comes in, under the far end's key: the packet as it was, or why it is not taken. */
type Unprotected = Buffer | 'foreign' | 'replayed';

class Receiver {
  readonly #tagLength: number;
  readonly #rtp: SessionKeys;
  readonly #rtcp: SessionKeys;
  readonly #streams = new Map<number, ReplayWindow>();
  readonly #controlStreams = new Map<number, ReplayWindow>();

  constructor(suite: SrtpSuite, key: string) {
    const master = Buffer.from(key, 'base64');
    this.#tagLength = tagLength[suite];
    this.#rtp = deriveSessionKeys(master, 'rtp');
    this.#rtcp = deriveSessionKeys(master, 'rtcp');
  }

  unprotect(datagram: Buffer): Unprotected {
    const end = datagram.length - this.#tagLength;
    const headerLength = rtpHeaderLength(datagram);
    if (headerLength === null || end < headerLength) return 'foreign';
    const ssrc = datagram.readUInt32BE(8);
    const stream = this.#streams.get(ssrc);
    const index = indexOf(datagram.readUInt16BE(2), stream?.highest ?? null);
    if (index < 0) return 'foreign';
    if (stream && !stream.isNew(index)) return 'replayed';
    const signed = datagram.subarray(0, end);
    const tag = tagOf(this.#rtp, [signed, rolloverOf(index)], this.#tagLength);
    if (!timingSafeEqual(tag, datagram.subarray(end))) return 'foreign';
    if (!remember(this.#streams, ssrc, index)) return 'foreign';
    const body = crypt(this.#rtp, ssrc, index, datagram.subarray(headerLength, end));
    return Buffer.concat([datagram.subarray(0, headerLength), body]);
  }

  unprotectControl(datagram: Buffer): Unprotected {
    const end = datagram.length - controlTagLength - controlIndexLength;
    if (end < controlHeaderLength) return 'foreign';
    const ssrc = datagram.readUInt32BE(4);
    const trailer = datagram.readUInt32BE(end);
    const index = trailer & 0x7fff_ffff;
    if (this.#controlStreams.get(ssrc)?.isNew(index) === false) return 'replayed';
    const tagAt = end + controlIndexLength;
    const tag = tagOf(this.#rtcp, [datagram.subarray(0, tagAt)], controlTagLength);
    if (!timingSafeEqual(tag, datagram.subarray(tagAt))) return 'foreign';
    if (!remember(this.#controlStreams, ssrc, index)) return 'foreign';
    const isEncrypted = trailer >= encryptedFlag;
    const body = datagram.subarray(controlHeaderLength, end);
    return Buffer.concat([
      datagram.subarray(0, controlHeaderLength),
      isEncrypted ? crypt(this.#rtcp, ssrc, index, body) : body,
    ]);
  }
}

/**
 * Where a sequence number of 16 bits belongs among those of 48: nearest to the highest that has come (RFC 3711, 3.3.1).
 * So nothing but a loss of 32768 packets in a row loses count.
 */
const indexOf = (sequence: number, highest: number | null): number =>
  highest === null ? sequence : highest + sequenceDelta(sequence, highest & 0xffff);

/** The rollover counter, which both ends sign without sending it. */
const rolloverOf = (index: number): Buffer => word(Math.floor(index / sequences));

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value >>> 0);
  return buffer;
}

function remember(streams: Map<number, ReplayWindow>, ssrc: number, index: number): boolean {
  const stream = streams.get(ssrc) ?? new ReplayWindow();
  if (!streams.has(ssrc) && streams.size >= maxStreams) return false;
  streams.set(ssrc, stream);
  stream.take(index);
  return true;
}

/** One leg's encryption, both ways. A direction goes on as it was for as long as its key is the same. */
export class Srtp {
  readonly #keys: SrtpKeys;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #mki: { readonly local: Buffer | null; readonly remote: Buffer | null };
  /** Datagrams that were not taken: not signed with the far end's key, or come before. */
  readonly dropped = { foreign: 0, replayed: 0 };

  constructor(keys: SrtpKeys, before: Srtp | null = null) {
    const goesOn = (side: 'local' | 'remote'): boolean =>
      before !== null && before.#keys.suite === keys.suite && before.#keys[side] === keys[side];
    this.#keys = keys;
    this.#sender = before && goesOn('local') ? before.#sender : new Sender(keys.suite, keys.local);
    this.#receiver = before && goesOn('remote') ? before.#receiver : new Receiver(keys.suite, keys.remote);
    this.#mki = { local: mkiOctets(keys.localMki ?? ''), remote: mkiOctets(keys.remoteMki ?? '') };
    if (before) Object.assign(this.dropped, before.dropped);
  }

  protect(datagram: Buffer): Buffer {
    return withMki(this.#sender.protect(datagram), this.#mki.local, this.#tagLength);
  }

  protectControl(datagram: Buffer): Buffer {
    const wire = this.#sender.protectControl(datagram, !this.#keys.unencryptedSrtcp);
    return withMki(wire, this.#mki.local, controlTagLength);
  }

  /** Null for what is not the far end's, or has come before. */
  unprotect(datagram: Buffer): Buffer | null {
    const wire = withoutMki(datagram, this.#mki.remote, this.#tagLength);
    return this.#counted(wire ? this.#receiver.unprotect(wire) : 'foreign');
  }

  unprotectControl(datagram: Buffer): Buffer | null {
    const wire = withoutMki(datagram, this.#mki.remote, controlTagLength);
    return this.#counted(wire ? this.#receiver.unprotectControl(wire) : 'foreign');
  }

  get #tagLength(): number {
    return tagLength[this.#keys.suite];
  }

  #counted(result: Unprotected): Buffer | null {
    if (typeof result !== 'string') return result;
    this.dropped[result] += 1;
    return null;
  }
}
