import { Beeps } from './beeps.ts';
import type { AudioChunk } from './codecs/codec.ts';
import { toLinear } from './g711.ts';
import { frameMs, frameSamples, JitterBuffer } from './jitter-buffer.ts';
import { Mixer } from './mixer.ts';
import { Pacer } from './pacer.ts';
import type { PlainLeg } from './plain-leg.ts';

/** What a conversation needs of a plain leg. */
export type JoinedLeg = Pick<PlainLeg, 'joinTo' | 'say' | 'tell' | 'idle' | 'muted'>;

/** Somebody in a conversation: what they say, and the 20 ms of it that are being mixed. */
class Voice {
  readonly buffer = new JitterBuffer();
  readonly frame = new Int16Array(frameSamples);
  silenced = false;
}

/**
 * Our user, the far end of a call (the host leg) and those of its guests, every 20 ms: each hears the sum of the
 * others. One clock drives it. The network's jitter ends at each voice's buffer, and what goes out is evenly timed.
 * A leg that is on hold brings nothing and is sent silence, as its own state demands.
 */
export class Conversation {
  readonly host: JoinedLeg;
  readonly #onEnd: () => void;
  readonly #random: () => number;
  readonly #user = new Voice();
  readonly #farEnds = new Map<JoinedLeg, Voice>();
  readonly #mixer = new Mixer();
  readonly #beeps = new Beeps();
  readonly #beep = new Int16Array(frameSamples);
  readonly #clock = new Pacer((skipped) => this.#tick(skipped));
  #ssrc: number;
  #sequenceNumber = 0;
  #timestamp = 0;

  /** `random` gives 32 bits. `onEnd`: the last guest has gone and this is heard; the host's sides are joined again. */
  constructor(host: JoinedLeg, random: () => number, onEnd: () => void) {
    this.host = host;
    this.#random = random;
    this.#onEnd = onEnd;
    this.#ssrc = random();
    this.#seat(host, (chunk) => this.#user.buffer.put(chunk));
    this.#clock.start(frameMs);
  }

  /** The host and the guests. */
  get legs(): readonly JoinedLeg[] {
    return [...this.#farEnds.keys()];
  }

  add(guest: JoinedLeg): void {
    this.#seat(guest, () => {});
    this.#beeps.play('joined');
  }

  remove(guest: JoinedLeg): void {
    guest.joinTo(null);
    this.#farEnds.delete(guest);
    this.#beeps.play('parted');
  }

  /** Nobody hears this far end. */
  silence(leg: JoinedLeg, on: boolean): void {
    const voice = this.#farEnds.get(leg);
    if (voice) voice.silenced = on;
  }

  /** Everyone is on their own again. */
  end(): void {
    this.#clock.stop();
    for (const leg of this.#farEnds.keys()) leg.joinTo(null);
    this.#farEnds.clear();
    this.#onEnd();
  }

  #seat(leg: JoinedLeg, fromUser: (chunk: AudioChunk) => void): void {
    const voice = new Voice();
    this.#farEnds.set(leg, voice);
    leg.joinTo({ fromFarEnd: (chunk) => voice.buffer.put(chunk), fromUser });
  }

  #tick(skipped: boolean): void {
    // Listeners take the time that is gone from a new stream; in the old one it would stay as delay.
    if (skipped) this.#ssrc = this.#random();
    this.#listen();
    this.#speak();
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + frameSamples) >>> 0;
    if (this.#farEnds.size === 1 && this.#beeps.isSilent) this.end();
  }

  #listen(): void {
    this.#mixer.clear();
    this.#beeps.take(this.#beep);
    this.#mixer.add(this.#beep);
    this.#listenToUser();
    this.#mixer.add(this.#user.frame);
    for (const { buffer, frame, silenced } of this.#farEnds.values()) {
      buffer.take(frame);
      if (silenced) frame.fill(0);
      this.#mixer.add(frame);
    }
  }

  #listenToUser(): void {
    const { buffer, frame } = this.#user;
    if (!buffer.take(frame)) {
      const idle = this.host.idle(frameSamples);
      for (let index = 0; index < frameSamples; index += 1) frame[index] = toLinear(idle[index] ?? 0);
    }
    if (this.host.muted) frame.fill(0);
  }

  #speak(): void {
    const numbers = {
      ssrc: this.#ssrc,
      sequenceNumber: this.#sequenceNumber,
      timestamp: this.#timestamp,
    };
    const user = this.#user.frame;
    for (const [leg, { frame }] of this.#farEnds) {
      leg.say({ ...numbers, payload: this.#mixer.without(frame, leg.muted ? user : undefined) });
    }
    this.host.tell({ ...numbers, payloadType: 0, marker: false, payload: this.#mixer.without(user) });
  }
}
