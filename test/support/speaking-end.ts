import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readMulawFile } from '../../electron/media/wav-file.ts';
import { loopback } from './ports.ts';
import type { Rig } from './rig.ts';
import { isRtp, type RtpPacket, rtpPacket } from './rtp.ts';

const ptime = 20;
const samples = 160;
const silence = Buffer.alloc(samples, 0xff);

/**
 * The sound of a phone whose signalling sipp makes: PCMU from and to a port that its SDP names. It is silent until it is
 * told to speak, and sends to where it is sent to (symmetric RTP).
 */
export class SpeakingEnd {
  /** All that has come since it began to speak. */
  readonly heard: RtpPacket[] = [];
  readonly #file: Buffer;
  readonly #first = performance.now();
  #towards: number | null = null;
  #spoken: number | null = null;
  #sent = 0;

  private constructor(
    readonly socket: Socket,
    readonly port: number,
    readonly says: string,
  ) {
    this.#file = readMulawFile(says);
    socket.on('message', (payload, { port: from }) => {
      if (!isRtp(payload)) return;
      this.#towards = from;
      if (this.isSpeaking) this.heard.push(rtpPacket({ time: Date.now(), from, to: port, payload }));
    });
  }

  /** Opens it at a port, for a WAV file (8 kHz mu-law). */
  static async open(rig: Rig, port: number, says: string): Promise<SpeakingEnd> {
    const socket = createSocket('udp4').bind(port, loopback);
    await once(socket, 'listening');
    const end = new SpeakingEnd(socket, port, says);
    const pace = setInterval(() => end.#sendWhatIsDue(), ptime / 2);
    rig.use({
      async stop() {
        clearInterval(pace);
        socket.close();
      },
    });
    return end;
  }

  get isSpeaking(): boolean {
    return this.#spoken !== null;
  }

  /** Begins its file; what it hears counts from here. */
  speak(): void {
    this.#spoken = 0;
  }

  /** Resolves when it has said all, and heard so many seconds. */
  async talked(seconds: number, ms = 30_000): Promise<void> {
    const signal = AbortSignal.timeout(ms);
    const isDone = () =>
      this.heard.length * ptime >= seconds * 1000 && (this.#spoken ?? 0) >= this.#file.length;
    while (!isDone()) {
      await once(this.socket, 'message', { signal }).catch(() => {
        throw new Error(`heard only ${this.heard.length} packets in ${ms} ms, said ${this.#spoken} samples`);
      });
    }
  }

  #sendWhatIsDue(): void {
    while (this.#sent * ptime <= performance.now() - this.#first) {
      if (this.#towards !== null) this.socket.send(this.#packet(this.#next()), this.#towards, loopback);
      this.#sent += 1;
    }
  }

  #next(): Buffer {
    if (this.#spoken === null) return silence;
    const place = this.#spoken;
    this.#spoken += samples;
    const piece = this.#file.subarray(place, this.#spoken);
    return Buffer.concat([piece, silence.subarray(piece.length)]);
  }

  #packet(payload: Buffer): Buffer {
    const header = Buffer.alloc(12);
    header.writeUInt16BE(0x8000, 0);
    header.writeUInt16BE(this.#sent & 0xffff, 2);
    header.writeUInt32BE(this.#sent * samples, 4);
    header.writeUInt32BE(this.port, 8);
    return Buffer.concat([header, payload]);
  }
}
