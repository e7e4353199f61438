import type { Datagram } from './wire.ts';

export interface RtpPacket {
  readonly time: number;
  readonly from: number;
  readonly to: number;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

/** RTP version 2, but neither RTCP (RFC 5761, 4) nor encrypted traffic with a window, which lives on other ports. */
export const isRtp = (payload: Buffer): boolean => {
  if (payload.length < 12 || payload.readUInt8(0) >> 6 !== 2) return false;
  const second = payload.readUInt8(1);
  return second < 192 || second > 223;
};

export function rtpPacket({ time, from, to, payload }: Datagram): RtpPacket {
  const second = payload.readUInt8(1);
  const header = 12 + (payload.readUInt8(0) & 15) * 4;
  return {
    time,
    from,
    to,
    payloadType: second & 127,
    marker: second >> 7 === 1,
    sequence: payload.readUInt16BE(2),
    timestamp: payload.readUInt32BE(4),
    ssrc: payload.readUInt32BE(8),
    payload: payload.subarray(header),
  };
}

/** One RFC 4733 event, as its packets tell it. */
export interface ToneEvent {
  readonly tone: string;
  readonly packets: number;
  /** Packets with the end bit: three, so that losing one loses no digit (RFC 4733, 2.5.1.4). */
  readonly ends: number;
  /** In RTP clock ticks: 800 is 100 ms of G.711. */
  readonly duration: number;
  /** The first packet carries the marker bit (RFC 4733, 2.5.1.1). */
  readonly marked: boolean;
}

const tones = '0123456789*#ABCD';

/** The events of a telephone-event payload type, in order. */
export function toneEvents(packets: readonly RtpPacket[], payloadType: number): ToneEvent[] {
  const byTimestamp = new Map<string, RtpPacket[]>();
  for (const packet of packets) {
    if (packet.payloadType !== payloadType || packet.payload.length < 4) continue;
    const key = `${packet.ssrc} ${packet.timestamp}`;
    byTimestamp.set(key, [...(byTimestamp.get(key) ?? []), packet]);
  }
  return [...byTimestamp.values()].map((event) => ({
    tone: tones.charAt(event[0]?.payload.readUInt8(0) ?? 255),
    packets: event.length,
    ends: event.filter(({ payload }) => payload.readUInt8(1) >> 7 === 1).length,
    duration: Math.max(...event.map(({ payload }) => payload.readUInt16BE(2))),
    marked: event[0]?.marker ?? false,
  }));
}

/** The packets of a payload type (G.711 mu-law, 0) that go to a port. */
export const streamTo = (packets: readonly RtpPacket[], port: number, format = 0): RtpPacket[] =>
  packets.filter(({ to, payloadType }) => to === port && payloadType === format);

/** How evenly a stream arrived. */
export function streamQuality(packets: readonly RtpPacket[]) {
  const gaps = packets.slice(1).map(({ time }, index) => time - (packets[index]?.time ?? time));
  const sorted = [...gaps].sort((a, b) => a - b);
  const first = packets[0]?.sequence ?? 0;
  const last = packets.at(-1)?.sequence ?? 0;
  const expected = packets.length === 0 ? 0 : ((last - first + 0x10000) % 0x10000) + 1;
  return {
    packets: packets.length,
    lost: expected - packets.length,
    gapP99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    longestGap: sorted.at(-1) ?? 0,
  };
}

const lastQuietLevel = 0x0f;

/** Whether G.711 mu-law sound carries more than near-silence (codes 0xF0..0xFF and 0x70..0x7F are the quietest). */
export const isAudible = ({ payload }: RtpPacket): boolean =>
  payload.some((code) => (~code & 0x7f) > lastQuietLevel * 2);
