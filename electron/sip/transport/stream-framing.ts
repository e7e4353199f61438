import { largestMessage } from '../message/message.ts';

export type Frame =
  /** One whole message, from its start line to the last byte that its Content-Length counts. */
  | { readonly kind: 'message'; readonly message: Buffer }
  /** A keep-alive that wants to be answered (RFC 5626, 3.5.1: CRLF CRLF). */
  | { readonly kind: 'ping' }
  /** Nobody can tell where the next message begins: the connection is of no more use (RFC 3261, 18.3). */
  | { readonly kind: 'broken'; readonly problem: string };

/** As in a datagram (message.ts). */
const largestHead = 16_384;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const emptyLine = Buffer.from('\r\n\r\n');

/** Content-Length under its long or its compact name, whatever case, blanks around the colon (RFC 3261, 20.14). */
const contentLength = /^(?:content-length|l)[ \t]*:[ \t]*(.*?)[ \t]*$/gim;

/** Cuts one stream of bytes into messages by Content-Length (RFC 3261, 18.3). Holds no more than one message. */
export class StreamFraming {
  private held: Buffer = Buffer.alloc(0);
  /** Where the search for the empty line goes on: a byte is looked at once, however small the pieces are. */
  private searched = 0;
  /** Bytes of the message that is being read; null: its headers are not complete. */
  private wanted: number | null = null;
  /** Bytes of CRLF CRLF seen since the last message. */
  private lineEnds = 0;
  private broken = false;

  /** A message has begun and not ended. */
  get isWithin(): boolean {
    return this.held.length > 0;
  }

  /** The frames that this piece completes; nothing more after a broken one. */
  *take(piece: Buffer): Generator<Frame> {
    if (this.broken) return;
    this.held = this.held.length === 0 ? piece : Buffer.concat([this.held, piece]);
    for (let frame = this.next(); frame; frame = this.next()) {
      yield frame;
      if (frame.kind === 'broken') return;
    }
  }

  private next(): Frame | null {
    if (this.wanted === null) {
      if (this.searched === 0 && this.skipLineEnds()) return { kind: 'ping' };
      const problem = this.readHead();
      if (problem !== null) return this.stop(problem);
    }
    if (this.wanted === null || this.held.length < this.wanted) return null;
    const message = this.held.subarray(0, this.wanted);
    this.held = this.held.subarray(this.wanted);
    this.wanted = null;
    this.searched = 0;
    return { kind: 'message', message };
  }

  /** Line ends between messages mean nothing (RFC 3261, 7.5), but two in a row are a ping. True: there was one. */
  private skipLineEnds(): boolean {
    let at = 0;
    let ping = false;
    while (this.held[at] === carriageReturn || this.held[at] === lineFeed) {
      this.lineEnds = this.held[at] === emptyLine[this.lineEnds] ? this.lineEnds + 1 : 0;
      if (this.lineEnds === emptyLine.length) {
        ping = true;
        this.lineEnds = 0;
      }
      at += 1;
    }
    if (at < this.held.length) this.lineEnds = 0;
    this.held = this.held.subarray(at);
    return ping;
  }

  /** Finds out how long the message is; the problem, if that cannot be known. */
  private readHead(): string | null {
    if (this.held.length === 0) return null;
    const end = this.held.indexOf(emptyLine, this.searched);
    if (end > largestHead || (end < 0 && this.held.length > largestHead)) return 'headers without an end';
    if (end < 0) {
      this.searched = Math.max(this.held.length - emptyLine.length + 1, 1);
      return null;
    }
    const lengths = [...this.held.toString('latin1', 0, end).matchAll(contentLength)].map(
      ([, value]) => value,
    );
    const [length = ''] = lengths;
    // RFC 3261, 18.3: it must be there.
    if (lengths.length !== 1 || !/^\d{1,9}$/.test(length)) return 'no single readable Content-Length';
    this.wanted = end + emptyLine.length + Number(length);
    return this.wanted > largestMessage ? `a message of ${this.wanted} bytes` : null;
  }

  private stop(problem: string): Frame {
    this.broken = true;
    this.held = Buffer.alloc(0);
    return { kind: 'broken', problem };
  }
}
