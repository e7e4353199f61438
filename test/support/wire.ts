import { createSocket } from 'node:dgram';
import type { Readable } from 'node:stream';
import { Child } from './child.ts';
import { PcapReader } from './pcap.ts';
import { firstPort, lastPort, loopback, portBlock } from './ports.ts';
import type { Stoppable } from './rig.ts';
import { isRtp, type RtpPacket, rtpPacket } from './rtp.ts';
import { isSip, SipMessage } from './sip-message.ts';

export interface Datagram {
  /** Milliseconds since the epoch, by the kernel's clock, in fractions. */
  readonly time: number;
  readonly from: number;
  readonly to: number;
  readonly payload: Buffer;
}

export interface Sighting {
  readonly time: number;
  readonly from: number;
  readonly to: number;
  readonly message: SipMessage;
}

const testPorts = `udp portrange ${firstPort}-${lastPort}`;

/**
 * Everything that passes between loopback ports, as it passes: captured by dumpcap, seen by the tests without a part
 * of the phone in between. What was captured stays until `stop`.
 */
export class Wire implements Stoppable {
  readonly datagrams: Datagram[] = [];
  readonly #sightings: Sighting[] = [];
  readonly #listeners = new Set<() => void>();

  private constructor(
    readonly child: Child,
    readonly marker: number,
  ) {}

  /** Captures UDP; resolves when it really does. `filter` is a BPF expression, by default the ports of the tests. */
  static async start(filter = testPorts): Promise<Wire> {
    const marker = await portBlock();
    const captureFilter = `(udp dst port ${marker}) or (${filter})`;
    const child = new Child('dumpcap', ['-q', '-i', 'lo', '-f', captureFilter, '-P', '-w', '-'], {
      binary: true,
    });
    const wire = new Wire(child, marker);
    wire.#listen(child.stdout);
    try {
      await wire.#catchUp();
    } catch (failure) {
      await child.stop();
      throw new Error(
        `no capture on the loopback interface (dumpcap needs the right to): ${failure}\n${child.output}`,
      );
    }
    return wire;
  }

  async stop(): Promise<void> {
    await this.child.stop('SIGINT');
  }

  /** All SIP messages so far, after what is on its way has arrived. */
  async sip(): Promise<readonly Sighting[]> {
    await this.#catchUp();
    return [...this.#sightings];
  }

  /** The first SIP message that matches, one that has passed already or the next to come. */
  async sees(what: string, matches: (sighting: Sighting) => boolean, timeoutMs = 20_000): Promise<Sighting> {
    return this.#until(what, () => this.#sightings.find(matches), timeoutMs);
  }

  /** The port at which whoever sends SIP from `ports` wants its sound, by its first SDP. */
  async audioPortOf(...ports: readonly number[]): Promise<number> {
    const { message } = await this.sees(
      `an SDP from ${ports.join(' or ')}`,
      (sighting) => ports.includes(sighting.from) && /^m=audio/m.test(sighting.message.body),
    );
    return Number(message.body.match(/^m=audio (\d+)/m)?.[1]);
  }

  /** All RTP packets so far, in the order of their passing. */
  async rtp(): Promise<readonly RtpPacket[]> {
    await this.#catchUp();
    return this.#rtp();
  }

  /** Resolves with the RTP packets as soon as `enough` says so. */
  async rtpUntil(
    what: string,
    enough: (packets: readonly RtpPacket[]) => boolean,
    timeoutMs = 20_000,
  ): Promise<readonly RtpPacket[]> {
    const look = () => {
      const packets = this.#rtp();
      return enough(packets) ? packets : undefined;
    };
    return this.#until(what, look, timeoutMs);
  }

  #rtp(): RtpPacket[] {
    return this.datagrams.filter(({ payload }) => isRtp(payload)).map(rtpPacket);
  }

  #listen(stream: Readable): void {
    const reader = new PcapReader();
    stream.on('data', (piece: Buffer) => {
      for (const datagram of reader.read(piece)) this.#take(datagram);
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #take(datagram: Datagram): void {
    this.datagrams.push(datagram);
    if (!isSip(datagram.payload)) return;
    const { time, from, to } = datagram;
    this.#sightings.push({ time, from, to, message: new SipMessage(datagram.payload.toString('utf8')) });
  }

  /** Sends a mark and waits until it comes by: all that was sent before it has been seen then. */
  async #catchUp(): Promise<void> {
    const mark = `mark-${Date.now()}-${Math.random()}`;
    const socket = createSocket('udp4');
    const send = () => socket.send(mark, this.marker, loopback);
    const repeat = setInterval(send, 100);
    try {
      send();
      await this.#until(
        'the mark',
        () => this.datagrams.find(({ to, payload }) => to === this.marker && payload.toString() === mark),
        15_000,
      );
    } finally {
      clearInterval(repeat);
      socket.close();
    }
  }

  #until<T>(what: string, look: () => T | undefined, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        const passed = this.#sightings.map(({ from, to, message }) => `${from} > ${to} ${message.startLine}`);
        const streams = countBy(
          this.#rtp(),
          ({ from, to, payloadType }) => `${from} > ${to} RTP ${payloadType}`,
        );
        reject(
          new Error(`not seen in ${timeoutMs} ms: ${what}. Seen:\n${[...passed, ...streams].join('\n')}`),
        );
      }, timeoutMs);
      const check = () => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(found);
      };
      this.#listeners.add(check);
      check();
    });
  }
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): string[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return [...counts].map(([key, count]) => `${key}: ${count} packets`);
}
