import { EventEmitter } from 'node:events';
import { xorshift } from '../integration/rough-network.ts';

interface Address {
  readonly address: string;
  readonly port: number;
}

/** The network below every socket of this module. */
export const network = {
  /** The address that this machine sends from; a socket bound to one it had before is deaf and dumb. */
  own: '192.0.2.10',
  /** Addresses that nobody changes: the servers'. */
  servers: new Set<string>(),
  /** Addresses behind a translator, and what they look like from before it (ports stay the same). */
  translated: new Map<string, string>(),
  /** Datagrams from or to these addresses are lost. */
  cut: new Set<string>(),
  /** How many datagrams began with each word: a method, or SIP/2.0. */
  sent: new Map<string, number>(),
  /** How many INVITEs have come to where nobody is. */
  strayCalls: 0,
  sockets: new Map<string, Socket>(),
};

const random = xorshift(20_261_122);
const longestDelay = 20;

const keyOf = ({ address, port }: Address): string => `${address}:${port}`;

const isUp = (address: string): boolean =>
  address === network.own || network.servers.has(address) || network.translated.has(address);

function untranslated(seen: string): string {
  for (const [own, outside] of network.translated) if (outside === seen) return own;
  return seen;
}

/** As much of a dgram.Socket as the product uses, within the process: a fake clock rules every datagram. */
export class Socket extends EventEmitter {
  private bound: Address | null = null;

  bind(local: { address: string; port: number }, listening?: () => void): this {
    const refusal = !isUp(local.address)
      ? 'EADDRNOTAVAIL'
      : network.sockets.has(keyOf(local))
        ? 'EADDRINUSE'
        : null;
    if (refusal) {
      queueMicrotask(() =>
        this.emit('error', Object.assign(new Error(`bind ${refusal}`), { code: refusal })),
      );
      return this;
    }
    this.bound = local;
    network.sockets.set(keyOf(local), this);
    queueMicrotask(() => {
      listening?.();
      this.emit('listening');
    });
    return this;
  }

  /** Chooses a route, no more. */
  connect(_port: number, _address: string): void {
    this.bound = { address: network.own, port: 1 };
    queueMicrotask(() => this.emit('connect'));
  }

  address(): Address {
    if (!this.bound) throw new Error('not bound');
    return this.bound;
  }

  send(datagram: Buffer, port: number, address: string, sent?: (error: Error | null) => void): void {
    const [word = ''] = datagram.toString('latin1', 0, 10).split(' ');
    network.sent.set(word, (network.sent.get(word) ?? 0) + 1);
    queueMicrotask(() => sent?.(null));
    const local = this.address();
    const from = { address: network.translated.get(local.address) ?? local.address, port: local.port };
    const to = { address: untranslated(address), port };
    if (!isUp(local.address) || network.cut.has(local.address) || network.cut.has(to.address)) return;
    setTimeout(
      () => {
        const socket = isUp(to.address) ? network.sockets.get(keyOf(to)) : undefined;
        if (socket) socket.emit('message', datagram, from);
        else if (word === 'INVITE') network.strayCalls += 1;
      },
      1 + random() * longestDelay,
    );
  }

  close(closed?: () => void): this {
    if (this.bound && network.sockets.get(keyOf(this.bound)) === this)
      network.sockets.delete(keyOf(this.bound));
    queueMicrotask(() => {
      closed?.();
      this.emit('close');
    });
    return this;
  }
}

/** In the place of node:dgram's. */
export const createSocket = (): Socket => new Socket();
