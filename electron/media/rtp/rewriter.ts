import { type CodedChunk, ticksOf, ticksPerMs } from '../codecs/codec.ts';
import { type RtpPacket, sequenceDelta, timestampDelta } from './rtp.ts';

/** A packet of audio whose codec is known. */
export type AudioPacket = RtpPacket & CodedChunk;

/** A jump of the sequence beyond this is a new stream, not loss (facts of Chromium's jitter buffer: about two seconds). */
const maxSequenceJump = 90;
/** A timestamp that strays further from the clock than this, in milliseconds, is a new stream too. */
const maxClockJump = 2000;
/** Nor is the very next packet's time so far ahead of the clock: the one before would have been as late. */
const maxLateness = 300;

/** Whether a packet of the same SSRC and codec goes on where that one was: a later one is of a later time. */
export function goesOn(last: RtpPacket, { sequenceNumber, timestamp }: RtpPacket): boolean {
  const packets = sequenceDelta(sequenceNumber, last.sequenceNumber);
  const ticks = timestampDelta(timestamp, last.timestamp);
  return Math.abs(packets) <= maxSequenceJump && Math.sign(packets) === Math.sign(ticks);
}

/**
 * Makes one unbroken stream of what a far end sends, whose SSRC, sequence and timestamp may start anew at any time
 * (re-INVITE, transfer, music on hold): the SSRC stays, small gaps stay gaps (so the listener conceals loss), and a
 * new stream continues where the old one ended, as much later as the clock says.
 */
export class Rewriter {
  readonly #ssrc: number;
  #last: { input: AudioPacket; output: AudioPacket; at: number } | null = null;

  constructor(ssrc: number) {
    this.#ssrc = ssrc;
  }

  /** `now` in milliseconds; the payload passes untouched. */
  rewrite(input: AudioPacket, now: number): AudioPacket {
    const output = { ...input, ssrc: this.#ssrc, ...this.#place(input, now) };
    if (!this.#last || sequenceDelta(output.sequenceNumber, this.#last.output.sequenceNumber) > 0) {
      this.#last = { input, output, at: now };
    }
    return output;
  }

  #place(input: AudioPacket, now: number): Pick<RtpPacket, 'sequenceNumber' | 'timestamp' | 'marker'> {
    const last = this.#last;
    if (!last) return { sequenceNumber: 0, timestamp: 0, marker: true };

    const packets = sequenceDelta(input.sequenceNumber, last.input.sequenceNumber);
    const perMs = ticksPerMs(input.codec);
    const ticks = timestampDelta(input.timestamp, last.input.timestamp);
    const elapsed = Math.round((now - last.at) * perMs);
    const continues =
      input.ssrc === last.input.ssrc &&
      perMs === ticksPerMs(last.input.codec) &&
      goesOn(last.input, input) &&
      ticks - elapsed <= (packets === 1 ? maxLateness : maxClockJump) * perMs &&
      elapsed - ticks <= maxClockJump * perMs;

    return {
      sequenceNumber: (last.output.sequenceNumber + (continues ? packets : 1)) & 0xffff,
      timestamp:
        (last.output.timestamp +
          (continues ? ticks : Math.max(elapsed, ticksOf(input.codec, input.payload)))) >>>
        0,
      marker: continues ? input.marker : true,
    };
  }
}
