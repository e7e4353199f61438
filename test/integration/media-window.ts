import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RtcpPacket,
  RtpHeader,
  type RtpPacket,
} from 'werift';
import type { CodecName } from '../../electron/contract/profile.ts';
import { ticksPerMs } from '../../electron/media/codecs/codec.ts';
import { Encoder } from '../../electron/media/codecs/encoder.ts';
import { samplesOfPcmu } from '../../electron/media/codecs/g711.ts';
import { Pacer } from '../../electron/media/rtp/pacer.ts';
import { type RtpPacket as PlainPacket, readRtp, writeRtp } from '../../electron/media/rtp/rtp.ts';
import { mappings } from '../../electron/media/sdp/payload-types.ts';
import type { MediaPort } from '../../electron/phone/ports.ts';
import { type Sound, stretch, toneSamples } from '../support/tones.ts';

/** As Chromium numbers them. */
const webFormats = {
  PCMU: { payloadType: 0, clockRate: 8000, channels: 1 },
  G722: { payloadType: 9, clockRate: 8000, channels: 1 },
  opus: { payloadType: 111, clockRate: 48_000, channels: 2 },
} as const;
type WebCodec = keyof typeof webFormats;

/** A window of our own: a full WebRTC peer that sends a byte pattern every 20 ms and keeps what it hears. */
export class TestWindow {
  readonly #peer = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    codecs: {
      audio: Object.entries(webFormats).map(
        ([name, { payloadType, clockRate, channels }]) =>
          new RTCRtpCodecParameters({ mimeType: `audio/${name}`, clockRate, channels, payloadType }),
      ),
    },
  });
  readonly #track = new MediaStreamTrack({ kind: 'audio' });
  readonly heard: RtpPacket[] = [];
  readonly reports: RtcpPacket[] = [];
  #pacer: Pacer | null = null;
  #sequence = 7000;
  #timestamp = 90_000;

  static async open(relay: MediaPort, call: string): Promise<TestWindow> {
    const window = new TestWindow();
    await window.#join(relay, call);
    return window;
  }

  async #join(relay: MediaPort, call: string): Promise<void> {
    const transceiver = this.#peer.addTransceiver(this.#track, { direction: 'sendrecv' });
    transceiver.onTrack.subscribe((track) =>
      track.onReceiveRtp.subscribe((packet) => void this.heard.push(packet)),
    );
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const { answer } = await relay.attachWeb(call, this.#peer.localDescription?.sdp ?? '');
    this.#peer.dtlsTransports[0]?.onRtcp.subscribe((report) => void this.reports.push(report));
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Speaks one code of PCMU over and over. */
  speak(code: number): void {
    this.play(() => code);
  }

  play(sound: Sound, codec: WebCodec = 'PCMU'): void {
    const encoder = new Encoder(codec);
    let position = this.#timestamp;
    this.say(codec, () => {
      position += 160;
      return encoder.encode(samplesOfPcmu(stretch(sound, position, 160)), 8);
    });
  }

  /** A tone that may be as high as 8 kHz. */
  whistle(hertz: number, codec: WebCodec, said: (payload: Buffer) => void = () => {}): void {
    const encoder = new Encoder(codec);
    let position = 0;
    this.say(codec, () => {
      position += 320;
      const payload = encoder.encode(toneSamples(hertz, position, 320, 16), 16);
      said(payload);
      return payload;
    });
  }

  /** Says a payload every 20 ms. */
  say(codec: WebCodec, payload: () => Buffer): void {
    this.vanish();
    this.#pacer = new Pacer(() => {
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#timestamp += 20 * ticksPerMs(codec);
      const header = new RtpHeader({
        payloadType: webFormats[codec].payloadType,
        sequenceNumber: this.#sequence,
        timestamp: this.#timestamp,
        ssrc: 1,
      });
      // Beneath the track, which knows of one codec only.
      const [dtls] = this.#peer.dtlsTransports;
      if (dtls?.state === 'connected') void dtls.sendRtp(payload(), header);
    });
    this.#pacer.start(20);
  }

  /** As a crashed renderer: it just stops. */
  vanish(): void {
    this.#pacer?.stop();
  }

  async close(): Promise<void> {
    this.vanish();
    await this.#peer.close();
  }
}

