import type { Rate, SampledChunk } from '../codecs/codec.ts';
import { Resampler } from '../codecs/resampler.ts';
import { timestampDelta } from '../rtp/rtp.ts';

/** Voices are added up in frames of 20 ms. */
export const frameMs = 20;

/** In milliseconds; as samples a power of two: a timestamp's low bits are its place, also where the timestamp wraps. */
const capacityMs = 512;
/** Nothing has arrived here; a sample as low as this becomes its neighbour. */
const missing = -32_768;
/** After so many frames without a voice it has paused, and begins anew when it comes back. */
const maxWaits = 3;
/** Frame by frame the surplus is added up to this many; then it goes: 20 ms too many after two seconds, 100 ms after 0.4 s. */
const patience = 100;
/** A stream that takes the place of another within a voice: no RTP stream has that SSRC. */
const inherited = -1;
/** What the frame before sounds like in place of the first, second and third that is missing. */
const fades = [0.7, 0.4, 0.15];
/** Where a frame does not go on from the one before, that one's end, turned round, dies away over so many milliseconds. */
const seamMs = 3;

/**
 * Turns the packets of one voice, as the network brings them, into a frame of linear samples every 20 ms. Packets have
 * any length and order; the late and the doubled ones find their place taken. What is lost is the frame before, fading
 * away. The delay (20 to 40 ms at first, or what is to be kept) grows by a frame when packets come too late for it, and
 * shrinks again when all of them come early. A clock that is slower than ours does not use up what is to be kept. Where
 * sound is left out or made up there is a seam, but no click.
 */
