import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, type RtpPacket } from 'werift';
import { type RtpPacket as PlainPacket, readRtp, writeRtp } from '../../electron/media/rtp.ts';
import type { MediaPort } from '../../electron/phone/ports.ts';

/** A window of our own: a full WebRTC peer that sends a byte pattern every 20 ms and keeps what it hears. */
export class TestWindow {
  readonly #peer = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv4: false,
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ['127.0.0.1'],
    codecs: {
      audio: [
        new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8000, channels: 1, payloadType: 0 }),
      ],
    },
  });
  readonly #track = new MediaStreamTrack({ kind: 'audio' });
  readonly heard: RtpPacket[] = [];
  #timer: NodeJS.Timeout | undefined;
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
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Speaks one code of PCMU over and over. */
  speak(code: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#timestamp += 160;
      this.#track.writeRtp(
        writeRtp({
          payloadType: 0,
          marker: false,
          sequenceNumber: this.#sequence,
          timestamp: this.#timestamp,
          ssrc: 1,
          payload: Buffer.alloc(160, code),
        }),
      );
    }, 20);
  }

  /** As a crashed renderer: it just stops. */
  vanish(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.vanish();
    await this.#peer.close();
  }
}

/** The far end of a call: a plain UDP socket pair's RTP half. */
export class FarEnd {
  readonly heard: (PlainPacket & { at: number })[] = [];
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 500;
  #timestamp = 40_000;

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

  packet(payloadType: number, payload: Buffer, ssrc = 77): Buffer {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp += 160;
    const numbers = { sequenceNumber: this.#sequence, timestamp: this.#timestamp };
    return writeRtp({ payloadType, marker: false, ssrc, ...numbers, payload });
  }

  speak(code: number, payloadType: number, port: number): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.send(this.packet(payloadType, Buffer.alloc(160, code)), port), 20);
  }

  quiet(): void {
    clearInterval(this.#timer);
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
