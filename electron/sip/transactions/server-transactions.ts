import { header, headerValues, type SipMessage, writeMessage } from '../message/message.ts';
import { readVia, tagOf, writeHostPort } from '../message/message-fields.ts';
import { defaultPort, isConnected, type Peer, readTransport } from '../transport/transport.ts';
import type { UdpAddress } from '../transport/udp-socket.ts';
import { Repeater, T2, T4, transactionTime } from './timers.ts';

interface Server {
  readonly from: Peer;
  readonly isInvite: boolean;
  expiry: NodeJS.Timeout;
  /** The last response, sent again to every repeat of the request. */
  response: { readonly datagram: Buffer; readonly status: number } | null;
  repeater: Repeater | null;
  acknowledged: boolean;
}

/** An INVITE may ring for long before it is answered; other requests are answered at once or never. */
const ringingTime = 10 * 60_000;

/** A storm must not fill the memory: enough for 120 requests a second, each remembered for 64*T1. */
const mostServers = 4_096;

/**
 * The receiving side of RFC 3261, 17.2, beneath any user: each request is passed on once, its repeats are
 * answered with the last response; over UDP a non-2xx answer to an INVITE is repeated until its ACK (timers G, H). The first
 * ACK is passed on (sip.js waits for it), its repeats are absorbed. 2xx answers are repeated by the user (13.3.1.4).
 */
export class ServerTransactions {
  private readonly servers = new Map<string, Server>();

  constructor(
    private readonly transmit: (datagram: Buffer, to: Peer) => void,
    private readonly isOpen: (connection: Peer) => boolean,
  ) {}

  get size(): number {
    return this.servers.size;
  }

  /** Whether this is a repeat. */
  knows(request: SipMessage): boolean {
    return this.servers.has(keyOf(request, request.method));
  }

  /** True when the request is new and the user should see it. */
  take(request: SipMessage, from: Peer): boolean {
    const isAck = request.method === 'ACK';
    const key = keyOf(request, isAck ? 'INVITE' : request.method);
    const known = this.servers.get(key);
    if (isAck) return !known || this.acknowledge(key, known);
    if (known) {
      if (known.response) this.transmit(known.response.datagram, this.wayBack(request, known.from));
      return false;
    }
    if (this.servers.size >= mostServers && !this.forgetOldest()) return false;
    const isInvite = request.method === 'INVITE';
    this.servers.set(key, {
      from,
      isInvite,
      expiry: setTimeout(() => this.forget(key), isInvite ? ringingTime : transactionTime),
      response: null,
      repeater: null,
      acknowledged: false,
    });
    return true;
  }

  /** `from`: where its request has come from, if `take` did not see that. */
  send(response: SipMessage, from?: Peer): void {
    const key = keyOf(response, response.method);
    const server = this.servers.get(key);
    const to = this.wayBack(response, server?.from ?? from);
    if (!to) return;
    const datagram = writeMessage(response);
    this.transmit(datagram, to);
    if (!server) return;
    server.response = { datagram, status: response.status };
    if (response.status < 200) return;
    // Timers H, J, L.
    const reliable = isConnected(server.from);
    this.expireIn(key, server, reliable && !server.isInvite ? 0 : transactionTime);
    if (server.isInvite && response.status >= 300 && !server.repeater && !reliable) {
      server.repeater = new Repeater(() => this.transmit(datagram, to), T2);
    }
  }

  close(): void {
    for (const key of [...this.servers.keys()]) this.forget(key);
  }

  /** The ACK of an INVITE's own branch: the one to its non-2xx answer (timer I then). True the first time. */
  private acknowledge(key: string, server: Server): boolean {
    server.repeater?.stop();
    const first = !server.acknowledged;
    server.acknowledged = true;
    if (first && (server.response?.status ?? 0) >= 300)
      this.expireIn(key, server, isConnected(server.from) ? 0 : T4);
    return first;
  }

  /** Over the connection that the request came on, or a new one where the Via says (RFC 3261, 18.2.2). */
  private wayBack(message: SipMessage, from: Peer): Peer;
  private wayBack(message: SipMessage, from: Peer | undefined): Peer | undefined;
  private wayBack(message: SipMessage, from: Peer | undefined): Peer | undefined {
    if (!from || !isConnected(from)) return responseAddress(message) ?? from;
    return this.isOpen(from) ? from : { ...from, ...sentBy(message) };
  }

  private expireIn(key: string, server: Server, ms: number): void {
    clearTimeout(server.expiry);
    server.expiry = setTimeout(() => this.forget(key), ms);
  }

  /** Makes room by what would be missed least: the request that was answered longest ago. False: there is none. */
  private forgetOldest(): boolean {
    for (const [key, { isInvite, response }] of this.servers) {
      if (isInvite || response === null) continue;
      this.forget(key);
      return true;
    }
    return false;
  }

  private forget(key: string): void {
    const server = this.servers.get(key);
    server?.repeater?.stop();
    clearTimeout(server?.expiry);
    this.servers.delete(key);
  }
}

/** RFC 3261, 17.2.3; without the magic cookie, the rule of RFC 2543 that old gear needs. */
function keyOf(message: SipMessage, method: string): string {
  const via = readVia(headerValues(message, 'Via')[0] ?? '');
  const branch = via?.params.get('branch') ?? '';
  const place = via ? writeHostPort(via.host, via.port) : '';
  if (branch.startsWith('z9hG4bK')) return `${branch} ${place} ${method}`;
  const number = (header(message, 'CSeq') ?? '').split(/\s/, 1)[0] ?? '';
  return [branch, place, header(message, 'Call-ID'), tagOf(header(message, 'From')), number, method].join(
    ' ',
  );
}

/** Where a response goes (RFC 3261, 18.2.2; RFC 3581): received and rport, which the ingress guard filled in. */
export function responseAddress(response: SipMessage): UdpAddress | null {
  const via = readVia(headerValues(response, 'Via')[0] ?? '');
  if (!via) return null;
  const rport = Number(via.params.get('rport') ?? Number.NaN);
  const address = via.params.get('received') ?? via.host;
  return { address, port: Number.isInteger(rport) && rport > 0 ? rport : (via.port ?? 5060) };
}

/** Where the sender of a request listens for connections. */
function sentBy(message: SipMessage): UdpAddress | null {
  const via = readVia(headerValues(message, 'Via')[0] ?? '');
  return (
    via && {
      address: via.params.get('received') ?? via.host,
      port: via.port ?? defaultPort(readTransport(via.transport)),
    }
  );
}
