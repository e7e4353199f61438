import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { rateOf } from '../../electron/media/codecs/codec.ts';
import { Encoder } from '../../electron/media/codecs/encoder.ts';
import { Random } from '../fuzz/random.ts';
import { field, isMethod, RawPbx, type Received } from '../integration/sip-support.ts';
import { hurry, run } from './child.ts';
import { loopback, portBlock } from './ports.ts';
import { Rig, type Stoppable } from './rig.ts';

/** What the network between does to what the far end says. */
export interface Impairment {
  /** Of the packets, 0 to 1. */
  readonly loss: number;
  /** Each packet is late by up to so much, in ms; none overtakes another (a queue, not a shuffle). */
  readonly jitterMs: number;
  /** So many are lost one after the other, from the least to the most; one where it is absent. */
  readonly runs?: readonly [number, number];
  /** Of the packets, 0 to 1: the next one overtakes them. */
  readonly overtaken?: number;
  /** Of the packets, 0 to 1: they come twice. */
  readonly doubled?: number;
  /** From one packet to the next, in ms, by a clock that is not ours; 20 where it is absent. */
  readonly paceMs?: number;
}

const ptime = 20;

/** Of each codec that it speaks: its payload type and name, and the ticks of its RTP clock in a packet. */
const formats = {
  PCMU: { payloadType: 0, rtpmap: 'PCMU/8000', ticks: 160 },
  G722: { payloadType: 9, rtpmap: 'G722/8000', ticks: 160 },
  opus: { payloadType: null, rtpmap: 'opus/48000/2', ticks: 960 },
} as const;

/**
 * The registrar, the PBX and the far end of a phone that is measured, made of strings and a bare RTP socket: the very
 * same for ours as for another. It answers every call and, as told, sends back what it hears, or plays a file through
 * an impaired network.
 */
export class MeasuringEnd implements Stoppable {
  readonly heardAt: number[] = [];
  answeredAt = 0;
  /** What it answers with and speaks; Opus as the offer numbers it. */
  codec: keyof typeof formats = 'PCMU';
  #offer = '';
  #echo = false;
  #playing = 0;
  #towards: { port: number } | null = null;
  #caller: Received | null = null;

