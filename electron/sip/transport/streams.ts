import { connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import { StreamConnection } from './stream-connection.ts';
import type { Authorities } from './tls-trust.ts';
import { type Peer, peerKey, type TransportListener } from './transport.ts';
import type { UdpAddress } from './udp-socket.ts';

export interface StreamsOptions {
  /** Whether a connection from there may be opened to us. */
  admits(address: string): boolean;
  /** Takes connections at all; a phone that speaks TLS opens its own, for it has no certificate. */
  readonly listens: boolean;
  /** The name that a peer's certificate must bear. */
  nameOf(peer: Peer): string;
  readonly authorities: Authorities;
}

/** A PBX needs one connection, or one for each of its workers. */
const mostAccepted = 16;
/** Milliseconds for the connection and, over TLS, for the handshake. */
const connectTime = 10_000;

/**
 * All TCP and TLS connections of one extension. One to a peer is enough: it is opened when there is something to send,
 * both sides use it (RFC 5923), and answers go back over the one that the request has come on (RFC 3261, 18.2.2).
 */
export class Streams {
  private readonly connections = new Map<string, StreamConnection>();
  private readonly ready = new Set<StreamConnection>();
  private readonly accepted = new Set<StreamConnection>();
  /** Who waits for a connection to be made. */
  private readonly waiting = new Map<string, Set<(made: boolean) => void>>();
  private server: Server | null = null;
  private address = '';

  constructor(
    private readonly options: StreamsOptions,
    private readonly listener: TransportListener,
  ) {}

  /** Begins anew at this address: connections from another one are of no more use. */
  async open({ address, port }: UdpAddress): Promise<void> {
    await this.close();
    this.address = address;
    if (!this.options.listens) return;
    const server = createServer((socket) => this.accept(socket));
    try {
      await listening(server, port, address);
      this.server = server;
      server.on('error', (error) => this.listener.onError(error));
    } catch (error) {
      // Another program has the TCP port: what is large is then sent, but not received.
      this.listener.onError(error instanceof Error ? error : new Error(String(error)));
    }
  }

  send(message: Buffer, peer: Peer): void {
    this.to(peer).send(message);
  }

  /** Our end of the connection to that peer; null: there is none. */
  connectionTo(peer: Peer): UdpAddress | null {
    const connection = this.connections.get(peerKey(peer));
    return connection && this.ready.has(connection) ? connection.local : null;
  }

  async connect(peer: Peer, ms: number): Promise<boolean> {
    const connection = this.to(peer);
    if (this.ready.has(connection)) return true;
    return new Promise((resolve) => {
      const waiters = this.waiting.get(peerKey(peer)) ?? new Set();
      this.waiting.set(peerKey(peer), waiters);
      const done = (made: boolean): void => {
        clearTimeout(timer);
        waiters.delete(done);
        resolve(made);
      };
      const timer = setTimeout(() => {
        done(false);
        if (waiters.size === 0) connection.end(new Error('no connection in time'));
      }, ms);
      waiters.add(done);
    });
  }

  /** What is sent next goes over a new connection. */
  disconnect(peer: Peer): void {
    this.connections.get(peerKey(peer))?.end(new Error('the peer is silent'));
  }

  /** Silently: nobody is told that a connection is lost. */
  async close(): Promise<void> {
    for (const connection of [...this.connections.values(), ...this.accepted]) this.forget(connection);
    const { server } = this;
    this.server = null;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private to(peer: Peer): StreamConnection {
    const known = this.connections.get(peerKey(peer));
    if (known) return known;
    const socket = this.dial(peer);
    const connection = this.connection(socket, peer);
    socket.setTimeout(connectTime, () => socket.destroy(new Error('no connection in time')));
    socket.once(peer.transport === 'tls' ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0);
      this.ready.add(connection);
      this.settle(peer, true);
    });
    return connection;
  }

  private dial({ address, port, transport }: Peer): Socket {
    const at = { host: address, port, localAddress: this.address };
    if (transport !== 'tls') return connectTcp(at);
    const name = this.options.nameOf({ address, port, transport });
    // An IP address may not be sent as a server's name (RFC 6066, 3); it is compared with the certificate even so.
    return connectTls({
      ...at,
      ...(isIP(name) ? {} : { servername: name }),
      ca: this.options.authorities,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    });
  }

  private accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const welcome = remoteAddress !== undefined && remotePort !== undefined;
    if (!welcome || !this.options.admits(remoteAddress) || this.accepted.size >= mostAccepted) {
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const connection = this.connection(socket, {
      address: remoteAddress,
      port: remotePort,
      transport: 'tcp',
    });
    this.ready.add(connection);
    this.accepted.add(connection);
  }

  private connection(socket: Socket, peer: Peer): StreamConnection {
    const connection: StreamConnection = new StreamConnection(socket, {
      peer,
      onMessage: (message) => this.listener.onDatagram(message, peer, connection.local),
      onEnd: (error) => {
        this.forget(connection);
        this.listener.onLost?.(peer, error);
      },
    });
    this.connections.set(peerKey(peer), connection);
    return connection;
  }

  private forget(connection: StreamConnection): void {
    const { peer } = connection;
    connection.close();
    this.ready.delete(connection);
    this.accepted.delete(connection);
    if (this.connections.get(peerKey(peer)) !== connection) return;
    this.connections.delete(peerKey(peer));
    this.settle(peer, false);
  }

  private settle(peer: Peer, made: boolean): void {
    for (const done of [...(this.waiting.get(peerKey(peer)) ?? [])]) done(made);
    this.waiting.delete(peerKey(peer));
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
