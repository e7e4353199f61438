import type { Log } from '../phone/ports.ts';
import { ClientTransactions, type ResponseHandlers } from './client-transactions.ts';
import { inspect } from './ingress-guard.ts';
import { header, type SipMessage } from './message.ts';
import { tagOf } from './message-fields.ts';
import { cryptoRandom } from './random.ts';
import { type Limits, officeLimits, RateLimit, type Trust } from './rate-limit.ts';
import { ServerTransactions } from './server-transactions.ts';
import { type BindUdpSocket, bindUdpSocket, type UdpAddress } from './udp-socket.ts';

/** One datagram on the wire, as the trace sees it. */
export interface Traced {
  readonly direction: 'in' | 'out';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly local: UdpAddress;
  readonly peer: UdpAddress;
  readonly datagram: Buffer;
}

export interface EndpointOptions {
  /** Address and UDP port to bind; port 0 takes any. */
  readonly local: UdpAddress;
  /** Requests (each once) and responses that no handlers wait for. A throw is caught and logged. */
  onMessage(message: SipMessage, from: UdpAddress): void;
  /** How far a source is trusted; fully when absent. Of strangers (`none`) nothing is read or answered. */
  trust?(from: UdpAddress): Trust;
  readonly limits?: Limits;
  tap?(traced: Traced): void;
  readonly log: Log;
  readonly bind?: BindUdpSocket;
}

/** SIP over one UDP socket, made as reliable as RFC 3261, 17 makes it: what stands above sees no loss and no repeats. */
export interface Endpoint {
  /** Changes when the socket moves (movable-socket.ts). */
  readonly local: UdpAddress;
  /**
   * Sends a request (repeated until answered); `to.address` must be an IP address. Via, tags and CSeq are the caller's.
   * Returns how to give up: no more repeats, and what still comes is dropped.
   */
  request(request: SipMessage, to: UdpAddress, handlers?: ResponseHandlers): () => void;
  /** Sends a response where its top Via says. */
  respond(response: SipMessage): void;
  /** Either of the two. */
  send(message: SipMessage, to: UdpAddress, handlers?: ResponseHandlers): void;
  /** Transactions still remembered; for tests and statistics. */
  readonly transactions: number;
  /** Stops every timer and closes the socket. */
  close(): Promise<void>;
}

/** Rejects with node's error when the port cannot be bound. */
export async function createEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { log } = options;
  const socket = await (options.bind ?? bindUdpSocket)(options.local, {
    onDatagram: (datagram, from) => guarded(() => receive(datagram, from)),
    onError: (error) => log.warn({ error }, 'SIP datagram not sent'),
  });

  const transmit = (datagram: Buffer, peer: UdpAddress): void => {
    options.tap?.({ direction: 'out', at: Date.now(), local: socket.local, peer, datagram });
    socket.send(datagram, peer);
  };
  const clients = new ClientTransactions(transmit, guarded);
  const servers = new ServerTransactions(transmit);
  const limit = new RateLimit(options.limits ?? officeLimits, () => performance.now());

  /** Neither a datagram nor a timer may ever end the phone, whatever stands above makes of it. */
  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error({ error }, 'SIP message failed');
    }
  }

  function receive(datagram: Buffer, from: UdpAddress): void {
    const trust = options.trust?.(from) ?? 'full';
    if (trust === 'none' || !limit.admitsDatagram(from.address, trust)) return;
    options.tap?.({ direction: 'in', at: Date.now(), local: socket.local, peer: from, datagram });
    const verdict = inspect(datagram, from, cryptoRandom.token);
    if (verdict.kind === 'message') pass(verdict.message, from, trust);
    else log.debug({ from, problem: verdict.problem }, 'SIP datagram not taken');
    if (verdict.kind === 'answer') servers.send(verdict.response);
  }

  function pass(message: SipMessage, from: UdpAddress, trust: Exclude<Trust, 'none'>): void {
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
