import { isIPv4, isIPv6 } from 'node:net';
import type { UdpAddress } from '../transport/udp-socket.ts';

/** A message as a capture shows it: a UDP datagram, or a TCP segment of its own. */
export interface CapturedMessage {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly source: UdpAddress;
  readonly destination: UdpAddress;
  readonly payload: Buffer;
  /** Over TCP, or over TLS: then the capture shows what was in it. */
  readonly overTcp?: boolean;
}

/** LINKTYPE_RAW: packets begin with their IP header. */
const rawIp = 101;
const snapshotLength = 262_144;

/** A capture file that Wireshark opens (draft-ietf-opsawg-pcapng): one section, one interface, one block a message. */
export function writePcapng(messages: readonly CapturedMessage[], application: string): Buffer {
  const streams: Streams = new Map();
  return Buffer.concat([
    sectionHeader(application),
    interfaceDescription(),
    ...messages.map((message) => enhancedPacket(message, streams)),
  ]);
}

/** Type, total length, body padded to 32 bits, total length again. */
function block(type: number, body: Buffer): Buffer {
  const length = 12 + padded(body.length);
  const written = Buffer.alloc(length);
  written.writeUInt32LE(type, 0);
  written.writeUInt32LE(length, 4);
  body.copy(written, 8);
  written.writeUInt32LE(length, length - 4);
  return written;
}

const padded = (length: number): number => Math.ceil(length / 4) * 4;

function sectionHeader(application: string): Buffer {
  const name = Buffer.from(application);
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(0x1a2b3c4d, 0);
  fixed.writeUInt16LE(1, 4);
  // Section length: not known.
  fixed.fill(0xff, 8);
  const option = Buffer.alloc(4 + padded(name.length) + 4);
  // shb_userappl
  option.writeUInt16LE(4, 0);
  option.writeUInt16LE(name.length, 2);
  name.copy(option, 4);
  return block(0x0a0d0d0a, Buffer.concat([fixed, option]));
}

function interfaceDescription(): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(rawIp, 0);
  body.writeUInt32LE(snapshotLength, 4);
  return block(1, body);
}

function enhancedPacket(message: CapturedMessage, streams: Streams): Buffer {
  const packet = ipPacket(message, streams);
  const head = Buffer.alloc(20);
  const microseconds = BigInt(Math.round(message.at * 1000));
  head.writeUInt32LE(Number(microseconds >> 32n), 4);
  head.writeUInt32LE(Number(microseconds & 0xffff_ffffn), 8);
  head.writeUInt32LE(packet.length, 12);
  head.writeUInt32LE(packet.length, 16);
  return block(6, Buffer.concat([head, packet]));
}

/** Protocol numbers of IP, and where each has its checksum. */
const udp = { number: 17, checksumAt: 6 };
const tcp = { number: 6, checksumAt: 16 };

function ipPacket(message: CapturedMessage, streams: Streams): Buffer {
  const [from, to] = [bytesOf(message.source.address), bytesOf(message.destination.address)];
  const protocol = message.overTcp ? tcp : udp;
  const inner = message.overTcp ? tcpSegment(message, streams) : udpDatagram(message);
  if (from.length === 4 && to.length === 4) {
    // Over IPv4 UDP needs no checksum, TCP does.
    if (message.overTcp) writeChecksum(inner, Buffer.concat([from, to]), protocol);
    return Buffer.concat([ipv4Header(from, to, inner.length, protocol.number), inner]);
  }
  const [from6, to6] = [asIPv6(from), asIPv6(to)];
  // Over IPv6 a datagram must have a checksum (RFC 8200, 8.1).
  writeChecksum(inner, Buffer.concat([from6, to6]), protocol);
  return Buffer.concat([ipv6Header(from6, to6, inner.length, protocol.number), inner]);
}

function udpDatagram({ source, destination, payload }: CapturedMessage): Buffer {
  const written = Buffer.concat([Buffer.alloc(8), payload]);
  written.writeUInt16BE(source.port, 0);
  written.writeUInt16BE(destination.port, 2);
  written.writeUInt16BE(written.length & 0xffff, 4);
  return written;
}

/** How many bytes have gone each way so far: the next sequence number. */
type Streams = Map<string, number>;

/** PSH and ACK, as the middle of a connection whose beginning was not captured. */
function tcpSegment({ source, destination, payload }: CapturedMessage, streams: Streams): Buffer {
  const place = (one: UdpAddress, other: UdpAddress): string =>
    `${one.address} ${one.port} ${other.address} ${other.port}`;
  const sent = streams.get(place(source, destination)) ?? 1;
  streams.set(place(source, destination), sent + payload.length);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(source.port, 0);
  head.writeUInt16BE(destination.port, 2);
  head.writeUInt32BE(sent % 2 ** 32, 4);
  head.writeUInt32BE((streams.get(place(destination, source)) ?? 1) % 2 ** 32, 8);
  head.writeUInt16BE(0x5018, 12);
  head.writeUInt16BE(0xffff, 14);
  return Buffer.concat([head, payload]);
}

/** With the pseudo-header of RFC 9293, 3.1; that of IPv4 sums to the same as IPv6's (RFC 8200, 8.1). */
function writeChecksum(inner: Buffer, addresses: Buffer, { number, checksumAt }: typeof udp): void {
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(inner.length, 0);
  pseudo.writeUInt8(number, 7);
  inner.writeUInt16BE(checksum(Buffer.concat([addresses, pseudo, inner])) || 0xffff, checksumAt);
}

function ipv4Header(from: Buffer, to: Buffer, length: number, protocol: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE((20 + length) & 0xffff, 2);
  header.writeUInt8(64, 8);
  header.writeUInt8(protocol, 9);
  const whole = Buffer.concat([header, from, to]);
  whole.writeUInt16BE(checksum(whole), 10);
  return whole;
}

function ipv6Header(from: Buffer, to: Buffer, length: number, protocol: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(length & 0xffff, 4);
  header.writeUInt8(protocol, 6);
  header.writeUInt8(64, 7);
  return Buffer.concat([header, from, to]);
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** 4 or 16 bytes; a name that was never resolved becomes 0.0.0.0. */
function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [plain = ''] = address.split('%', 1);
  return isIPv6(plain) ? ipv6Bytes(plain) : Buffer.alloc(4);
}

function ipv6Bytes(address: string): Buffer {
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...quad: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = quad.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail ?? '').length;
  const all =
    tail === undefined ? groups(head) : [...groups(head), ...Array(missing).fill('0'), ...groups(tail)];
  const bytes = Buffer.alloc(16);
  for (const [at, group] of all.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return bytes;
}

/** ::ffff:192.0.2.1 */
const asIPv6 = (bytes: Buffer): Buffer =>
  bytes.length === 16 ? bytes : Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), bytes]);