export class JitterBuffer {
  readonly #rate: Rate;
  readonly #frameSamples: number;
  readonly #capacity: number;
  readonly #ring: Int16Array;
  /** The last frame that was whole, and the last that was played. */
  readonly #last: Int16Array;
  readonly #played: Int16Array;
  #ssrc: number | null = null;
  /** A stream that goes on behind another is placed so much later than its timestamps say. */
  #shift = 0;
  /** Timestamp of the next sample to play, and of the one after the last that has come. */
  #next = 0;
  #end = 0;
  #playing = false;
  #waits = 0;
  #concealed = fades.length;
  #goesOn = true;
  /** Frames that wait beyond the one to play next. */
  #spare = 1;
  #surplus = { sum: 0, least: Number.POSITIVE_INFINITY };
  /** For so many frames less than that has waited. */
  #shallow = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#frameSamples = frameMs * rate;
    this.#capacity = capacityMs * rate;
    this.#ring = new Int16Array(this.#capacity).fill(missing);
    this.#last = new Int16Array(this.#frameSamples);
    this.#played = new Int16Array(this.#frameSamples);
  }

  /** So many frames are worth keeping against jitter; of a voice that is waiting longer the rest is left out. */
  keep(spare: number): void {
    this.#spare = spare;
    const surplus = this.#depth - (1 + spare) * this.#frameSamples;
    if (!this.#playing || surplus <= 0) return;
    this.#skip(surplus);
    this.#goesOn = false;
  }

  /** Goes on with what waits in a buffer of another rate. */
  inherit(before: JitterBuffer): void {
    if (!before.#playing) return;
    const waiting = Int16Array.from({ length: before.#depth }, (_, index) => {
      const sample = before.#ring[before.#place(before.#next + index)] ?? missing;
      return sample === missing ? 0 : sample;
    });
    const samples = new Resampler(before.#rate, this.#rate).take(waiting);
    this.put({ ssrc: inherited, timestamp: 0, rate: this.#rate, samples });
    this.#playing = true;
  }

  put({ ssrc, timestamp, samples }: SampledChunk): void {
    if (!this.#goesOnWith(ssrc, timestamp, samples.length)) this.#begin(ssrc, timestamp, samples.length);
    const start = (timestamp + this.#shift) >>> 0;
    const offset = timestampDelta(start, this.#next);
    const length = Math.min(samples.length, this.#capacity);
    for (let index = Math.max(0, -offset); index < length; index += 1) {
      this.#ring[this.#place(start + index)] = Math.max(samples[index] ?? 0, missing + 1);
    }
    const end = (start + samples.length) >>> 0;
    if (timestampDelta(end, this.#end) > 0) this.#end = end;
  }

  /** Fills `frame` with the next 20 ms; false while the voice pauses (the frame is silence or fades into it). */
  take(frame: Int16Array): boolean {
    if (!this.#playing && this.#depth >= (1 + this.#spare) * this.#frameSamples) {
      this.#playing = true;
      this.#waits = 0;
    }
    if (!this.#playing || this.#isDrained) {
      this.#conceal(frame);
    } else if (this.#depth < this.#frameSamples) {
      this.#wait(frame);
    } else {
      this.#read(frame);
      this.#shorten();
    }
    this.#played.set(frame);
    return this.#playing;
  }

  /** A whole frame is there to be taken. */
  get isWaiting(): boolean {
    return this.holds(1);
  }

  /** So many frames are. */
  holds(frames: number): boolean {
    return this.#playing && this.#depth >= frames * this.#frameSamples;
  }

  get #depth(): number {
    return timestampDelta(this.#end, this.#next);
  }

  #place(timestamp: number): number {
    return timestamp & (this.#capacity - 1);
  }

  #goesOnWith(ssrc: number, timestamp: number, length: number): boolean {
    const ahead = timestampDelta(timestamp + this.#shift, this.#next);
    const fits = ahead > -this.#capacity && ahead + length <= this.#capacity;
    const pauseIsOver = !this.#playing && this.#depth === 0 && ahead >= 0;
    return ssrc === this.#ssrc && fits && !pauseIsOver;
  }

  /** What waits of the stream before is played first, and what is kept against jitter stays. */
  #begin(ssrc: number, timestamp: number, length: number): void {
    this.#ssrc = ssrc;
    const kept = Math.max(this.#depth, this.#spare * this.#frameSamples);
    if (this.#playing && kept + length <= this.#capacity) {
      this.#shift = (this.#next + kept - timestamp) | 0;
      return;
    }
    this.#ring.fill(missing);
    this.#shift = 0;
    this.#next = timestamp;
    this.#end = timestamp;
    this.#playing = false;
    this.#goesOn = false;
    this.#surplus = { sum: 0, least: Number.POSITIVE_INFINITY };
  }

  /** Nobody knows yet whether it is late or lost, so its place is kept. */
  #wait(frame: Int16Array): void {
    this.#waits += 1;
    if (this.#waits > maxWaits) {
      this.#playing = false;
      this.#skip(this.#depth);
    }
    this.#conceal(frame);
  }

  #read(frame: Int16Array): void {
    this.#waits = 0;
    const fade = fades[this.#concealed] ?? 0;
    let isWhole = true;
    for (let index = 0; index < this.#frameSamples; index += 1) {
      const sample = this.#ring[this.#place(this.#next + index)] ?? missing;
      if (sample === missing) isWhole = false;
      frame[index] = sample === missing ? (this.#last[index] ?? 0) * fade : sample;
    }
    this.#skip(this.#frameSamples);
    this.#concealed = isWhole ? 0 : this.#concealed + 1;
    if (isWhole) this.#last.set(frame);
    if (!this.#goesOn || !isWhole) this.#join(frame);
    this.#goesOn = isWhole;
  }

  #conceal(frame: Int16Array): void {
    const fade = fades[this.#concealed] ?? 0;
    this.#concealed += 1;
    for (let index = 0; index < this.#frameSamples; index += 1) {
      frame[index] = (this.#last[index] ?? 0) * fade;
    }
    this.#join(frame);
    this.#goesOn = false;
  }

  #join(frame: Int16Array): void {
    const length = seamMs * this.#rate;
    for (let index = 0; index < length; index += 1) {
      const before = this.#played[this.#frameSamples - 1 - index] ?? 0;
      const share = (index + 1) / (length + 1);
      frame[index] = before + ((frame[index] ?? 0) - before) * share;
    }
  }

  /** What was never needed for a while beyond the spare is only delay. */
  #shorten(): void {
    const surplus = this.#depth - this.#spare * this.#frameSamples;
    if (surplus < this.#frameSamples) {
      this.#surplus = { sum: 0, least: Number.POSITIVE_INFINITY };
      return;
    }
    const { sum, least } = this.#surplus;
    this.#surplus = { sum: sum + surplus, least: Math.min(least, surplus) };
    if (this.#surplus.sum < patience * this.#frameSamples) return;
    this.#skip(this.#surplus.least);
    this.#goesOn = false;
    this.#surplus = { sum: 0, least: Number.POSITIVE_INFINITY };
  }

  /** A frame that is made up brings back one of those that are to be kept. */
  get #isDrained(): boolean {
    const isShallow = this.#depth < this.#spare * this.#frameSamples;
    this.#shallow = isShallow ? this.#shallow + 1 : 0;
    if (this.#shallow <= patience) return false;
    this.#shallow = 0;
    return true;
  }

  #skip(samples: number): void {
    for (let index = 0; index < samples; index += 1) this.#ring[this.#place(this.#next + index)] = missing;
    this.#next = (this.#next + samples) >>> 0;
  }
}
