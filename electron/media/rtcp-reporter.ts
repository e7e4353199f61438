import { Reception } from './reception.ts';
import { readSenderReports, writeReport } from './rtcp.ts';
import type { RtpPacket } from './rtp.ts';

/** Keeps the books of one leg and writes its RTCP reports from them. Times are milliseconds, clocks ticks of one. */
export class RtcpReporter {
  readonly #cname: string;
  #heard = new Reception();
  #lastSent: { packet: RtpPacket; ticksPerMs: number; at: number } | null = null;
  #packets = 0;
  #octets = 0;
  #packetsReported = 0;

  constructor(cname: string) {
    this.#cname = cname;
  }

  /** A new SSRC is a new stream, counted from its beginning. */
  countSent(packet: RtpPacket, now: number, ticksPerMs = 8): void {
    if (packet.ssrc !== this.#lastSent?.packet.ssrc) {
      this.#packets = 0;
      this.#octets = 0;
      this.#packetsReported = 0;
    }
    this.#lastSent = { packet, ticksPerMs, at: now };
    this.#packets += 1;
    this.#octets += packet.payload.length;
  }

  countHeard(packet: RtpPacket, now: number, ticksPerMs = 8): void {
    this.#heard.count(packet, now, ticksPerMs);
  }

  readReports(datagram: Buffer, now: number): void {
    for (const { middle } of readSenderReports(datagram)) this.#heard.countSenderReport(middle, now);
  }

  /** Our next report; null before we have sent anything. `wallClock` in milliseconds since 1970. */
  write(now: number, wallClock: number): Buffer | null {
    const last = this.#lastSent;
    if (!last) return null;
    const isSender = this.#packets > this.#packetsReported;
    this.#packetsReported = this.#packets;
    const sent = {
      wallClock,
      timestamp: last.packet.timestamp + Math.round((now - last.at) * last.ticksPerMs),
      packets: this.#packets,
      octets: this.#octets,
    };
    return writeReport({
      ssrc: last.packet.ssrc,
      cname: this.#cname,
      sent: isSender ? sent : null,
      heard: this.#heard.report(now),
    });
  }
}
