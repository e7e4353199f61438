import type { ReportBlock } from './reception.ts';

const type = { senderReport: 200, receiverReport: 201, sourceDescription: 202, goodbye: 203 } as const;
/** On a port that it shares with RTP, RTCP looks like these payload types with the marker set (RFC 5761, 4). */
export const [firstMuxedType, lastMuxedType] = [64, 95] as const;
const cnameItem = 1;
/** Up to the report blocks (RFC 3550, 6.4). */
const senderReportLength = 28;
const receiverReportLength = 8;
const blockLength = 24;
/** Seconds from 1900 to 1970 (RFC 3550, 4). */
const ntpEpoch = 2_208_988_800;

/** What a leg has sent so far, for its sender report (RFC 3550, 6.4.1). */
export interface SenderInfo {
  /** Now, in milliseconds since 1970. */
  readonly wallClock: number;
  /** The RTP timestamp of now. */
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
}

export interface Report {
  readonly ssrc: number;
  readonly cname: string;
  /** Null when nothing was sent since the last report: a receiver report then. */
  readonly sent: SenderInfo | null;
  readonly heard: ReportBlock | null;
  /** The stream ends. */
  readonly leaves?: boolean;
}

export function isControl(datagram: Buffer): boolean {
  if (datagram.length < receiverReportLength) return false;
  const payloadType = datagram.readUInt8(1) - 0x80;
  return payloadType >= firstMuxedType && payloadType <= lastMuxedType;
}

/** A compound packet: SR or RR, SDES with the CNAME, and BYE at the end (RFC 3550, 6.1). */
export function writeReport({ ssrc, cname, sent, heard, leaves = false }: Report): Buffer {
  const body = Buffer.concat([
    words(ssrc),
    sent ? senderInfo(sent) : empty,
    heard ? reportBlock(heard) : empty,
  ]);
  return Buffer.concat([
    packet(sent ? type.senderReport : type.receiverReport, heard ? 1 : 0, body),
    packet(type.sourceDescription, 1, sourceDescription(ssrc, cname)),
    leaves ? packet(type.goodbye, 1, words(ssrc)) : empty,
  ]);
}

/** What the reports of a far end say. */
export interface Heard {
  /** The middle 32 bits of the NTP time of each sender report, with its sender. */
  readonly senders: readonly { readonly ssrc: number; readonly middle: number }[];
  /** What it has heard of the streams that are sent to it. */
  readonly blocks: readonly ReportBlock[];
  /** Whose streams have ended. */
  readonly left: readonly number[];
}

/** Reads a compound packet; what is cut off or odd is left out. */
export function readReports(datagram: Buffer): Heard {
  const senders: { ssrc: number; middle: number }[] = [];
  const blocks: ReportBlock[] = [];
  const left: number[] = [];
  for (let start = 0; start + 8 <= datagram.length; ) {
    const flags = datagram.readUInt8(start);
    if (flags >> 6 !== 2) break;
    const packetType = datagram.readUInt8(start + 1);
    const length = 4 + 4 * datagram.readUInt16BE(start + 2);
    const body = datagram.subarray(start, start + length);
    if (packetType === type.senderReport && body.length >= senderReportLength) {
      senders.push({ ssrc: body.readUInt32BE(4), middle: body.readUInt32BE(10) });
      blocks.push(...readBlocks(body.subarray(senderReportLength), flags & 0x1f));
    } else if (packetType === type.receiverReport) {
      blocks.push(...readBlocks(body.subarray(receiverReportLength), flags & 0x1f));
    } else if (packetType === type.goodbye) {
      left.push(...readSources(body.subarray(4), flags & 0x1f));
    }
    start += length;
  }
  return { senders, blocks, left };
}

function readBlocks(body: Buffer, count: number): ReportBlock[] {
  const whole = Math.min(count, Math.floor(body.length / blockLength));
  return Array.from({ length: whole }, (_, index) => {
    const block = body.subarray(index * blockLength);
    return {
      ssrc: block.readUInt32BE(0),
      fractionLost: block.readUInt8(4),
      packetsLost: block.readIntBE(5, 3),
      highestSequence: block.readUInt32BE(8),
      jitter: block.readUInt32BE(12),
      lastSr: block.readUInt32BE(16),
      delaySinceLastSr: block.readUInt32BE(20),
    };
  });
}

function readSources(body: Buffer, count: number): number[] {
  const whole = Math.min(count, Math.floor(body.length / 4));
  return Array.from({ length: whole }, (_, index) => body.readUInt32BE(4 * index));
}

const empty = Buffer.alloc(0);

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [position, value] of values.entries()) buffer.writeUInt32BE(value >>> 0, 4 * position);
  return buffer;
}

function packet(packetType: number, count: number, body: Buffer): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt8(0x80 | count, 0);
  header.writeUInt8(packetType, 1);
  header.writeUInt16BE(body.length / 4, 2);
  return Buffer.concat([header, body]);
}

function senderInfo({ wallClock, timestamp, packets, octets }: SenderInfo): Buffer {
  const seconds = Math.floor(wallClock / 1000);
  const fraction = Math.floor(((wallClock % 1000) / 1000) * 0x1_0000_0000);
  return words(seconds + ntpEpoch, fraction, timestamp, packets, octets);
}

function reportBlock(block: ReportBlock): Buffer {
  const buffer = words(
    block.ssrc,
    0,
    block.highestSequence,
    block.jitter,
    block.lastSr,
    block.delaySinceLastSr,
  );
  buffer.writeUInt8(block.fractionLost, 4);
  buffer.writeIntBE(block.packetsLost, 5, 3);
  return buffer;
}

function sourceDescription(ssrc: number, cname: string): Buffer {
  const text = Buffer.from(cname);
  const chunk = Buffer.concat([words(ssrc), Buffer.from([cnameItem, text.length]), text]);
  // The item list ends with at least one zero octet and fills its word (RFC 3550, 6.5).
  return Buffer.concat([chunk, Buffer.alloc(4 - (chunk.length % 4))]);
}