  private constructor(
    readonly pbx: RawPbx,
    readonly rtp: Socket,
    readonly rtpPort: number,
    readonly rig: Rig,
  ) {
    pbx.automatic = (text) => this.#automatic(text);
    rtp.on('message', (datagram, from) => {
      this.heardAt.push(Date.now());
      if (this.#echo) rtp.send(datagram, from.port, from.address);
    });
  }

  static async start(): Promise<MeasuringEnd> {
    hurry();
    const rig = new Rig();
    const port = await portBlock();
    const pbx = await new RawPbx(port).open();
    rig.use({ stop: () => pbx.close() });
    const rtp = createSocket('udp4');
    rtp.bind(port + 2, loopback);
    await once(rtp, 'listening');
    rig.use({ stop: () => new Promise((resolve) => rtp.close(() => resolve())) });
    return new MeasuringEnd(pbx, rtp, port + 2, rig);
  }

  get port(): number {
    return this.pbx.port;
  }

  /** Sends every packet back. */
  echo(on = true): void {
    this.#echo = on;
  }

  /** Answers the next call; resolves when the INVITE has come, with when. */
  async answerCall(): Promise<number> {
    const invite = await this.pbx.requests.next(isMethod('INVITE'), 30_000);
    const came = Date.now();
    this.#towards = { port: audioPort(invite.text) };
    this.#offer = invite.text;
    this.heardAt.length = 0;
    this.answeredAt = Date.now();
    this.pbx.answer(invite, '200 OK', this.#headers(), this.#sdp());
    return came;
  }

  /** Calls whoever is registered from `port`; resolves with when the INVITE left and when it was told to ring. */
  async call(port: number, user: string): Promise<{ readonly sent: number; readonly ringing: number }> {
    const invite = [
      `INVITE sip:${user}@${loopback}:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${loopback}:${this.port};branch=z9hG4bK${Math.random().toString(36).slice(2)}`,
      'Max-Forwards: 70',
      `From: <sip:5099@${loopback}:${this.port}>;tag=${Math.random().toString(36).slice(2)}`,
      `To: <sip:${user}@${loopback}:${this.port}>`,
      `Call-ID: ${Math.random().toString(36).slice(2)}@${loopback}`,
      'CSeq: 1 INVITE',
      ...this.#headers(),
      `Content-Length: ${this.#sdp().length}`,
      '',
      this.#sdp(),
    ].join('\r\n');
    const sent = Date.now();
    this.pbx.send(invite, port);
    await this.pbx.responses.next(({ text }) => text.startsWith('SIP/2.0 180'), 10_000);
    const ringing = Date.now();
    this.#caller = { text: invite, port };
    return { sent, ringing };
  }

  /** Gives the call up that `call` began. */
  cancel(): void {
    if (!this.#caller) return;
    const { text, port } = this.#caller;
    const copied = ['Via', 'From', 'To', 'Call-ID'].map((name) => `${name}: ${field(text, name)}`);
    const [line = ''] = text.split('\r\n');
    const lines = [line.replace('INVITE', 'CANCEL'), ...copied, 'Max-Forwards: 70', 'CSeq: 1 CANCEL'];
    this.pbx.send([...lines, 'Content-Length: 0', '', ''].join('\r\n'), port);
    this.#caller = null;
  }

  /**
   * Plays a WAV file to the phone through a network that is like that, the same for the same seed, to its end or
   * until the next one; resolves with the share of the packets that were lost, 0 to 1.
   */
  async play(wav: string, network: Impairment, seed: number): Promise<number> {
    const towards = this.#towards;
    if (!towards) throw new Error('no call to play to');
    const payloads = await this.#coded(wav);
    const { ticks } = formats[this.codec];
    const payloadType = this.#payloadType;
    this.#playing += 1;
    const playing = this.#playing;
    const begin = performance.now();
    const arrivals = arrivalsOf(payloads.length, network, new Random(seed));
    for (const { number, at } of arrivals) {
      await until(begin + at);
      if (playing !== this.#playing) break;
      const payload = payloads[number] ?? Buffer.alloc(0);
      this.rtp.send(rtpPacket(payloadType, number, number * ticks, payload), towards.port, loopback);
    }
    return 1 - new Set(arrivals.map(({ number }) => number)).size / payloads.length;
  }

  stop(): Promise<void> {
    this.#playing += 1;
    return this.rig.stop();
  }

  #automatic(text: string): { status: string; headers?: string[] } | null {
    if (text.startsWith('REGISTER')) {
      return { status: '200 OK', headers: [`Contact: ${field(text, 'Contact')};expires=3600`] };
    }
    return /^(BYE|OPTIONS|NOTIFY|SUBSCRIBE|CANCEL) /.test(text) ? { status: '200 OK' } : null;
  }

  #headers(): string[] {
    return [`Contact: <sip:5099@${loopback}:${this.port}>`, 'Content-Type: application/sdp'];
  }

  /** What a WAV file is on the wire, packet by packet. */
  async #coded(wav: string): Promise<Buffer[]> {
    const rate = rateOf(this.codec);
    const raw = await run('sox', [wav, '-t', 's16', '-r', `${1000 * rate}`, '-c', '1', '-']);
    const encoder = new Encoder(this.codec);
    const samples = ptime * rate;
    return Array.from({ length: Math.floor(raw.length / 2 / samples) }, (_, packet) =>
      encoder.encode(
        Int16Array.from({ length: samples }, (_, index) => raw.readInt16LE(2 * (packet * samples + index))),
        rate,
      ),
    );
  }

  get #payloadType(): number {
    const { payloadType, rtpmap } = formats[this.codec];
    if (payloadType !== null) return payloadType;
    const [, offered] = new RegExp(`a=rtpmap:(\\d+) ${rtpmap}`, 'i').exec(this.#offer) ?? [];
    if (!offered) throw new Error(`${this.codec} was not offered`);
    return Number(offered);
  }

  #sdp(): string {
    const lines = [`o=- 1 1 IN IP4 ${loopback}`, 's=-', `c=IN IP4 ${loopback}`, 't=0 0'];
    const payloadType = this.#payloadType;
    const audio = [
      `m=audio ${this.rtpPort} RTP/AVP ${payloadType}`,
      `a=rtpmap:${payloadType} ${formats[this.codec].rtpmap}`,
      `a=ptime:${ptime}`,
    ];
    return ['v=0', ...lines, ...audio, ''].join('\r\n');
  }
}

interface Arrival {
  readonly number: number;
  /** In ms from the beginning. */
  readonly at: number;
}

/** What becomes of so many packets in a network, in the order in which they come. */
function arrivalsOf(
  count: number,
  { loss, jitterMs, runs: [least, most] = [1, 1], overtaken, doubled, paceMs = ptime }: Impairment,
  random: Random,
): Arrival[] {
  const arrivals: Arrival[] = [];
  /** A run begins the less often the longer runs are. */
  const run = (least + most) / 2;
  const begins = loss / (run * (1 - loss) + loss);
  let [latest, toLose] = [0, 0];
  for (let number = 0; number < count; number += 1) {
    if (toLose === 0 && random.next() < begins)
      toLose = least + (most > least ? random.below(most - least + 1) : 0);
    const isLost = toLose > 0;
    if (isLost) toLose -= 1;
    latest = Math.max(latest, number * paceMs + random.next() * jitterMs);
    const isOvertaken = overtaken !== undefined && random.next() < overtaken;
    const at = latest + (isOvertaken ? 1.5 * paceMs : 0);
    const copies = doubled !== undefined && random.next() < doubled ? 2 : 1;
    if (!isLost) arrivals.push(...Array.from({ length: copies }, () => ({ number, at })));
  }
  return arrivals.sort((one, other) => one.at - other.at);
}

const audioPort = (sdp: string): number => Number(/m=audio (\d+)/.exec(sdp)?.[1]);

const until = (time: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));

function rtpPacket(payloadType: number, number: number, timestamp: number, payload: Buffer): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet.writeUInt16BE((number === 0 ? 0x8080 : 0x8000) | payloadType, 0);
  packet.writeUInt16BE(number & 0xffff, 2);
  packet.writeUInt32BE(timestamp, 4);
  packet.writeUInt32BE(0x5eed, 8);
  payload.copy(packet, 12);
  return packet;
}
