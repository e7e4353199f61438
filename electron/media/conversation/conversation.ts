import { type Rate, rateOf, type SampledChunk } from '../codecs/codec.ts';
import type { PlainLeg } from '../plain-leg.ts';
import { Pacer } from '../rtp/pacer.ts';
import { Beeps } from './beeps.ts';
import { frameMs, JitterBuffer } from './jitter-buffer.ts';
import { Mixer } from './mixer.ts';

/** What a conversation needs of a plain leg. */
export type JoinedLeg = Pick<
  PlainLeg,
  'joinTo' | 'say' | 'tell' | 'idle' | 'beep' | 'muted' | 'holds' | 'codec'
>;

/** Who writes down what is said, frame by frame: our user on one side, all others on the other. */
export interface Recorder {
  /** Everybody hears a beep now and then. */
  readonly tone: boolean;
  hear(user: Int16Array, others: Int16Array, rate: Rate): void;
}

/** From one beep to the next, in frames. */
const beepEvery = 15_000 / frameMs;

/** Frames that wait for late packets: while somebody waits for them, and while they are only written down. */
const spare = { mixed: 1, listened: 5 };

/** Somebody in a conversation: what they say, and the 20 ms of it that are being mixed. */
class Voice {
  readonly buffer: JitterBuffer;
  readonly frame: Int16Array;

  constructor(rate: Rate, spare: number) {
    this.buffer = new JitterBuffer(rate);
    this.buffer.keep(spare);
    this.frame = new Int16Array(frameMs * rate);
  }
}

/** All that counts samples: made anew when the rate rises. */
class Mix {
  readonly rate: Rate;
  readonly user: Voice;
  readonly farEnds = new Map<JoinedLeg, Voice>();
  readonly mixer: Mixer;
  readonly beeps: Beeps;
  readonly beep: Int16Array;
  readonly nothing: Int16Array;

  constructor(rate: Rate, spare: number) {
    this.rate = rate;
    this.user = new Voice(rate, spare);
    this.mixer = new Mixer(frameMs * rate);
    this.beeps = new Beeps(rate);
    this.beep = new Int16Array(frameMs * rate);
    this.nothing = new Int16Array(frameMs * rate);
  }
}

/**
 * Our user, the far end of a call (the host leg) and those of its guests, every 20 ms: each hears the sum of the
 * others. One clock drives it. The network's jitter ends at each voice's buffer, and what goes out is evenly timed.
 * A leg that is on hold brings nothing and is sent silence, as its own state demands.
 *
 * It has the rate of the widest codec that a leg has had in it. A host alone is in a conversation while somebody
 * records it; then its two sides hear each other as without one, and it only listens.
 */
export class Conversation {
  readonly host: JoinedLeg;
  readonly #onEnd: () => void;
  readonly #random: () => number;
  readonly #silenced = new Set<JoinedLeg>();
  readonly #recorders = new Map<JoinedLeg, { recorder: Recorder; frames: number }>();
  readonly #clock = new Pacer((skipped) => this.#tick(skipped));
  #mix: Mix;
  #isMixing = false;
  /** Frames until what is only written down waits for late packets again. */
  #gathers = 0;
  #ssrc: number;
  #timestamp = 0;

  /** `random` gives 32 bits. `onEnd`: the last guest has gone and this is heard; the host's sides are joined again. */
  constructor(host: JoinedLeg, random: () => number, onEnd: () => void) {
    this.host = host;
    this.#random = random;
    this.#onEnd = onEnd;
    this.#ssrc = random();
    this.#mix = new Mix(rateOf(host.codec), spare.listened);
    this.#seat(host);
    this.#clock.start(frameMs);
  }

