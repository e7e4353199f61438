import { writePcapng } from './pcapng.ts';
import type { Traced } from './retransmission.ts';
import { isConnected } from './transport.ts';

export interface TraceLimits {
  readonly messages: number;
  /** Of all messages together. */
  readonly bytes: number;
}

/** An hour of a busy station. */
const usualLimits: TraceLimits = { messages: 4_000, bytes: 4 * 2 ** 20 };

/** The last messages that went in and out, without their credentials: what is not in here cannot be given away. */
export class SipTrace {
  private readonly ring: Traced[] = [];
  private held = 0;

  constructor(private readonly limits: TraceLimits = usualLimits) {}

  /** Takes a copy without credentials; forgets the oldest when there are too many. */
  record(traced: Traced): void {
    const datagram = withoutCredentials(traced.datagram);
    this.ring.push({ ...traced, datagram });
    this.held += datagram.length;
    while (this.ring.length > this.limits.messages || this.held > this.limits.bytes) {
      this.held -= this.ring.shift()?.datagram.length ?? this.held;
    }
  }

  /** Oldest first. */
  get messages(): readonly Traced[] {
    return this.ring;
  }

  get bytes(): number {
    return this.held;
  }

  clear(): void {
    this.ring.length = 0;
    this.held = 0;
  }

  /** The contents of a .pcapng file. */
  toPcapng(): Buffer {
    const messages = this.ring.map(({ direction, at, local, peer, datagram }) => ({
      at,
      overTcp: isConnected(peer),
      source: direction === 'out' ? local : peer,
      destination: direction === 'out' ? peer : local,
      payload: datagram,
    }));
    return writePcapng(messages, 'Partyline');
  }
}

/** Values of these headers, with their folded lines; the name may have any case, and blanks before the colon. */
const secretHeaders =
  /(^|[\r\n])((?:proxy-)?authorization|(?:proxy-)?authentication-info)([ \t]*:)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gi;
/** `sip:user:password@host` */
const secretInUri = /(sips?:[^\s:@<>;]*):[^\s@<>]*@/gi;
/** Keys of SDES (RFC 4568) and of SDP itself (RFC 4566, 5.12). */
const secretInSdp = /(^|[\r\n])(a=crypto:\d+ \S+ inline:|k=\w+:)[^\r\n]*/gi;

/** What a message is seen as by others: byte for byte but for its secrets. */
export function withoutCredentials(datagram: Buffer): Buffer {
  const text = datagram.toString('latin1');
  const redacted = text
    .replace(secretHeaders, '$1$2$3 (removed)')
    .replace(secretInUri, '$1:(removed)@')
    .replace(secretInSdp, '$1$2(removed)');
  return redacted === text ? datagram : Buffer.from(redacted, 'latin1');
}
