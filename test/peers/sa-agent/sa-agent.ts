import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { loopback } from '../../support/ports.ts';
import type { Stoppable } from '../../support/rig.ts';
import { nameAddr, SipMessage } from '../../support/sip-message.ts';
import { answerSdp, Echo } from './echo.ts';

/** A NOTIFY as this PBX sends it to a station; what is odd about it is up to the caller. */
export interface StationNotify {
  /** The station's Contact: `sip:5041@127.0.0.1:5061`. */
  readonly to: string;
  /** Whole value of From, without tag. */
  readonly from: string;
  /** dialog-info document; its line ends are sent as they are. */
  readonly body: string;
}

/** What the agent says to a request for the line: a final status, or nothing until `decide`. */
export type Verdict = number | 'wait';

/**
 * The PBX side of the SPA9000's shared-line dialect, written from the printed wire traces (SPA9000 guide 3.01, p. 60,
 * 113 and 114; test/fixtures/sip) and from nothing else: plain text over a UDP socket, none of the phone's own code,
 * so that a misreading there cannot hide behind the same misreading here. A registrar that believes everybody, the
 * agent `sa`, and an extension at the far end of every INVITE.
 */
export class SharedLineAgent implements Stoppable {
  /** All requests received, retransmissions left out. */
  readonly requests: SipMessage[] = [];
  /** Registered contacts by extension: `sip:5041@127.0.0.1:5061`. */
  readonly contacts = new Map<string, string>();
  /** Says what becomes of a seize. */
  verdict: Verdict = 202;
  readonly #answered = new Map<string, string | null>();
  readonly #finals = new Map<string, (status: number) => void>();
  readonly #listeners = new Set<() => void>();
  readonly #retransmissions = new Set<NodeJS.Timeout>();
  #waiting: SipMessage | null = null;
  #counter = 0;

