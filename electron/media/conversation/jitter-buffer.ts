import type { AudioChunk } from '../codecs/codec.ts';
import { samplesPerMs, toLinear } from '../codecs/g711.ts';
import { timestampDelta } from '../rtp/rtp.ts';

/** Voices are added up in frames of 20 ms. */
export const frameMs = 20;
export const frameSamples = frameMs * samplesPerMs;

/** Half a second, a power of two: a timestamp's low bits are its place, also where the timestamp wraps. */
const capacity = 4096;
/** No sample of G.711 is as low as this: nothing has arrived here. */
const missing = -32_768;
/** So much waits before a voice begins: one frame to play and one against jitter. */
const prefill = 2 * frameSamples;
/** After so many frames without a voice it has paused, and begins anew when it comes back. */
const maxWaits = 3;
/** Frame by frame the surplus is added up to this; then it goes: 20 ms too many after two seconds, 100 ms after 0.4 s. */
const patience = 100 * frameSamples;
/** What the frame before sounds like in place of the first, second and third that is missing. */
const fades = [0.7, 0.4, 0.15];

/**
 * Turns the packets of one voice, as the network brings them, into a frame of linear samples every 20 ms. Packets have
 * any length and order; the late and the doubled ones find their place taken. What is lost is the frame before, fading
 * away. The delay (20 to 40 ms at first) grows by a frame when packets come too late for it, and shrinks again when
 * all of them come early.
 */
export class JitterBuffer {
  readonly #ring = new Int16Array(capacity).fill(missing);
  readonly #last = new Int16Array(frameSamples);
  #ssrc: number | null = null;
  /** Timestamp of the next sample to play, and of the one after the last that has come. */
  #next = 0;
  #end = 0;
  #playing = false;
  #waits = 0;
  #concealed = fades.length;
  #surplus = { sum: 0, least: Number.POSITIVE_INFINITY };

  put({ ssrc, timestamp, payload }: AudioChunk): void {
    const pauseIsOver = !this.#playing && this.#depth === 0 && timestampDelta(timestamp, this.#next) >= 0;
    const ahead = timestampDelta(timestamp, this.#next);
    const fits = ahead > -capacity && ahead + payload.length <= capacity;
    if (ssrc !== this.#ssrc || !fits || pauseIsOver) this.#begin(ssrc, timestamp);

    const offset = timestampDelta(timestamp, this.#next);
    for (let index = Math.max(0, -offset); index < Math.min(payload.length, capacity); index += 1) {
      this.#ring[(timestamp + index) & (capacity - 1)] = toLinear(payload[index] ?? 0);
    }
    const end = (timestamp + payload.length) >>> 0;
    if (timestampDelta(end, this.#end) > 0) this.#end = end;
  }

  /** Fills `frame` with the next 20 ms; false while the voice pauses (the frame is silence or fades into it). */
  take(frame: Int16Array): boolean {
    if (!this.#playing && this.#depth >= prefill) {
      this.#playing = true;
      this.#waits = 0;
    }
    if (!this.#playing) {
      this.#conceal(frame);
    } else if (this.#depth < frameSamples) {
      this.#wait(frame);
    } else {
      this.#read(frame);
      this.#shorten();
    }
    return this.#playing;
  }

  /** A whole frame is there to be taken. */
  get isWaiting(): boolean {
    return this.#playing && this.#depth >= frameSamples;
  }

  get #depth(): number {
    return timestampDelta(this.#end, this.#next);
  }

  #begin(ssrc: number, timestamp: number): void {
    this.#ring.fill(missing);
    this.#ssrc = ssrc;
    this.#next = timestamp;
    this.#end = timestamp;
    this.#playing = false;
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
    for (let index = 0; index < frameSamples; index += 1) {
      const sample = this.#ring[(this.#next + index) & (capacity - 1)] ?? missing;
      if (sample === missing) isWhole = false;
      frame[index] = sample === missing ? (this.#last[index] ?? 0) * fade : sample;
    }
    this.#skip(frameSamples);
    this.#concealed = isWhole ? 0 : this.#concealed + 1;
    if (isWhole) this.#last.set(frame);
  }

  #conceal(frame: Int16Array): void {
    const fade = fades[this.#concealed] ?? 0;
    this.#concealed += 1;
    for (let index = 0; index < frameSamples; index += 1) frame[index] = (this.#last[index] ?? 0) * fade;
  }

  /** One frame is worth keeping against jitter; what was never needed for a while beyond that is only delay. */
  #shorten(): void {
    const surplus = this.#depth - frameSamples;
    if (surplus < frameSamples) {
      this.#surplus = { sum: 0, least: Number.POSITIVE_INFINITY };
      return;
    }
    const { sum, least } = this.#surplus;
    this.#surplus = { sum: sum + surplus, least: Math.min(least, surplus) };
    if (this.#surplus.sum < patience) return;
    this.#skip(this.#surplus.least);
    this.#surplus = { sum: 0, least: Number.POSITIVE_INFINITY };
  }

  #skip(samples: number): void {
    for (let index = 0; index < samples; index += 1) {
      this.#ring[(this.#next + index) & (capacity - 1)] = missing;
    }
    this.#next = (this.#next + samples) >>> 0;
  }
}
