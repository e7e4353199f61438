import { createHash } from 'node:crypto';
import { silentLog } from '../../electron/phone/ports.ts';
import {
  createRequest,
  createResponse,
  type Header,
  header,
  type SipMessage,
} from '../../electron/sip/message/message.ts';
import { createEndpoint, type Endpoint } from '../../electron/sip/transactions/retransmission.ts';
import type { UdpAddress } from '../../electron/sip/transport/udp-socket.ts';

/** One extension of a phone, told what to say word by word; it listens to what the PBX says. */
export class WirePhone {
  readonly received: SipMessage[] = [];
  readonly #waiting: { matches: (message: SipMessage) => boolean; resolve: (message: SipMessage) => void }[] =
    [];
  #cseq = 0;

  private constructor(
    readonly endpoint: Endpoint,
    readonly pbx: UdpAddress,
    /** The station's own user, and the extension it registers. */
    readonly user: string,
    readonly extension: string,
  ) {}

  static async open(pbx: UdpAddress, port: number, user: string, extension = user): Promise<WirePhone> {
    const listen: { phone: WirePhone | null } = { phone: null };
    const endpoint = await createEndpoint({
      local: { address: '127.0.0.1', port },
      onMessage: (message) => listen.phone?.heard(message),
      log: silentLog,
    });
    listen.phone = new WirePhone(endpoint, pbx, user, extension);
    return listen.phone;
  }

  get contact(): string {
    return `<sip:${this.extension}@127.0.0.1:${this.endpoint.local.port}>`;
  }

  /** The next request that matches, also one that has come already and was not taken yet. */
  next(method: string, matches: (message: SipMessage) => boolean = () => true): Promise<SipMessage> {
    const wanted = (message: SipMessage): boolean => message.method === method && matches(message);
    const at = this.received.findIndex(wanted);
    if (at >= 0) return Promise.resolve(this.received.splice(at, 1)[0] as SipMessage);
    return new Promise((resolve) => this.#waiting.push({ matches: wanted, resolve }));
  }

  request(method: string, uri: string, headers: readonly Header[] = [], body = ''): SipMessage {
    this.#cseq += 1;
    const { address, port } = this.endpoint.local;
    const token = Math.random().toString(16).slice(2);
    return createRequest(
      method,
      uri,
      [
        { name: 'Via', value: `SIP/2.0/UDP ${address}:${port};branch=z9hG4bK-${token}` },
        {
          name: 'From',
          value: `"User" <sip:${this.user}@${this.pbx.address}:${this.pbx.port}>;tag=t${port}`,
        },
        { name: 'To', value: `<sip:${this.extension}@${this.pbx.address}:${this.pbx.port}>` },
        { name: 'Call-ID', value: `${token}@${address}` },
        { name: 'CSeq', value: `${this.#cseq} ${method}` },
        { name: 'Max-Forwards', value: '70' },
        { name: 'Contact', value: this.contact },
        ...headers,
      ],
      Buffer.from(body),
    );
  }

  /** All responses until the final one. */
  send(request: SipMessage): Promise<SipMessage[]> {
    const responses: SipMessage[] = [];
    return new Promise((resolve, reject) =>
      this.endpoint.request(request, this.pbx, {
        onResponse(response) {
          responses.push(response);
          if (response.status >= 200) resolve(responses);
        },
        onTimeout: () => reject(new Error(`${request.method} was not answered`)),
      }),
    );
  }

  async final(request: SipMessage): Promise<SipMessage> {
    return (await this.send(request)).at(-1) as SipMessage;
  }

  async register(expires = 60, password = `pw${this.user}`): Promise<SipMessage> {
    const uri = `sip:${this.pbx.address}:${this.pbx.port}`;
    const wish = { name: 'Expires', value: String(expires) };
    const first = await this.final(this.request('REGISTER', uri, [wish]));
    if (first.status !== 401) return first;
    const [, nonce = ''] = /nonce="([^"]+)"/.exec(header(first, 'WWW-Authenticate') ?? '') ?? [];
    const answer = md5(`${md5(`${this.user}:practice:${password}`)}:${nonce}:${md5(`REGISTER:${uri}`)}`);
    const value = `Digest username="${this.user}", realm="practice", nonce="${nonce}", uri="${uri}", response="${answer}"`;
    return this.final(this.request('REGISTER', uri, [wish, { name: 'Authorization', value }]));
  }

  /** Full, empty dialog-info: this station has just booted. */
  announce(): Promise<SipMessage> {
    return this.#notify('full', '');
  }

  /** One dialog of this station; the status of the answer is the verdict. */
  publish(state: string, { id = '201', appearance = 0, held = false, direction = 'initiator' } = {}) {
    const rendering = held ? '<param pname="+sip.rendering" pvalue="no"/>' : '';
    return this.#notify(
      'partial',
      `<dialog id="${id}" direction="${direction}"><local><identity display="User">sip:${this.user}@${this.pbx.address}:${this.pbx.port}</identity>` +
        `<target uri="sip:${this.user}@${this.pbx.address}"><param pname="x-line-id" pvalue="${appearance}"/>${rendering}</target></local>` +
        `<state>${state}</state></dialog>`,
    );
  }

  invite(extension: string): SipMessage {
    const uri = `sip:${extension}@${this.pbx.address}:${this.pbx.port}`;
    const request = this.request('INVITE', uri);
    const headers = request.headers.map((it) => (it.name === 'To' ? { name: 'To', value: `<${uri}>` } : it));
    return { ...request, headers };
  }

  respond(request: SipMessage, status: number, phrase = 'Whatever'): void {
    const toTag = `callee${this.endpoint.local.port}`;
    const headers = [{ name: 'Contact', value: this.contact }];
    this.endpoint.respond(createResponse(request, status, phrase, { toTag, headers }));
  }

  /** Everything of this method that the PBX has said and nobody has asked for. */
  unread(method: string): readonly SipMessage[] {
    return this.received.filter((it) => it.method === method);
  }

  close(): Promise<void> {
    return this.endpoint.close();
  }

  #notify(state: string, dialogs: string): Promise<SipMessage> {
    const { address, port } = this.pbx;
    const body = `<?xml version="1.0"?>\r\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="${state}" entity="sip:${this.user}@${address}:${port}">\r\n${dialogs}</dialog-info>`;
    const headers = [
      { name: 'Event', value: 'dialog' },
      { name: 'Content-Type', value: 'application/dialog-info+xml' },
    ];
    return this.final(this.request('NOTIFY', `sip:sa@${address}:${port}`, headers, body));
  }

  private heard(message: SipMessage): void {
    if (message.kind !== 'request') return;
    if (message.method === 'NOTIFY' || message.method === 'CANCEL') {
      this.endpoint.respond(createResponse(message, 200, 'OK', { toTag: 'heard' }));
    }
    const at = this.#waiting.findIndex(({ matches }) => matches(message));
    const [waiting] = at >= 0 ? this.#waiting.splice(at, 1) : [];
    if (waiting) waiting.resolve(message);
    else this.received.push(message);
  }
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
