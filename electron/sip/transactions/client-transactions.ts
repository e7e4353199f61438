import { createResponse, headerValues, type SipMessage, writeMessage } from '../message/message.ts';
import { readVia } from '../message/message-fields.ts';
import type { LargeRequests } from '../transport/large-requests.ts';
import { isConnected, type Peer, peerKey, sentOver } from '../transport/transport.ts';
import { ackTo } from './ack.ts';
import { Repeater, T2, T4, transactionTime } from './timers.ts';

/** Who gets the responses to one request; without it they go to the endpoint's `onMessage`. */
export interface ResponseHandlers {
  onResponse(response: SipMessage): void;
  /**
   * 64*T1 have gone by without a final response (for an INVITE: without any response), or, with its `error`, the
   * connection that the request went over is lost before anything came back.
   */
  onTimeout?(error?: Error): void;
}

interface Client {
  /** As sent: its Via names the transport. */
  request: SipMessage;
  datagram: Buffer;
  /** Where the user wants it to go. */
  readonly wanted: Peer;
  /** Where it has gone: the same, or there over TCP because it is large. */
  to: Peer;
  readonly handlers: ResponseHandlers | undefined;
  /** Over a connection nothing is repeated. */
  repeater: Repeater | null;
  expiry: NodeJS.Timeout;
  /** Anything has come back. */
  heard: boolean;
  answered: boolean;
  /** The user has been told a 503 that nobody sent. */
  failed: boolean;
  /** The ACK to a non-2xx answer; its presence means that one has come. */
  ack: Buffer | null;
}

/** A ringing INVITE is forgotten when nothing has come for so long (in the spirit of timer C, RFC 3261, 16.6). */
const ringingTime = 10 * 60_000;

/**
 * The sending side of RFC 3261, 17.1, beneath any user: repeats requests over UDP (timers A, E) until they are
 * answered, sends the ACK to a non-2xx itself (17.1.1.3) and again to each repeat of it, absorbs repeated answers.
 * Every 2xx to an INVITE is passed on: its ACK is the user's. A connection that is lost ends what has gone over it.
 */
export class ClientTransactions {
  private readonly clients = new Map<string, Client>();

  constructor(
    private readonly transmit: (datagram: Buffer, to: Peer) => void,
    /** Runs what a timer starts: a throw there would end the process. */
    private readonly guarded: (work: () => void) => void,
    private readonly large: LargeRequests,
    /** Takes the 503 that stands for a transport error (RFC 3261, 8.1.3.1) when no handlers wait. */
    private readonly onFailure: (response: SipMessage) => void,
    /** A connection may be dead for a quarter of an hour before the kernel says so. */
    private readonly disconnect: (peer: Peer) => void,
  ) {}

  get size(): number {
    return this.clients.size;
  }

  /** Returns how to give up: no more repeats, and what still comes is dropped. */
  send(request: SipMessage, to: Peer, handlers: ResponseHandlers | undefined): () => void {
    const branch = branchOf(request);
    const invite = this.clients.get(keyOf(branch, 'INVITE'));
    if (request.method === 'ACK') {
      // The ACK to a non-2xx was ours already; sip.js sends its own.
      if (!invite?.ack && !invite?.failed) this.acknowledge(request, to);
      return () => {};
    }
    if (request.method === 'CANCEL') this.expireSoon(keyOf(branch, 'INVITE'));
    const key = keyOf(branch, request.method);
    this.forget(key);
    const client: Client = {
      request,
      datagram: writeMessage(request),
      wanted: to,
      to,
      handlers,
      repeater: null,
      expiry: setTimeout(() => this.timeOut(key), transactionTime),
      heard: false,
      answered: false,
      failed: false,
      ack: null,
    };
    this.clients.set(key, client);
    // A CANCEL goes the way of its INVITE (RFC 3261, 9.1).
    if (request.method === 'CANCEL' && invite) this.start(client, invite.to);
    else
      this.onItsWay(
        client.datagram,
        to,
        (way) => this.clients.get(key) === client && this.start(client, way),
      );
    return () => this.forget(key);
  }

  private onItsWay(datagram: Buffer, to: Peer, go: (way: Peer) => void): void {
    const way = this.large.wayOf(datagram.length, to);
    if (way instanceof Promise) void way.then((found) => this.guarded(() => go(found)));
    else go(way);
  }

  private acknowledge(ack: SipMessage, to: Peer): void {
    const write = (way: Peer): Buffer => writeMessage(sentOver(ack, way.transport));
    this.onItsWay(write(to), to, (way) => this.transmit(write(way), way));
  }

