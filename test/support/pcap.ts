import type { Datagram } from './wire.ts';

const fileHeader = 24;
const packetHeader = 16;
const ethernet = 14;
const udpProtocol = 17;
const microseconds = 0xa1b2c3d4;

/**
 * Reads a stream in the classic pcap format (little-endian, microseconds, Ethernet: what dumpcap -P writes for the
 * loopback interface) piece by piece.
 */
export class PcapReader {
  #unread = Buffer.alloc(0);
  #headerRead = false;

  /** Takes the next piece of the stream; returns the UDP/IPv4 datagrams that are complete now. */
  read(piece: Buffer): Datagram[] {
    this.#unread = Buffer.concat([this.#unread, piece]);
    if (!this.#headerRead) {
      if (this.#unread.length < fileHeader) return [];
      const magic = this.#unread.readUInt32LE(0);
      if (magic !== microseconds) throw new Error(`not a pcap stream: ${magic.toString(16)}`);
      this.#advance(fileHeader);
      this.#headerRead = true;
    }
    const datagrams: Datagram[] = [];
    for (let packet = this.#next(); packet; packet = this.#next()) {
      const found = udpDatagram(packet.time, packet.frame);
      if (found) datagrams.push(found);
    }
    return datagrams;
  }

  #next(): { time: number; frame: Buffer } | null {
    if (this.#unread.length < packetHeader) return null;
    const length = this.#unread.readUInt32LE(8);
    if (this.#unread.length < packetHeader + length) return null;
    const time = this.#unread.readUInt32LE(0) * 1000 + this.#unread.readUInt32LE(4) / 1000;
    const frame = this.#unread.subarray(packetHeader, packetHeader + length);
    this.#advance(packetHeader + length);
    return { time, frame };
  }

  #advance(bytes: number): void {
    this.#unread = this.#unread.subarray(bytes);
  }
}

function udpDatagram(time: number, frame: Buffer): Datagram | null {
  const ip = frame.subarray(ethernet);
  if (ip.length < 28 || ip.readUInt8(0) >> 4 !== 4 || ip.readUInt8(9) !== udpProtocol) return null;
  const udp = ip.subarray((ip.readUInt8(0) & 15) * 4);
  return {
    time,
    from: udp.readUInt16BE(0),
    to: udp.readUInt16BE(2),
    payload: Buffer.from(udp.subarray(8, udp.readUInt16BE(4))),
  };
}
