/** One RTP packet (RFC 3550, 5.1) without what telephony does not use: CSRCs, extensions and padding are dropped. */
export interface RtpPacket {
  readonly payloadType: number;
  readonly marker: boolean;
  /** 16 bits. */
  readonly sequenceNumber: number;
  /** 32 bits, in samples. */
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

const fixedHeader = 12;

/** Where the payload begins; null for anything that is not RTP version 2 or ends before that. */
export function rtpHeaderLength(datagram: Buffer): number | null {
  if (datagram.length < fixedHeader) return null;
  const flags = datagram.readUInt8(0);
  if (flags >> 6 !== 2) return null;
  const length = fixedHeader + 4 * (flags & 0x0f);
  if (!(flags & 0x10)) return length <= datagram.length ? length : null;
  if (datagram.length < length + 4) return null;
  const withExtension = length + 4 + 4 * datagram.readUInt16BE(length + 2);
  return withExtension <= datagram.length ? withExtension : null;
}

/** Null for anything that is not RTP version 2 or whose lengths do not add up. */
export function readRtp(datagram: Buffer): RtpPacket | null {
  const start = rtpHeaderLength(datagram);
  if (start === null) return null;
  const padding = datagram.readUInt8(0) & 0x20 ? datagram.readUInt8(datagram.length - 1) : 0;
  const end = datagram.length - padding;
  if (start > end) return null;

  const second = datagram.readUInt8(1);
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequenceNumber: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    payload: datagram.subarray(start, end),
  };
}

export function writeRtp(packet: RtpPacket): Buffer {
  const datagram = Buffer.allocUnsafe(fixedHeader + packet.payload.length);
  datagram.writeUInt8(0x80, 0);
  datagram.writeUInt8((packet.marker ? 0x80 : 0) | packet.payloadType, 1);
  datagram.writeUInt16BE(packet.sequenceNumber, 2);
  datagram.writeUInt32BE(packet.timestamp, 4);
  datagram.writeUInt32BE(packet.ssrc, 8);
  packet.payload.copy(datagram, fixedHeader);
  return datagram;
}

/** How far `to` lies ahead of `from` (negative: behind) on a counter of 16 bits that wraps. */
export const sequenceDelta = (to: number, from: number): number => ((to - from) << 16) >> 16;

/** The same on a counter of 32 bits. */
export const timestampDelta = (to: number, from: number): number => (to - from) | 0;
