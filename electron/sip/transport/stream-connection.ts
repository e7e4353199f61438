import type { Socket } from 'node:net';
import { StreamFraming } from './stream-framing.ts';
import type { Peer } from './transport.ts';
import type { UdpAddress } from './udp-socket.ts';

export interface StreamConnectionOptions {
  readonly peer: Peer;
  onMessage(message: Buffer): void;
  /** It has ended, whoever ended it, or could not be made; told once, and not after `close`. */
  onEnd(error: Error): void;
}

/** Nobody needs so long between the first and the last byte of a message; milliseconds. */
const patience = 30_000;
/** As long as a call may ring: whoever has said nothing for so long has no answer to wait for. */
const longestIdle = 10 * 60_000;
/** Bytes that wait for a peer which takes none: it has been gone for long. */
const mostWaiting = 2 ** 20;
const pong = Buffer.from('\r\n');

/** One TCP or TLS connection as messages: opened by us or by the peer, ended by either, or by what cannot be read. */
export class StreamConnection {
  private readonly framing = new StreamFraming();
  private readonly idle: NodeJS.Timeout;
  private slow: NodeJS.Timeout | null = null;
  private over = false;
  /** What a socket that was never connected is about to complain of. */
  private failure: Error | null = null;

  constructor(
    private readonly socket: Socket,
    private readonly options: StreamConnectionOptions,
  ) {
    this.idle = setTimeout(() => this.end(new Error('idle')), longestIdle);
    socket.setNoDelay(true);
    socket.on('data', (piece) => this.take(piece));
    socket.on('error', (error) => {
      this.failure = error;
    });
    // A peer that has stopped sending answers nothing any more.
    socket.on('end', () => this.end(new Error('closed by the peer')));
    socket.on('close', () => this.end(this.failure ?? new Error('closed')));
  }

  /** Our end of it. */
  get local(): UdpAddress {
    return { address: this.socket.localAddress ?? '', port: this.socket.localPort ?? 0 };
  }

  get peer(): Peer {
    return this.options.peer;
  }

  /** Before the connection is made, it waits. */
  send(message: Buffer): void {
    if (this.over) return;
    this.idle.refresh();
    this.socket.write(message);
    if (this.socket.writableLength > mostWaiting) this.end(new Error('the peer takes nothing'));
  }

  close(): void {
    this.over = true;
    clearTimeout(this.idle);
    if (this.slow) clearTimeout(this.slow);
    this.socket.destroy();
  }

  /** Closes it for a reason, and tells. */
  end(error: Error): void {
    if (this.over) return;
    this.close();
    this.options.onEnd(error);
  }

  private take(piece: Buffer): void {
    if (this.over) return;
    this.idle.refresh();
    let pinged = false;
    for (const frame of this.framing.take(piece)) {
      if (frame.kind === 'message') this.options.onMessage(frame.message);
      else if (frame.kind === 'ping') pinged = true;
      else this.end(new Error(`unreadable: ${frame.problem}`));
      if (this.over) return;
    }
    if (pinged) this.socket.write(pong);
    this.watch();
  }

  private watch(): void {
    if (!this.framing.isWithin && this.slow) {
      clearTimeout(this.slow);
      this.slow = null;
    }
    if (this.framing.isWithin) {
      this.slow ??= setTimeout(() => this.end(new Error('a message without an end')), patience);
    }
  }
}