  /** The host and the guests. */
  get legs(): readonly JoinedLeg[] {
    return [...this.#mix.farEnds.keys()];
  }

  get rate(): Rate {
    return this.#mix.rate;
  }

  add(guest: JoinedLeg): void {
    this.#setMixing(true);
    this.#seat(guest);
    this.#widen();
    this.#mix.beeps.play('joined');
  }

  remove(guest: JoinedLeg): void {
    guest.joinTo(null);
    this.#mix.farEnds.delete(guest);
    this.#silenced.delete(guest);
    this.#recorders.delete(guest);
    this.#mix.beeps.play('parted');
  }

  /** Nobody hears this far end. */
  silence(leg: JoinedLeg, on: boolean): void {
    if (on) this.#silenced.add(leg);
    else this.#silenced.delete(leg);
  }

  /** On behalf of one of the legs; null: no more. */
  record(leg: JoinedLeg, recorder: Recorder | null): void {
    if (!recorder && this.#recorders.has(leg) && !this.#isMixing) this.#recordRest();
    if (recorder) this.#recorders.set(leg, { recorder, frames: 0 });
    else this.#recorders.delete(leg);
  }

  /** Everyone is on their own again. */
  end(): void {
    this.#clock.stop();
    if (this.#isMixing) this.#handOver();
    else if (this.#recorders.size > 0) this.#recordRest();
    for (const leg of this.legs) leg.joinTo(null);
    this.#mix.farEnds.clear();
    this.#onEnd();
  }

  #seat(leg: JoinedLeg, before?: Voice): void {
    const { rate, user, farEnds } = this.#mix;
    const voice = new Voice(rate, this.#spare);
    if (before) voice.buffer.inherit(before.buffer);
    farEnds.set(leg, voice);
    const isMixing = (): boolean => this.#isMixing;
    leg.joinTo({
      rate,
      get mixes() {
        return isMixing();
      },
      fromFarEnd: (chunk) => voice.buffer.put(chunk),
      fromUser: (chunk) => {
        if (leg === this.host) user.buffer.put(chunk);
      },
    });
  }

  /** A codec that wants a higher rate has come, or been agreed on. Down again nobody would hear the way. */
  #widen(): void {
    const { legs } = this;
    if (legs.every(({ codec }) => rateOf(codec) <= this.rate)) return;
    const { user, farEnds } = this.#mix;
    this.#mix = new Mix(16, this.#spare);
    this.#ssrc = this.#random();
    this.#mix.user.buffer.inherit(user.buffer);
    for (const leg of legs) this.#seat(leg, farEnds.get(leg));
  }

  #tick(skipped: boolean): void {
    // Listeners take the time that is gone from a new stream; in the old one it would stay as delay.
    if (skipped) this.#ssrc = this.#random();
    this.#widen();
    this.#beepForRecorders();
    if (this.#gathers > 0) {
      this.#gathers -= 1;
      return;
    }
    this.#listen();
    if (this.#isMixing) this.#speak();
    this.#record();
    const isAlone = this.legs.length === 1 && this.#mix.beeps.isSilent;
    if (isAlone && this.#recorders.size === 0) this.end();
    else if (isAlone && this.#isMixing) this.#onlyListen();
  }

  #beepForRecorders(): void {
    for (const each of this.#recorders.values()) {
      const isDue = each.recorder.tone && each.frames % beepEvery === 0;
      if (isDue && this.#isMixing) this.#mix.beeps.play('recording');
      else if (isDue) this.host.beep();
      each.frames += 1;
    }
  }

  #record(): void {
    if (this.#recorders.size === 0) return;
    const { user, farEnds, mixer, nothing, rate } = this.#mix;
    mixer.clear();
    for (const { frame } of farEnds.values()) mixer.add(frame);
    const others = mixer.without();
    // While all are on hold our user speaks to somebody in the room.
    const isTalking = this.legs.some(({ holds }) => !holds);
    for (const { recorder } of this.#recorders.values()) {
      recorder.hear(isTalking ? user.frame : nothing, others, rate);
    }
  }

  /** The last word still waits for packets that might have come late. */
  #recordRest(): void {
    this.#recordAhead(1);
  }

  /** What waits is written down until less than so many frames are left of it. */
  #recordAhead(frames: number): void {
    const { user, farEnds } = this.#mix;
    while ([user, ...farEnds.values()].some(({ buffer }) => buffer.holds(frames))) {
      this.#listen();
      this.#record();
    }
  }

  #onlyListen(): void {
    this.#handOver();
    this.#setMixing(false);
    this.#gathers = spare.listened;
  }

  #setMixing(on: boolean): void {
    if (on && !this.#isMixing && this.#recorders.size > 0) this.#recordAhead(2 + spare.mixed);
    this.#isMixing = on;
    this.#gathers = 0;
    for (const { buffer } of [this.#mix.user, ...this.#mix.farEnds.values()]) buffer.keep(this.#spare);
  }

  get #spare(): number {
    return this.#isMixing ? spare.mixed : spare.listened;
  }

  /** What waits in the buffers of the host's two sides is said at once, or it would be lost. */
  #handOver(): void {
    const { user, farEnds } = this.#mix;
    const farEnd = farEnds.get(this.host);
    while (user.buffer.isWaiting || farEnd?.buffer.isWaiting) {
      const said = { user: user.buffer.isWaiting, farEnd: farEnd?.buffer.isWaiting };
      this.#listen();
      this.#record();
      if (said.user) this.host.say(this.#chunk(user.frame.slice()));
      if (farEnd && said.farEnd) this.host.tell(this.#chunk(farEnd.frame.slice()));
      this.#count();
    }
  }

  #listen(): void {
    const { user, farEnds, mixer, beeps, beep } = this.#mix;
    mixer.clear();
    beeps.take(beep);
    mixer.add(beep);
    this.#listenToUser();
    mixer.add(user.frame);
    for (const [leg, { buffer, frame }] of farEnds) {
      buffer.take(frame);
      if (this.#silenced.has(leg)) frame.fill(0);
      mixer.add(frame);
    }
  }

  #listenToUser(): void {
    const { buffer, frame } = this.#mix.user;
    const speaks = buffer.take(frame);
    if (!speaks && this.#isMixing) frame.set(this.host.idle(frameMs));
    if (this.host.muted) frame.fill(0);
  }

  #speak(): void {
    const { user, farEnds, mixer } = this.#mix;
    for (const [leg, { frame }] of farEnds) {
      leg.say(this.#chunk(mixer.without(frame, leg.muted ? user.frame : undefined)));
    }
    this.host.tell(this.#chunk(mixer.without(user.frame)));
    this.#count();
  }

  #chunk(samples: Int16Array): SampledChunk {
    return { ssrc: this.#ssrc, timestamp: this.#timestamp, rate: this.rate, samples };
  }

  #count(): void {
    this.#timestamp = (this.#timestamp + frameMs * this.rate) >>> 0;
  }
}