interface Manner {
  readonly port: number;
  readonly codec?: CodecName;
  readonly ptime?: number;
  readonly dropEvery?: number;
}

/** The far end of a call: a plain UDP socket pair's RTP half. */
export class FarEnd {
  readonly heard: (PlainPacket & { at: number })[] = [];
  readonly #socket: Socket;
  #pacer: Pacer | null = null;
  #sequence = 500;
  #timestamp = 40_000;
  #samples = 160;

  static async open(port: number): Promise<FarEnd> {
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return new FarEnd(socket, port);
  }

  private constructor(
    socket: Socket,
    readonly port: number,
  ) {
    this.#socket = socket;
    socket.on('message', (datagram) => {
      const packet = readRtp(datagram);
      if (packet) this.heard.push({ ...packet, at: performance.now() });
    });
  }

  send(datagram: Buffer, port: number): void {
    this.#socket.send(datagram, port, '127.0.0.1');
  }

  packet(payloadType: number, payload: Buffer, ssrc = 77, ticks = payload.length): Buffer {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp += this.#samples;
    this.#samples = ticks;
    const numbers = { sequenceNumber: this.#sequence, timestamp: this.#timestamp };
    return writeRtp({ payloadType, marker: false, ssrc, ...numbers, payload });
  }

  /** Speaks one code of the payload type over and over. */
  speak(code: number, payloadType: number, port: number): void {
    this.#begin(20, () => this.send(this.packet(payloadType, Buffer.alloc(160, code)), port));
  }

  /** Speaks a sound in packets of `ptime` milliseconds, every `dropEvery`-th of which is lost. */
  play(
    sound: Sound,
    { port, codec = 'PCMU', ptime = 20, dropEvery = Number.POSITIVE_INFINITY }: Manner,
  ): void {
    const samples = 8 * ptime;
    const encoder = new Encoder(codec);
    let packets = 0;
    this.#begin(ptime, () => {
      const payload = encoder.encode(samplesOfPcmu(stretch(sound, packets * samples, samples)), 8);
      const packet = this.packet(mappings[codec].payloadType, payload, 77, ptime * ticksPerMs(codec));
      packets += 1;
      if (packets % dropEvery !== 0) this.send(packet, port);
    });
  }

  /** A tone that may be as high as 8 kHz. */
  whistle(hertz: number, { port, codec = 'PCMU' }: Manner, said: (payload: Buffer) => void = () => {}): void {
    const encoder = new Encoder(codec);
    let position = 0;
    this.#begin(20, () => {
      position += 320;
      const payload = encoder.encode(toneSamples(hertz, position, 320, 16), 16);
      said(payload);
      this.send(this.packet(mappings[codec].payloadType, payload, 77, 20 * ticksPerMs(codec)), port);
    });
  }

  #begin(ptime: number, speak: () => void): void {
    this.quiet();
    this.#pacer = new Pacer(speak);
    this.#pacer.start(ptime);
  }

  quiet(): void {
    this.#pacer?.stop();
  }

  /** Resolves when `condition` holds of a packet heard from now on; rejects after `ms`. */
  async hears(condition: (packet: PlainPacket) => boolean, ms = 3000): Promise<PlainPacket> {
    const from = this.heard.length;
    return until(() => this.heard.slice(from).find(condition), ms);
  }

  close(): void {
    this.quiet();
    this.#socket.close();
  }
}

/** Waits until `find` gives something. */
export async function until<T>(find: () => T | undefined, ms = 3000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`nothing came within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
