import { profile } from '../../electron/contract/profile.ts';
import { createNegotiator } from '../../electron/media/sdp/plain-leg-negotiation.ts';
import type { SipEvent } from '../../electron/phone/events.ts';
import { type Log, type MediaPort, type SipPort, silentLog } from '../../electron/phone/ports.ts';
import {
  createResponse,
  header,
  readMessage,
  type SipMessage,
  writeMessage,
} from '../../electron/sip/message/message.ts';
import { createSipStation } from '../../electron/sip/sip-station.ts';
import { type Limits, officeLimits } from '../../electron/sip/transport/rate-limit.ts';
import type { BindUdpSocket, UdpListener } from '../../electron/sip/transport/udp-socket.ts';
import { requestText } from '../integration/line-state.ts';
import { sdp } from './seeds.ts';

const host = '127.0.0.1';
const pbx = { address: host, port: 6060 };
const own = { address: host, port: 27_900 };
const plenty = { perSecond: 1e9, burst: 1e9 };
/** As many datagrams as can be made; new calls as in an office. */
const limits: Limits = {
  ...officeLimits,
  datagrams: { full: plenty, little: plenty },
};

/** A station with one call of its own, on a socket into which a fuzzer puts datagrams as if they came from the PBX. */
export class StationUnderAttack {
  readonly place = { target: `sip:5041@${host}:${own.port}`, via: `${host}:${pbx.port}` };
  /** Failures that only the last line of defence caught, with the datagram that caused each. */
  readonly caught: string[] = [];
  /** The longest that one datagram kept the process busy, milliseconds. */
  longest = 0;
  /** How that one began. */
  slowest = '';
  answers = 0;
  calls = 0;
  private readonly events: SipEvent[] = [];
  private readonly station: SipPort;
  private listener: UdpListener | null = null;
  private current = '';
  private dialog: SipMessage | null = null;
  private lastResponse = '';

  constructor() {
    this.station = createSipStation({
      profile: profile.parse({
        pbx: { address: host, port: pbx.port },
        station: { name: 'Under attack', localAddress: host },
        extensions: [{ userId: '5031', sharedUserId: '5041', localPort: own.port }],
        lineKeys: [{ extension: 1, label: '5041' }],
      }),
      negotiator: createNegotiator(silentMedia),
      onEvent: (event) => this.told(event),
      log: this.log,
      version: '0',
      limits,
      bind: this.bind,
    });
  }

  /** On the air, with the call that must survive. */
  async start(): Promise<void> {
    await this.station.start();
    this.station.perform({ type: 'invite', call: 'own', extension: 1, number: '5051' });
    await this.until(() => this.events.some(({ type }) => type === 'answered'));
  }

  hit(datagram: Buffer): void {
    this.current = datagram.toString('latin1');
    const started = performance.now();
    // As a socket hands it out: a throw from here is a crash.
    this.listener?.onDatagram(datagram, pbx);
    const took = performance.now() - started;
    if (took <= this.longest) return;
    this.longest = took;
    this.slowest = this.current.slice(0, 200);
  }

  /** Whether the call from before still stands: the far end asks within the dialog and gets 200. */
  async ownCallIsAlive(): Promise<boolean> {
    const ended = this.events.some((event) => event.type === 'ended' && event.call === 'own');
    if (ended || !this.dialog) return false;
    const invite = this.dialog;
    const head = requestText({
      method: 'INFO',
      target: this.place.target,
      via: this.place.via,
      from: `${header(invite, 'To')};tag=far`,
      id: `alive-${this.answers}`,
      headers: [],
    })
      .replace(/^To: .*$/m, `To: ${header(invite, 'From')}`)
      .replace(/^Call-ID: .*$/m, `Call-ID: ${header(invite, 'Call-ID')}`);
    this.lastResponse = '';
    this.hit(Buffer.from(head));
    return this.lastResponse.startsWith('SIP/2.0 200');
  }

  stop(): Promise<void> {
    return this.station.stop();
  }

  private readonly log: Log = {
    ...silentLog,
    error: (fields, message) => {
      const error = 'error' in fields && fields.error instanceof Error ? fields.error.stack : '';
      this.caught.push(`${message}: ${error}\n${this.current.slice(0, 600)}`);
    },
  };

  private readonly bind: BindUdpSocket = async (local, listener) => {
    this.listener = listener;
    return { local, send: (datagram) => this.sent(datagram), close: async () => {} };
  };

  /** The PBX: registers, grants, answers the one call. */
  private sent(datagram: Buffer): void {
    const read = readMessage(datagram);
    if (!read.ok) return;
    const { message } = read;
    if (message.kind === 'response') {
      this.answers += 1;
      this.lastResponse = datagram.toString();
      return;
    }
    const answerable = ['REGISTER', 'INVITE', 'NOTIFY', 'BYE'].includes(message.method);
    if (!answerable) return;
    // Another one comes when the machine has slept.
    if (message.method === 'INVITE') this.dialog ??= message;
    const isInvite = message.method === 'INVITE';
    const contact = isInvite
      ? `<sip:5051@${host}:${pbx.port}>`
      : `${header(message, 'Contact')};expires=3600`;
    const type = { name: 'Content-Type', value: 'application/sdp' };
    const answer = createResponse(message, 200, 'OK', {
      toTag: 'far',
      headers: [{ name: 'Contact', value: contact }, ...(isInvite ? [type] : [])],
      ...(isInvite && { body: Buffer.from(sdp) }),
    });
    setImmediate(() => this.listener?.onDatagram(writeMessage(answer), pbx));
  }

  /** Every call is answered, so that its SDP is read, and ended. */
  private told(event: SipEvent): void {
    if (event.type === 'answered' || event.type === 'ended') this.events.push(event);
    if (event.type === 'incoming') {
      this.calls += 1;
      this.station.perform({ type: 'accept', call: event.call });
      setTimeout(() => this.station.perform({ type: 'hang-up', call: event.call }), 50);
    }
  }

  private async until(holds: () => boolean): Promise<void> {
    for (let tries = 0; !holds(); tries += 1) {
      if (tries > 1_000) throw new Error('the station does not come on the air');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Ports and parameters are taken, nothing sounds. */
const silentMedia: MediaPort = {
  codecs: ['PCMU', 'PCMA'],
  allocate: async () => ({ rtpPort: 27_950 }),
  configure: async () => {},
  attachWeb: () => Promise.reject(new Error('no window')),
  mute() {},
  sendDtmf() {},
  record() {},
  moveRecording() {},
  join() {},
  part() {},
  mutePart() {},
  release() {},
  on: () => () => {},
  close: async () => {},
};
