import { header, headerValues, type SipMessage, writeMessage } from './message.ts';
import { readVia } from './message-fields.ts';
import { Repeater, T2, T4, transactionTime } from './timers.ts';
import type { UdpAddress } from './udp-socket.ts';

/** Who gets the responses to one request; without it they go to the endpoint's `onMessage`. */
export interface ResponseHandlers {
  onResponse(response: SipMessage): void;
  /** 64*T1 have gone by without a final response (for an INVITE: without any response). */
  onTimeout?(): void;
}

interface Client {
  readonly request: SipMessage;
  readonly to: UdpAddress;
  readonly handlers: ResponseHandlers | undefined;
  readonly repeater: Repeater;
  expiry: NodeJS.Timeout;
  answered: boolean;
  /** The ACK to a non-2xx answer; its presence means that one has come. */
  ack: Buffer | null;
}

/** A ringing INVITE is forgotten when nothing has come for so long (in the spirit of timer C, RFC 3261, 16.6). */
const ringingTime = 10 * 60_000;

/**
 * The sending side of RFC 3261, 17.1 over UDP, beneath any user: repeats requests (timers A, E) until they are
 * answered, sends the ACK to a non-2xx itself (17.1.1.3) and again to each repeat of it, absorbs repeated answers.
 * Every 2xx to an INVITE is passed on: its ACK is the user's.
 */
export class ClientTransactions {
  private readonly clients = new Map<string, Client>();

  constructor(
    private readonly transmit: (datagram: Buffer, to: UdpAddress) => void,
    /** Runs what a timer starts: a throw there would end the process. */
    private readonly guarded: (work: () => void) => void,
  ) {}

  get size(): number {
    return this.clients.size;
  }

  /** Returns how to give up: no more repeats, and what still comes is dropped. */
  send(request: SipMessage, to: UdpAddress, handlers: ResponseHandlers | undefined): () => void {
    const branch = branchOf(request);
    if (request.method === 'ACK') {
      // The ACK to a non-2xx was ours already; sip.js sends its own.
      if (!this.clients.get(keyOf(branch, 'INVITE'))?.ack) this.transmit(writeMessage(request), to);
      return () => {};
    }
    if (request.method === 'CANCEL') this.expireSoon(keyOf(branch, 'INVITE'));
    const datagram = writeMessage(request);
    const key = keyOf(branch, request.method);
    this.forget(key);
    this.clients.set(key, {
      request,
      to,
      handlers,
      repeater: new Repeater(
        () => this.transmit(datagram, to),
        request.method === 'INVITE' ? transactionTime : T2,
      ),
      expiry: setTimeout(() => this.timeOut(key), transactionTime),
      answered: false,
      ack: null,
    });
    this.transmit(datagram, to);
    return () => this.forget(key);
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
    if (client.answered && !(isInvite && response.status >= 200)) return true;
    if (isInvite) this.inviteAnswered(key, client, response);
    else this.requestAnswered(key, client, response);
    client.handlers?.onResponse(response);
    return client.handlers !== undefined;
  }

  close(): void {
    for (const key of [...this.clients.keys()]) this.forget(key);
  }

  private inviteAnswered(key: string, client: Client, response: SipMessage): void {
    client.repeater.stop();
    if (response.status < 200) {
      this.expireIn(key, client, ringingTime);
      return;
    }
    if (response.status >= 300) {
      client.ack = writeMessage(ackTo(client.request, response));
      this.transmit(client.ack, client.to);
    }
    if (!client.answered) this.expireIn(key, client, transactionTime);
    client.answered = true;
  }

  private requestAnswered(key: string, client: Client, response: SipMessage): void {
    if (response.status < 200) {
      client.repeater.slowDown();
      return;
    }
    client.answered = true;
    client.repeater.stop();
    this.expireIn(key, client, T4);
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
    if (client && !client.answered) this.guarded(() => client.handlers?.onTimeout?.());
  }

  private forget(key: string): void {
    const client = this.clients.get(key);
    client?.repeater.stop();
    clearTimeout(client?.expiry);
    this.clients.delete(key);
  }
}

const keyOf = (branch: string, method: string): string => `${branch} ${method}`;

const branchOf = (message: SipMessage): string =>
  readVia(headerValues(message, 'Via')[0] ?? '')?.params.get('branch') ?? '';

/** RFC 3261, 17.1.1.3; all Route headers, To with the answer's tag. */
function ackTo(invite: SipMessage, response: SipMessage): SipMessage {
  const from = (source: SipMessage, name: string): { name: string; value: string } => ({
    name,
    value: header(source, name) ?? '',
  });
  const number = (header(invite, 'CSeq') ?? '').split(/\s/, 1)[0] ?? '';
  return {
    ...invite,
    method: 'ACK',
    headers: [
      { name: 'Via', value: headerValues(invite, 'Via')[0] ?? '' },
      ...invite.headers.filter(({ name }) => name === 'Route'),
      from(invite, 'From'),
      from(response, 'To'),
      from(invite, 'Call-ID'),
      { name: 'CSeq', value: `${number} ACK` },
      { name: 'Max-Forwards', value: '70' },
      { name: 'Content-Length', value: '0' },
    ],
    body: Buffer.alloc(0),
  };
}
