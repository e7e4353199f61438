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

/** Counts what arrives of one SSRC (RFC 3550, A.3 and A.8). Times are milliseconds. */
export class Reception {
  #ssrc: number | null = null;
  #base = 0;
  #highest = 0;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #jitter = 0;
  #transit: number | null = null;
  #ticksPerMs = 0;
  #lastSr: { middle: number; at: number } | null = null;

  count(packet: RtpPacket, now: number, ticksPerMs = 8): void {
    if (packet.ssrc !== this.#ssrc || ticksPerMs !== this.#ticksPerMs) this.#begin(packet, ticksPerMs);
    this.#received += 1;
    const ahead = sequenceDelta(packet.sequenceNumber, this.#highest);
    if (ahead > 0) this.#highest += ahead;

    const transit = (Math.round(now * ticksPerMs) - packet.timestamp) | 0;
    if (this.#transit !== null) {
      this.#jitter += (Math.abs(timestampDelta(transit, this.#transit)) - this.#jitter) / 16;
    }
    this.#transit = transit;
  }

  /** A sender report of the far end: `middle` is what our next report gives back as LSR. */
  countSenderReport(middle: number, now: number): void {
    this.#lastSr = { middle, at: now };
  }

  /** Null while nothing was heard. */
  report(now: number): ReportBlock | null {
    if (this.#ssrc === null) return null;
    const expected = this.#highest - this.#base + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return {
      ssrc: this.#ssrc,
      fractionLost:
        expectedNow > 0 && lostNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      packetsLost: Math.max(-0x80_0000, Math.min(0x7f_ffff, expected - this.#received)),
      highestSequence: this.#highest >>> 0,
      jitter: Math.round(this.#jitter),
      lastSr: this.#lastSr?.middle ?? 0,
      delaySinceLastSr: this.#lastSr ? Math.round(((now - this.#lastSr.at) / 1000) * 65536) >>> 0 : 0,
    };
  }

  #begin(packet: RtpPacket, ticksPerMs: number): void {
    this.#ssrc = packet.ssrc;
    this.#ticksPerMs = ticksPerMs;
    this.#base = packet.sequenceNumber;
    this.#highest = packet.sequenceNumber - 1;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.#jitter = 0;
    this.#transit = null;
    this.#lastSr = null;
  }
}
