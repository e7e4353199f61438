import type { TracedMessage } from '../../contract/commands.ts';
import type { Traced } from '../transactions/retransmission.ts';
import { isConnected } from '../transport/transport.ts';
import { writePcapng } from './pcapng.ts';

export interface TraceLimits {
  readonly messages: number;
  /** Of all messages together. */
  readonly bytes: number;
}

/** A message in the ring. */
export interface TraceEntry extends Traced {
  /** Counted from 1 over all messages there ever were. */
  readonly sequence: number;
  /** 1-based. */
  readonly extension: number;
}

/** Of all texts of one answer together, in characters: JSON may write each as six bytes, and a reader holds 4 MB. */
const mostText = 2 ** 19;

/** An hour of a busy station. */
const usualLimits: TraceLimits = { messages: 4_000, bytes: 4 * 2 ** 20 };

/** The last messages that went in and out, without their credentials: what is not in here cannot be given away. */
export class SipTrace {
  /** By sequence: what is at its beginning is the oldest, and costs nothing to forget. */
  private readonly ring = new Map<number, TraceEntry>();
  private recorded = 0;
  private held = 0;

  constructor(private readonly limits: TraceLimits = usualLimits) {}

  /** Takes a copy without credentials; forgets the oldest when there are too many. */
  record(traced: Traced, extension: number): void {
    const datagram = withoutCredentials(traced.datagram);
    this.recorded += 1;
    this.ring.set(this.recorded, { ...traced, datagram, extension, sequence: this.recorded });
    this.held += datagram.length;
    while (this.ring.size > this.limits.messages || this.held > this.limits.bytes) this.forgetOldest();
  }

  private forgetOldest(): void {
    const [sequence = 0] = this.ring.keys();
    this.held -= this.ring.get(sequence)?.datagram.length ?? this.held;
    this.ring.delete(sequence);
  }

  /** Oldest first. */
  get messages(): readonly TraceEntry[] {
    return [...this.ring.values()];
  }

  /** At most `limit` messages after a sequence number, oldest first; fewer when they are long, but one if there is any. */
  read({ after, limit }: { readonly after: number; readonly limit: number }): TracedMessage[] {
    const wanted: TracedMessage[] = [];
    let length = 0;
    for (const entry of this.ring.values()) {
      if (entry.sequence <= after) continue;
      length += entry.datagram.length;
      if (wanted.length === limit || (wanted.length > 0 && length > mostText)) break;
      wanted.push(readable(entry));
    }
    return wanted;
  }

  get bytes(): number {
    return this.held;
  }

  clear(): void {
    this.ring.clear();
    this.held = 0;
  }

  /** The contents of a .pcapng file. */
  toPcapng(): Buffer {
    const messages = this.messages.map(({ direction, at, local, peer, datagram }) => ({
      at,
      overTcp: isConnected(peer),
      source: direction === 'out' ? local : peer,
      destination: direction === 'out' ? peer : local,
      payload: datagram,
    }));
    return writePcapng(messages, 'Partyline');
  }
}

function readable({ sequence, at, direction, extension, local, peer, datagram }: TraceEntry): TracedMessage {
  return {
    sequence,
    time: new Date(at).toISOString(),
    direction,
    extension,
    local: { address: local.address, port: local.port },
    remote: { address: peer.address, port: peer.port },
    transport: peer.transport ?? 'udp',
    text: datagram.toString(),
  };
}

/** Values of these headers, with their folded lines; the name may have any case, and blanks before the colon. */
const secretHeaders =
  /(^|[\r\n])((?:proxy-)?authorization|(?:proxy-)?authentication-info)([ \t]*:)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gi;
/** `sip:user:password@` */
const secretInUri = /(sips?:[^:;]*):.*@/i;
/** Keys of SDES (RFC 4568) and of SDP itself (RFC 4566, 5.12). */
const secretInSdp = /(^|[\r\n])(a=crypto:\d+ \S+ inline:|k=\w+:)[^\r\n]*/gi;

/** What a message is seen as by others: byte for byte but for its secrets. */
export function withoutCredentials(datagram: Buffer): Buffer {
  const text = datagram.toString('latin1');
  const redacted = withoutPasswords(text.replace(secretHeaders, '$1$2$3 (removed)')).replace(
    secretInSdp,
    '$1$2(removed)',
  );
  return redacted === text ? datagram : Buffer.from(redacted, 'latin1');
}

/** Looks at the word before each @ only: looked for anywhere, 60 kB of `sip:` would take a second. */
function withoutPasswords(text: string): string {
  let kept = '';
  let done = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = startOfWord(text, done, at);
    kept += text.slice(done, start) + text.slice(start, at + 1).replace(secretInUri, '$1:(removed)@');
    done = at + 1;
  }
  return kept + text.slice(done);
}

function startOfWord(text: string, from: number, end: number): number {
  let start = end;
  while (start > from && !isBetweenWords(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** Blanks, control characters, angle brackets. */
const isBetweenWords = (code: number): boolean => code <= 0x20 || code === 0x3c || code === 0x3e;
