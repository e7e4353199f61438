import { type RtpPacket, sequenceDelta, timestampDelta } from './rtp.ts';

/** One report block (RFC 3550, 6.4.1) about a stream that we hear. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Of 256, since the last report. */
  readonly fractionLost: number;
  readonly packetsLost: number;
  /** Extended by the number of wraps. */
  readonly highestSequence: number;
  /** In ticks of the stream's RTP clock. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last SR; 0 when none came. */
  readonly lastSr: number;
  /** Since that SR, in 1/65536 s. */
  readonly delaySinceLastSr: number;
}

/** Further ahead or behind than this is not loss or disorder, but a stream that began anew (RFC 3550, A.1). */
const maxDropout = 3000;
const maxMisorder = 100;

/** Packets that should have come and that did, up to some moment. */
interface Mark {
  readonly expected: number;
  readonly received: number;
}
const beginning: Mark = { expected: 0, received: 0 };

/** Counts what arrives of one SSRC (RFC 3550, A.3 and A.8). Times are milliseconds. */
export class Reception {
  #ssrc: number | null = null;
  #hasLeft = false;
  #base = 0;
  #highest = 0;
  #received = 0;
  #reported = beginning;
  #asked = beginning;
  #jitter = 0;
  #last: { transit: number; timestamp: number } | null = null;
  #ticksPerMs = 0;
  #lastSr: { middle: number; at: number } | null = null;

  count(packet: RtpPacket, now: number, ticksPerMs = 8): void {
    if (!this.#goesOn(packet, ticksPerMs)) this.#begin(packet, ticksPerMs);
    this.#hasLeft = false;
    this.#received += 1;
    const ahead = sequenceDelta(packet.sequenceNumber, this.#highest);
    if (ahead > 0) this.#highest += ahead;

    const { timestamp } = packet;
    // All packets of a telephone event have the time of its beginning (RFC 4733, 2.1), which says nothing of the network.
    if (timestamp === this.#last?.timestamp) return;
    const transit = (Math.round(now * ticksPerMs) - timestamp) | 0;
    if (this.#last) {
      this.#jitter += (Math.abs(timestampDelta(transit, this.#last.transit)) - this.#jitter) / 16;
    }
    this.#last = { transit, timestamp };
  }

  /** A sender report of the far end: `middle` is what our next report gives back as LSR. */
  countSenderReport(middle: number, now: number): void {
    this.#lastSr = { middle, at: now };
  }

  /** It says that its stream has ended (RFC 3550, 6.3.4); what comes of it nevertheless is counted on. */
  leave(ssrc: number): void {
    if (ssrc === this.#ssrc) this.#hasLeft = true;
  }

  /** Null while nothing is heard. */
  report(now: number): ReportBlock | null {
    if (this.#ssrc === null || this.#hasLeft) return null;
    const { expected, received } = this.#mark;
    const lost = lossBetween(this.#reported, this.#mark);
    this.#reported = this.#mark;
    return {
      ssrc: this.#ssrc,
      fractionLost: Math.min(255, Math.floor(lost * 256)),
      packetsLost: Math.max(-0x80_0000, Math.min(0x7f_ffff, expected - received)),
      highestSequence: this.#highest >>> 0,
      jitter: Math.round(this.#jitter),
      lastSr: this.#lastSr?.middle ?? 0,
      delaySinceLastSr: this.#lastSr ? Math.round(((now - this.#lastSr.at) / 1000) * 65536) >>> 0 : 0,
    };
  }

  /** The share of the packets since this was asked last that did not come, 0 to 1. */
  takeLoss(): number {
    const lost = lossBetween(this.#asked, this.#mark);
    this.#asked = this.#mark;
    return lost;
  }

  get jitterMs(): number {
    return this.#ticksPerMs === 0 ? 0 : this.#jitter / this.#ticksPerMs;
  }

  get #mark(): Mark {
    if (this.#ssrc === null) return beginning;
    return { expected: this.#highest - this.#base + 1, received: this.#received };
  }

  #goesOn({ ssrc, sequenceNumber }: RtpPacket, ticksPerMs: number): boolean {
    if (ssrc !== this.#ssrc || ticksPerMs !== this.#ticksPerMs) return false;
    const ahead = sequenceDelta(sequenceNumber, this.#highest);
    return ahead <= maxDropout && ahead >= -maxMisorder;
  }

  #begin(packet: RtpPacket, ticksPerMs: number): void {
    this.#ssrc = packet.ssrc;
    this.#ticksPerMs = ticksPerMs;
    this.#base = packet.sequenceNumber;
    this.#highest = packet.sequenceNumber - 1;
    this.#received = 0;
    this.#reported = beginning;
    this.#asked = beginning;
    this.#jitter = 0;
    this.#last = null;
    this.#lastSr = null;
  }
}

/** RFC 3550, A.3: packets that came twice make up for lost ones, but never more. */
function lossBetween(before: Mark, after: Mark): number {
  const expected = after.expected - before.expected;
  const lost = expected - (after.received - before.received);
  return expected > 0 ? Math.max(0, lost / expected) : 0;
}