  private start(client: Client, to: Peer): void {
    client.to = to;
    const sent = sentOver(client.request, to.transport);
    if (sent !== client.request) {
      client.request = sent;
      client.datagram = writeMessage(sent);
    }
    const { datagram } = client;
    if (!isConnected(to)) {
      const longest = client.request.method === 'INVITE' ? transactionTime : T2;
      client.repeater = new Repeater(() => this.transmit(datagram, to), longest);
    }
    this.transmit(datagram, to);
  }

  /** A connection is gone: what was sent over it and not even provisionally answered has not arrived. */
  lost(peer: Peer, error: Error): void {
    const gone = peerKey(peer);
    for (const [key, client] of [...this.clients]) {
      if (peerKey(client.to) !== gone || client.heard || client.failed) continue;
      if (isConnected(client.wanted)) this.fail(key, client, error);
      else this.sendByUdpAfterAll(client);
    }
  }

  private hearNothing({ wanted, to }: Client): void {
    if (!isConnected(wanted)) this.large.refused(wanted);
    this.disconnect(to);
  }

  private sendByUdpAfterAll(client: Client): void {
    this.large.refused(client.wanted);
    this.start(client, client.wanted);
  }

  private fail(key: string, client: Client, error: Error): void {
    const { handlers, request } = client;
    if (handlers) {
      this.forget(key);
      handlers.onTimeout?.(error);
      return;
    }
    client.failed = true;
    this.expireIn(key, client, 0);
    this.onFailure(createResponse(request, 503, 'Service Unavailable', { toTag: 'unsent' }));
  }

  /** Hands a response to whoever waits for it; true when that is done (or it was a repeat). */
  take(response: SipMessage): boolean {
    const key = keyOf(branchOf(response), response.method);
    const client = this.clients.get(key);
    // A late 2xx still wants its ACK, and an INVITE that rang for longer than we remember its end.
    if (!client) return response.method !== 'INVITE' || response.status < 200;
    if (client.ack) {
      if (response.status >= 300) this.transmit(client.ack, client.to);
      return true;
    }
    const isInvite = client.request.method === 'INVITE';
    if (client.failed || (client.answered && !(isInvite && response.status >= 200))) return true;
    client.heard = true;
    if (isInvite) this.inviteAnswered(key, client, response);
    else this.requestAnswered(key, client, response);
    client.handlers?.onResponse(response);
    return client.handlers !== undefined;
  }

  close(): void {
    for (const key of [...this.clients.keys()]) this.forget(key);
  }

  private inviteAnswered(key: string, client: Client, response: SipMessage): void {
    client.repeater?.stop();
    if (response.status < 200) {
      this.expireIn(key, client, ringingTime);
      return;
    }
    if (response.status >= 300) {
      client.ack = writeMessage(ackTo(client.request, response));
      this.transmit(client.ack, client.to);
    }
    // Timers M and D.
    if (!client.answered) {
      this.expireIn(
        key,
        client,
        response.status >= 300 ? afterwards(client, transactionTime) : transactionTime,
      );
    }
    client.answered = true;
  }

  private requestAnswered(key: string, client: Client, response: SipMessage): void {
    if (response.status < 200) {
      client.repeater?.slowDown();
      return;
    }
    client.answered = true;
    client.repeater?.stop();
    this.expireIn(key, client, afterwards(client, T4));
  }

  /** A cancelled INVITE whose 487 never comes must not stay (RFC 3261, 9.1). */
  private expireSoon(key: string): void {
    const client = this.clients.get(key);
    if (client && !client.answered) this.expireIn(key, client, transactionTime);
  }

  private expireIn(key: string, client: Client, ms: number): void {
    clearTimeout(client.expiry);
    client.expiry = setTimeout(() => this.timeOut(key), ms);
  }

  private timeOut(key: string): void {
    const client = this.clients.get(key);
    this.forget(key);
    if (client && !client.heard && isConnected(client.to)) this.guarded(() => this.hearNothing(client));
    if (client && !client.answered && !client.failed) this.guarded(() => client.handlers?.onTimeout?.());
  }

  private forget(key: string): void {
    const client = this.clients.get(key);
    client?.repeater?.stop();
    clearTimeout(client?.expiry);
    this.clients.delete(key);
  }
}

/** Timers D and K: over a connection no answer comes twice (RFC 3261, table 4). */
const afterwards = ({ to }: Client, ms: number): number => (isConnected(to) ? 0 : ms);

const keyOf = (branch: string, method: string): string => `${branch} ${method}`;

const branchOf = (message: SipMessage): string =>
  readVia(headerValues(message, 'Via')[0] ?? '')?.params.get('branch') ?? '';