  private constructor(
    readonly socket: Socket,
    readonly port: number,
    readonly echo: Echo,
  ) {
    socket.on('message', (datagram, { port: from }) => this.#take(datagram.toString('utf8'), from));
  }

  static async start(port: number): Promise<SharedLineAgent> {
    const socket = createSocket('udp4').bind(port, loopback);
    await once(socket, 'listening');
    return new SharedLineAgent(socket, port, await Echo.open());
  }

  async stop(): Promise<void> {
    for (const retransmission of this.#retransmissions) clearInterval(retransmission);
    this.socket.close();
    this.echo.close();
  }

  /** Resolves with the first request, received or to come, that matches; `after` skips the first ones. */
  receives(
    what: string,
    matches: (request: SipMessage) => boolean,
    { after = 0, timeoutMs = 20_000 } = {},
  ): Promise<SipMessage> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        const received = this.requests.map(({ startLine, body }) => `${startLine} ${stateOf(body)}`);
        reject(new Error(`not received in ${timeoutMs} ms: ${what}. Received:\n${received.join('\n')}`));
      }, timeoutMs);
      const check = () => {
        const found = this.requests.slice(after).find(matches);
        if (!found) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(found);
      };
      this.#listeners.add(check);
      check();
    });
  }

  /** Answers the seize that `verdict = 'wait'` has kept waiting. */
  decide(status: number): void {
    if (!this.#waiting) throw new Error('no seize is waiting');
    this.#answer(this.#waiting, status);
    this.#waiting = null;
  }

  /** Sends a NOTIFY to a station, once more after half a second as UDP wants; resolves with the final status. */
  async notify({ to, from, body }: StationNotify): Promise<number> {
    this.#counter += 1;
    const id = `${this.port}-${this.#counter}`;
    const callId = `${id}@localhost`;
    const lines = [
      `NOTIFY ${to} SIP/2.0`,
      `Via: SIP/2.0/UDP ${loopback}:${this.port};branch=z9hG4bK-${id}`,
      `From: ${from};tag=5080117180da6835o2`,
      `To: <${to}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${54_000 + ((this.#counter * 7919) % 1000)} NOTIFY`,
      'Max-Forwards: 70',
      'Event: dialog',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Content-Type: application/dialog-info+xml',
    ];
    const text = `${lines.join('\r\n')}\r\n\r\n${body}`;
    const station = Number(to.match(/:(\d+)$/)?.[1]);
    const send = () => this.socket.send(text, station, loopback);
    send();
    const again = setInterval(send, 500);
    this.#retransmissions.add(again);
    const status = await new Promise<number>((resolve) => this.#finals.set(callId, resolve));
    clearInterval(again);
    return status;
  }

  #take(text: string, from: number): void {
    const message = new SipMessage(text);
    if (message.status !== null) {
      if (message.status >= 200) this.#finals.get(message.header('Call-ID'))?.(message.status);
      return;
    }
    if (message.method === null) return;
    const transaction = `${message.method} ${message.header('Via')}`;
    const before = this.#answered.get(transaction);
    if (before) this.#send(before, from);
    if (before !== undefined) return;
    this.#answered.set(transaction, null);
    this.requests.push(message);
    this.#serve(message);
    for (const listener of [...this.#listeners]) listener();
  }

  #serve(request: SipMessage): void {
    if (request.method === 'REGISTER') this.#register(request);
    else if (request.method === 'NOTIFY') this.#notified(request);
    else if (request.method === 'INVITE') this.#invited(request);
    else if (request.method !== 'ACK') this.#answer(request, 200);
  }

  #register(request: SipMessage): void {
    const contact = request.header('Contact');
    const uri = contact.match(/<([^>]*)>/)?.[1] ?? '';
    const { user } = nameAddr(request.header('To'));
    if (/;expires=0\b/.test(contact)) this.contacts.delete(user);
    else this.contacts.set(user, uri);
    this.#answer(request, 200, [`Contact: ${contact}`]);
  }

  /**
   * A full NOTIFY is a station that has just booted, and is told how the line is; a partial `trying` asks for it (guide,
   * p. 113).
   */
  #notified(request: SipMessage): void {
    const partial = /state="partial"/.test(request.body);
    if (partial && stateOf(request.body) === 'trying') {
      if (this.verdict === 'wait') this.#waiting = request;
      else this.#answer(request, this.verdict);
      return;
    }
    this.#answer(request, 202);
    const contact = this.contacts.get(nameAddr(request.header('To')).user);
    if (!partial && contact) void this.notify({ to: contact, from: lineIdentity, body: this.#allIdle() });
  }

  #allIdle(): string {
    const entity = `sip:sa@${loopback}:${this.port}`;
    const root = `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" entity="${entity}">`;
    return ['<?xml version="1.0"?>', root, '</dialog-info>'].join('\n');
  }

  /** The far end rings, and answers with an echo; a re-INVITE is answered like the first. */
  #invited(request: SipMessage): void {
    this.echo.turnTo(request.body);
    const contact = `Contact: <sip:far@${loopback}:${this.port}>`;
    if (!/;tag=/.test(request.header('To'))) this.#answer(request, 180, [contact]);
    this.#answer(request, 200, [contact], answerSdp(request.body, this.echo.port));
  }

  /** Header order of the printed 202: To, From, Call-ID, CSeq, Via, Server. */
  #answer(request: SipMessage, status: number, extra: readonly string[] = [], sdp = ''): void {
    const to = request.header('To');
    const lines = [
      `SIP/2.0 ${status} ${status < 300 ? 'Accepted' : 'Refused'}`,
      `To: ${/;tag=/.test(to) ? to : `${to};tag=41a7-${request.header('CSeq').split(' ')[0]}`}`,
      `From: ${request.header('From')}`,
      `Call-ID: ${request.header('Call-ID')}`,
      `CSeq: ${request.header('CSeq')}`,
      ...request.headers('Via').map((via) => `Via: ${via}`),
      'Server: Sipura/SPA2100-3.1.5(a)',
      ...extra,
      ...(sdp === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(sdp)}`,
    ];
    const text = `${lines.join('\r\n')}\r\n\r\n${sdp}`;
    this.#answered.set(`${request.method} ${request.header('Via')}`, text);
    this.#send(text, Number(request.header('Via').match(/:(\d+)/)?.[1]));
  }

  #send(text: string, port: number): void {
    this.socket.send(text, port, loopback);
  }
}

/** Who the printed PBX says it is: its line outside, no extension. */
export const lineIdentity = 'PBX Line 1 <sip:37683101@matrix.sipura.com>';

/** The `<state>` of a dialog-info document, '' without a dialog. */
export const stateOf = (body: string): string => body.match(/<state[^>]*>([^<]*)<\/state>/)?.[1] ?? '';
