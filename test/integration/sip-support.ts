import { createSocket, type Socket } from 'node:dgram';
import { type ProfileInput, profile } from '../../electron/contract/profile.ts';
import type { SipEvent } from '../../electron/phone/events.ts';
import type { Negotiator } from '../../electron/phone/negotiation.ts';
import { type Log, type SipPort, silentLog } from '../../electron/phone/ports.ts';
import type { Mixer } from '../../electron/sip/calls/guests.ts';
import { createSipStation } from '../../electron/sip/sip-station.ts';
import type { BindUdpSocket } from '../../electron/sip/transport/udp-socket.ts';

export const host = '127.0.0.1';

/** Things told one after the other, each handed out once, to whoever waits for one of its kind. */
export class Inbox<T> {
  readonly all: T[] = [];
  private readonly kept: T[] = [];
  private readonly waiting: { wanted: (item: T) => boolean; found: (item: T) => void }[] = [];

  add(item: T): void {
    this.all.push(item);
    const at = this.waiting.findIndex(({ wanted }) => wanted(item));
    const [met] = at < 0 ? [] : this.waiting.splice(at, 1);
    if (met) met.found(item);
    else this.kept.push(item);
  }

  /** The first one wanted that nobody has had; rejects after `ms`. */
  async next(wanted: (item: T) => boolean = () => true, ms = 10_000): Promise<T> {
    const at = this.kept.findIndex(wanted);
    const [kept] = at < 0 ? [] : this.kept.splice(at, 1);
    if (kept !== undefined) return kept;
    return new Promise((resolve, reject) => {
      const entry = { wanted, found: (item: T) => done(item) };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        const seen = this.kept.map((item) => JSON.stringify(item));
        reject(new Error(`nothing of the kind came; instead: ${seen.join('\n') || 'nothing'}`));
      }, ms);
      const done = (item: T): void => {
        clearTimeout(timer);
        resolve(item);
      };
      this.waiting.push(entry);
    });
  }
}

export interface Received {
  readonly text: string;
  readonly port: number;
}

/** A PBX made of a bare socket and strings: it shares no code with what it tests. */
export class RawPbx {
  readonly requests = new Inbox<Received>();
  readonly responses = new Inbox<Received>();
  /** What to answer by itself; null leaves it to the test. */
  automatic: (text: string) => { status: string; headers?: string[] } | null = () => null;
  private readonly socket: Socket = createSocket('udp4');

  constructor(readonly port: number) {}

  async open(): Promise<this> {
    this.socket.on('message', (datagram, { port }) => {
      const received = { text: datagram.toString(), port };
      if (received.text.startsWith('SIP/2.0')) this.responses.add(received);
      else {
        const answer = this.automatic(received.text);
        if (answer) this.answer(received, answer.status, answer.headers);
        this.requests.add(received);
      }
    });
    await new Promise<void>((resolve) => this.socket.bind(this.port, host, resolve));
    return this;
  }

  answer({ text, port }: Received, status: string, headers: string[] = [], body = ''): void {
    const copied = ['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(text, name)}`);
    const to = field(text, 'To');
    const tagged = `To: ${to}${to.includes(';tag=') ? '' : ';tag=pbx1'}`;
    this.send(
      [
        `SIP/2.0 ${status}`,
        ...[...copied, tagged, ...headers, `Content-Length: ${Buffer.byteLength(body)}`],
        '',
        body,
      ].join('\r\n'),
      port,
    );
  }

  send(text: string | Buffer, port: number): void {
    this.socket.send(text, port, host);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }
}

export const field = (text: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';
export const isMethod =
  (method: string) =>
  ({ text }: Received): boolean =>
    text.startsWith(`${method} `);

export interface TestStation {
  readonly port: SipPort;
  readonly events: Inbox<SipEvent>;
  is<T extends SipEvent['type']>(type: T, ms?: number): Promise<Extract<SipEvent, { type: T }>>;
}

export function createStation(
  input: ProfileInput,
  options: { negotiator?: Negotiator; mixer?: Mixer; bind?: BindUdpSocket; log?: Log } = {},
): TestStation {
  const events = new Inbox<SipEvent>();
  const port = createSipStation({
    profile: profile.parse(input),
    negotiator: options.negotiator ?? createFakeNegotiator(),
    onEvent: (event) => events.add(event),
    log: options.log ?? silentLog,
    version: '0.0.0',
    ...(options.bind && { bind: options.bind }),
    ...(options.mixer && { mixer: options.mixer }),
  });
  return {
    port,
    events,
    async is(type, ms) {
      const event = await events.next((each) => each.type === type, ms);
      return event as Extract<SipEvent, { type: typeof type }>;
    },
  };
}

/** User-A's station of the SPA9000 guide: 5031 and the shared 5041, each at its own port. */
export const userAOf = (
  pbxPort: number,
  ports: { readonly own: number; readonly shared: number },
  options: { readonly bargeIn?: boolean } = {},
): ProfileInput => ({
  pbx: { address: host, port: pbxPort },
  station: { name: 'User-A', localAddress: host },
  extensions: [
    { userId: '5031', localPort: ports.own },
    { userId: '5031', sharedUserId: '5041', localPort: ports.shared, ...options },
  ],
  lineKeys: [
    { extension: 1, label: '5031' },
    { extension: 2, label: '5041' },
  ],
});

/** A station with 5031 and nothing else, at a PBX without shared lines. */
export const oneLineOf = (pbxPort: number, port: number): ProfileInput => ({
  pbx: { address: host, port: pbxPort, dialect: 'none' },
  station: { name: 'User-A', localAddress: host },
  extensions: [{ userId: '5031', localPort: port }],
  lineKeys: [{ extension: 1, label: '5031' }],
});

/** Offer/answer with SDPs that say just enough: who holds. */
export function createFakeNegotiator(): Negotiator & { readonly open: Set<string> } {
  const open = new Set<string>();
  const sdp = (hold: boolean): string =>
    `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=${hold ? 'sendonly' : 'sendrecv'}\r\n`;
  const read = (text: string): { heldByRemote: boolean } => ({
    heldByRemote: /a=(sendonly|inactive)/.test(text) || /c=IN IP4 0\.0\.0\.0/.test(text),
  });
  return {
    open,
    async prepare(call) {
      open.add(call);
    },
    async offer(call, { hold }) {
      open.add(call);
      return sdp(hold);
    },
    async takeAnswer(_call, text) {
      return read(text);
    },
    async answer(call, text, { hold }) {
      open.add(call);
      return { ...read(text), sdp: sdp(hold) };
    },
    release: (call) => void open.delete(call),
  };
}
