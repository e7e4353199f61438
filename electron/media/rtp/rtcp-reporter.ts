import type { LegQuality } from '../../phone/ports.ts';
import { Reception, type ReportBlock } from './reception.ts';
import { readReports, writeReport } from './rtcp.ts';
import type { RtpPacket } from './rtp.ts';

/** Part of what a leg measures. */
export type ReportedQuality = Omit<LegQuality, 'silentForMs' | 'madeUp'>;

/** A sender report of ours, by the middle of its NTP time, which the far end gives back, and when it was sent. */
interface SentReport {
  readonly middle: number;
  readonly at: number;
}
/** Answers to older ones come from a network that lies. */
const keptReports = 8;
/** What the far end has reported is old news after so long, in milliseconds: three of its reports are missing. */
const stalenessMs = 20_000;

const intervalMs = 5000;
/** Makes up for a randomised timer that is also reconsidered (RFC 3550, 6.3.1). */
const compensation = Math.E - 1.5;
const share = (random: () => number): number => random() / 0x1_0000_0000;

/** `random` gives 32 bits: reports of many phones shall not come in step (RFC 3550, 6.2). */
export const firstReportMs = (random: () => number): number => 1000 + 1000 * share(random);
export const nextReportMs = (random: () => number): number =>
  (intervalMs * (0.5 + share(random))) / compensation;

/** Keeps the books of one leg and writes its RTCP reports from them. Times are milliseconds, clocks ticks of one. */
export class RtcpReporter {
  readonly #cname: string;
  #heard = new Reception();
  #lastSent: { packet: RtpPacket; ticksPerMs: number; at: number } | null = null;
  #packets = 0;
  #octets = 0;
  #packetsReported = 0;
  #sentReports: readonly SentReport[] = [];
  #told: { quality: Partial<ReportedQuality>; at: number } | null = null;

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
    const { senders, blocks, left } = readReports(datagram);
    for (const { middle } of senders) this.#heard.countSenderReport(middle, now);
    for (const ssrc of left) this.#heard.leave(ssrc);
    const ours = blocks.find(({ ssrc }) => ssrc === this.#lastSent?.packet.ssrc);
    if (!ours || !this.#lastSent) return;
    const quality = {
      remoteLoss: ours.fractionLost / 256,
      remoteJitterMs: ours.jitter / this.#lastSent.ticksPerMs,
      roundTripMs: this.#roundTripMs(ours, now),
    };
    this.#told = { quality, at: now };
  }

  /** Since it was asked last. */
  quality(now: number): ReportedQuality {
    const isFresh = this.#told !== null && now - this.#told.at <= stalenessMs;
    return {
      loss: this.#heard.takeLoss(),
      jitterMs: this.#heard.jitterMs,
      remoteLoss: null,
      remoteJitterMs: null,
      roundTripMs: null,
      ...(isFresh ? this.#told?.quality : {}),
    };
  }

  /** From our report there, and from the far end's back, without its time in between (RFC 3550, 6.4.1). */
  #roundTripMs({ lastSr, delaySinceLastSr }: ReportBlock, now: number): number | null {
    const sent = this.#sentReports.find(({ middle }) => middle === lastSr);
    return sent ? Math.max(0, now - sent.at - (delaySinceLastSr * 1000) / 0x1_0000) : null;
  }

  /** Our next report; null before we have sent anything. `wallClock` in milliseconds since 1970. */
  write(now: number, wallClock: number): Buffer | null {
    return this.#write(now, wallClock, false);
  }

  /** The last report of a stream, with its BYE; null when none has been sent (RFC 3550, 6.3.7). */
  bye(now: number, wallClock: number): Buffer | null {
    const report = this.#write(now, wallClock, true);
    this.#lastSent = null;
    return report;
  }

  #write(now: number, wallClock: number, leaves: boolean): Buffer | null {
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
    const report = writeReport({
      ssrc: last.packet.ssrc,
      cname: this.#cname,
      sent: isSender ? sent : null,
      heard: this.#heard.report(now),
      leaves,
    });
    const ours = readReports(report).senders.map(({ middle }) => ({ middle, at: now }));
    this.#sentReports = [...ours, ...this.#sentReports].slice(0, keptReports);
    return report;
  }
}
