import type { Socket } from 'node:dgram';
import type { Log, PlainLegParams } from '../../phone/ports.ts';
import { Srtp } from '../srtp/srtp.ts';
import { ControlLatch } from './control-latch.ts';
import { type Endpoint, Latch } from './latch.ts';
import { openPortPair, type PortPair, type PortRange } from './port-pair.ts';
import { isControl } from './rtcp.ts';
import { type RtpPacket, readRtp, writeRtp } from './rtp.ts';

export interface PlainWireOptions {
  readonly localAddress: string;
  readonly portRange: PortRange;
  /** 32 random bits. */
  readonly random: () => number;
  readonly log: Log;
}

export interface PlainWireListener {
  /** Whose it is is for the listener to say: `accepts`, `isHeardFrom`. */
  onRtp(packet: RtpPacket, source: Endpoint): void;
  /** The far end's RTCP. */
  onControl(report: Buffer): void;
}

/**
 * The two ports of a leg: RTP and RTCP in the clear towards the leg, encrypted on the network where keys were agreed on
 * (RFC 3711), sent to where the far end is. Nothing that arrives can throw.
 */
export class PlainWire {
  readonly #options: PlainWireOptions;
  readonly #latch = new Latch();
  readonly #controlLatch = new ControlLatch();
  #listener: PlainWireListener | null = null;
  #ports: PortPair;
  #localAddress: string;
  #closed = false;
  #srtp: Srtp | null = null;
  #droppedTold = 0;

  /** Binds the ports. @throws Error with a sentence when that fails. */
  static async open(options: PlainWireOptions): Promise<PlainWire> {
    const ports = await openPortPair(options.localAddress, options.portRange, options.random);
    return new PlainWire(options, ports);
  }

  private constructor(options: PlainWireOptions, ports: PortPair) {
    this.#options = options;
    this.#localAddress = options.localAddress;
    this.#ports = ports;
    this.#listenTo(ports);
  }

  get rtpPort(): number {
    return this.#ports.rtpPort;
  }

  listen(listener: PlainWireListener): void {
    this.#listener = listener;
  }

  /**
   * Binds new ports on another address and lets the old ones go.
   * @throws Error with a sentence when that fails; then all is as before.
   */
  async move(localAddress: string): Promise<void> {
    if (localAddress === this.#localAddress) return;
    const { portRange, random } = this.#options;
    const ports = await openPortPair(localAddress, portRange, random);
    const left = this.#closed ? ports : this.#ports;
    if (!this.#closed) {
      this.#ports = ports;
      this.#localAddress = localAddress;
      this.#listenTo(ports);
    }
    closePair(left);
  }

  /** Takes over the outcome of an offer/answer. */
  configure({ remote, rtcp, srtp }: PlainLegParams): void {
    this.#srtp = srtp ? new Srtp(srtp, this.#srtp) : null;
    this.#latch.signal(remote);
    this.#controlLatch.signal(remote, rtcp);
  }

  /** Where RTP goes; null when nowhere. */
  get destination(): Endpoint | null {
    return this.#latch.destination;
  }

  /** Whether a packet from there is the far end's; it may be learnt by that. */
  accepts(source: Endpoint): boolean {
    return this.#latch.accepts(source);
  }

  /** Whether the far end's sound comes from there already. */
  isHeardFrom(source: Endpoint): boolean {
    return this.#latch.isHeardFrom(source);
  }

  /** False when there is nowhere to send it. */
  send(packet: RtpPacket): boolean {
    const { destination } = this;
    if (!destination) return false;
    const datagram = writeRtp(packet);
    transmit(this.#ports.rtp, this.#srtp?.protect(datagram) ?? datagram, destination);
    return true;
  }

  /** `sent` is called when it has gone, or can't. */
  sendControl(report: Buffer, sent?: () => void): void {
    const destination = this.#controlLatch.destination(this.destination);
    if (!destination) {
      sent?.();
      return;
    }
    const { rtp, rtcp } = this.#ports;
    const datagram = this.#srtp?.protectControl(report) ?? report;
    transmit(this.#controlLatch.isMuxed ? rtp : rtcp, datagram, destination, sent);
  }

  /** Writes down how many packets have been dropped for their encryption, when there are more than last time. */
  tellDropped(): void {
    const { foreign, replayed } = this.#srtp?.dropped ?? { foreign: 0, replayed: 0 };
    if (foreign + replayed === this.#droppedTold) return;
    this.#droppedTold = foreign + replayed;
    this.#options.log.warn(
      { foreign, replayed },
      "encrypted sound that is not the far end's, or comes twice",
    );
  }

  /** Nothing is heard any more; the ports are free when `lastWords` has called back. */
  close(lastWords: (said: () => void) => void): void {
    this.#closed = true;
    const ports = this.#ports;
    for (const socket of [ports.rtp, ports.rtcp]) socket.removeAllListeners('message');
    lastWords(() => closePair(ports));
  }

  #listenTo({ rtp, rtcp }: PortPair): void {
    rtp.on('message', (datagram, source) => this.#receive(datagram, source));
    rtcp.on('message', (datagram, source) => this.#receiveControl(datagram, source));
    for (const socket of [rtp, rtcp]) {
      socket.on('error', (error) =>
        this.#options.log.warn({ error: error.message }, 'socket of the plain leg'),
      );
    }
  }

  #receive(wire: Buffer, source: Endpoint): void {
    if (this.#controlLatch.isMuxed && isControl(wire)) {
      this.#readControl(wire, source);
      return;
    }
    const datagram = this.#srtp ? this.#srtp.unprotect(wire) : wire;
    const packet = datagram && readRtp(datagram);
    if (packet) this.#listener?.onRtp(packet, source);
  }

  #receiveControl(wire: Buffer, source: Endpoint): void {
    if (isControl(wire) && this.#readControl(wire, source)) this.#controlLatch.learn(source);
  }

  /** Whether it is the far end's. */
  #readControl(wire: Buffer, source: Endpoint): boolean {
    if (!this.#controlLatch.accepts(source)) return false;
    const datagram = this.#srtp ? this.#srtp.unprotectControl(wire) : wire;
    if (datagram) this.#listener?.onControl(datagram);
    return datagram !== null;
  }
}

function closePair({ rtp, rtcp }: PortPair): void {
  rtp.close();
  rtcp.close();
}

/** The network may be away at any time; what cannot be sent is lost, as on any wire. */
function transmit(socket: Socket, datagram: Buffer, to: Endpoint, sent = () => {}): void {
  if (to.port > 0 && to.port < 65536) socket.send(datagram, to.port, to.address, sent);
  else sent();
}
