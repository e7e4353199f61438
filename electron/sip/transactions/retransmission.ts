import type { Log } from '../../phone/ports.ts';
import { header, type SipMessage } from '../message/message.ts';
import { tagOf } from '../message/message-fields.ts';
import { cryptoRandom } from '../random.ts';
import { inspect } from '../transport/ingress-guard.ts';
import { LargeRequests } from '../transport/large-requests.ts';
import { type Limits, officeLimits, RateLimit, type Trust } from '../transport/rate-limit.ts';
import type { BindTransport, Peer } from '../transport/transport.ts';
import { bindUdpSocket, type UdpAddress } from '../transport/udp-socket.ts';
import { ClientTransactions, type ResponseHandlers } from './client-transactions.ts';
import { ServerTransactions } from './server-transactions.ts';

/** One message on the wire, as the trace sees it: over TLS as it was before it was encrypted. */
export interface Traced {
  readonly direction: 'in' | 'out';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly local: UdpAddress;
  readonly peer: Peer;
  readonly datagram: Buffer;
}

export interface EndpointOptions {
  /** Address and UDP port to bind; port 0 takes any. */
  readonly local: UdpAddress;
  /** Requests (each once) and responses that no handlers wait for. A throw is caught and logged. */
  onMessage(message: SipMessage, from: Peer): void;
  /** A connection to that peer is lost, or could not be made. */
  onLost?(peer: Peer, error: Error): void;
  /** How far a source is trusted; fully when absent. Of strangers (`none`) nothing is read or answered. */
  trust?(from: Peer): Trust;
  readonly limits?: Limits;
  tap?(traced: Traced): void;
  readonly log: Log;
  /** UDP alone when absent. */
  readonly bind?: BindTransport;
}

/** SIP at one port, made as reliable as RFC 3261, 17 makes it: what stands above sees no loss and no repeats. */
export interface Endpoint {
  /** Changes when the socket moves (movable-socket.ts). */
  readonly local: UdpAddress;
  /**
   * Sends a request (over UDP repeated until answered, over TCP after all when it is too large for a datagram);
   * `to.address` must be an IP address. Via, but for its transport, tags and CSeq are the caller's.
   * Returns how to give up: no more repeats, and what still comes is dropped.
   */
  request(request: SipMessage, to: Peer, handlers?: ResponseHandlers): () => void;
  /** Sends a response where its top Via says, or over the connection that its request came on. */
  respond(response: SipMessage): void;
  /** Either of the two. */
  send(message: SipMessage, to: Peer, handlers?: ResponseHandlers): void;
  /** Transactions still remembered; for tests and statistics. */
  readonly transactions: number;
  /** Stops every timer and closes the socket and its connections. */
  close(): Promise<void>;
}

/** Rejects with node's error when the port cannot be bound. */
export async function createEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { log } = options;
  const bind: BindTransport = options.bind ?? bindUdpSocket;
  const socket = await bind(options.local, {
    onDatagram: (datagram, from, local) => guarded(() => receive(datagram, from, local ?? socket.local)),
    onError: (error) => log.warn({ error }, 'SIP message not sent'),
    onLost: (peer, error) => guarded(() => lose(peer, error)),
  });

  const transmit = (datagram: Buffer, peer: Peer): void => {
    const local = socket.connectionTo?.(peer) ?? socket.local;
    options.tap?.({ direction: 'out', at: Date.now(), local, peer, datagram });
    socket.send(datagram, peer);
  };
  const large = new LargeRequests(socket, () => performance.now());
  const clients = new ClientTransactions(
    transmit,
    guarded,
    large,
    (failure) => options.onMessage(failure, socket.local),
    (peer) => socket.disconnect?.(peer),
  );
  const servers = new ServerTransactions(transmit, (peer) => (socket.connectionTo?.(peer) ?? null) !== null);
  const limit = new RateLimit(options.limits ?? officeLimits, () => performance.now());

  /** Neither a datagram nor a timer may ever end the phone, whatever stands above makes of it. */
  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error({ error }, 'SIP message failed');
    }
  }

  function lose(peer: Peer, error: Error): void {
    log.info({ peer, error }, 'SIP connection lost');
    clients.lost(peer, error);
    options.onLost?.(peer, error);
  }

  function receive(datagram: Buffer, from: Peer, local: UdpAddress): void {
    const trust = options.trust?.(from) ?? 'full';
    if (trust === 'none' || !limit.admitsDatagram(from.address, trust)) return;
    options.tap?.({ direction: 'in', at: Date.now(), local, peer: from, datagram });
    const verdict = inspect(datagram, from, cryptoRandom.token);
    if (verdict.kind === 'message') pass(verdict.message, from, trust);
    else log.debug({ from, problem: verdict.problem }, 'SIP datagram not taken');
    if (verdict.kind === 'answer') servers.send(verdict.response, from);
  }

  function pass(message: SipMessage, from: Peer, trust: Exclude<Trust, 'none'>): void {
    const isNewCall =
      message.method === 'INVITE' && message.kind === 'request' && tagOf(header(message, 'To')) === null;
    if (isNewCall && !servers.knows(message) && !limit.admitsCall(from.address, trust)) return;
    const wanted = message.kind === 'request' ? servers.take(message, from) : !clients.take(message);
    if (wanted) options.onMessage(message, from);
  }

  const request: Endpoint['request'] = (message, to, handlers) => clients.send(message, to, handlers);
  const respond = (message: SipMessage): void => servers.send(message);

  return {
    get local() {
      return socket.local;
    },
    request,
    respond,
    send: (message, to, handlers) => {
      if (message.kind === 'request') request(message, to, handlers);
      else respond(message);
    },
    get transactions() {
      return clients.size + servers.size;
    },
    close() {
      clients.close();
      servers.close();
      return socket.close();
    },
  };
}
