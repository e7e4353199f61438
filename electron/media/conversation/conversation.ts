import type { AudioChunk } from '../codecs/codec.ts';
import { fromLinear, toLinear } from '../codecs/g711.ts';
import type { PlainLeg } from '../plain-leg.ts';
import { Pacer } from '../rtp/pacer.ts';
import type { RtpPacket } from '../rtp/rtp.ts';
import { Beeps } from './beeps.ts';
import { frameMs, frameSamples, JitterBuffer } from './jitter-buffer.ts';
import { Mixer } from './mixer.ts';

/** What a conversation needs of a plain leg. */
export type JoinedLeg = Pick<PlainLeg, 'joinTo' | 'say' | 'tell' | 'idle' | 'muted' | 'holds'>;

/** Who writes down what is said, frame by frame: our user on one side, all others on the other. */
export interface Recorder {
  /** Everybody hears a beep now and then. */
  readonly tone: boolean;
  hear(user: Int16Array, others: Int16Array): void;
}

/** From one beep to the next, in frames. */
const beepEvery = 15_000 / frameMs;

/** Somebody in a conversation: what they say, and the 20 ms of it that are being mixed. */
class Voice {
  readonly buffer = new JitterBuffer();
  readonly frame = new Int16Array(frameSamples);
  silenced = false;
}

/**
 * Our user, the far end of a call (the host leg) and those of its guests, every 20 ms: each hears the sum of the
 * others. One clock drives it. The network's jitter ends at each voice's buffer, and what goes out is evenly timed.
 * A leg that is on hold brings nothing and is sent silence, as its own state demands. A host alone is in a conversation
 * while somebody records it.
 */
export class Conversation {
  readonly host: JoinedLeg;
  readonly #onEnd: () => void;
  readonly #random: () => number;
  readonly #user = new Voice();
  readonly #farEnds = new Map<JoinedLeg, Voice>();
  readonly #recorders = new Map<JoinedLeg, { recorder: Recorder; frames: number }>();
  readonly #mixer = new Mixer();
  readonly #beeps = new Beeps();
  readonly #beep = new Int16Array(frameSamples);
  readonly #others = new Int16Array(frameSamples);
  readonly #nothing = new Int16Array(frameSamples);
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
    this.#recorders.delete(guest);
    this.#beeps.play('parted');
  }

  /** Nobody hears this far end. */
  silence(leg: JoinedLeg, on: boolean): void {
    const voice = this.#farEnds.get(leg);
    if (voice) voice.silenced = on;
  }

  /** On behalf of one of the legs; null: no more. */
  record(leg: JoinedLeg, recorder: Recorder | null): void {
    if (recorder) this.#recorders.set(leg, { recorder, frames: 0 });
    else this.#recorders.delete(leg);
  }

  /** Everyone is on their own again. */
  end(): void {
    this.#clock.stop();
    this.#handOver();
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
    this.#beepForRecorders();
    this.#listen();
    this.#speak();
    this.#record();
    this.#count();
    const isOver = this.#farEnds.size === 1 && this.#recorders.size === 0 && this.#beeps.isSilent;
    if (isOver) this.end();
  }

  #count(): void {
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + frameSamples) >>> 0;
  }

  #beepForRecorders(): void {
    for (const each of this.#recorders.values()) {
      if (each.recorder.tone && each.frames % beepEvery === 0) this.#beeps.play('recording');
      each.frames += 1;
    }
  }

  #record(): void {
    if (this.#recorders.size === 0) return;
    this.#mixer.clear();
    for (const { frame } of this.#farEnds.values()) this.#mixer.add(frame);
    this.#mixer.write(this.#others);
    // While all are on hold our user speaks to somebody in the room.
    const isTalking = this.legs.some(({ holds }) => !holds);
    const user = isTalking ? this.#user.frame : this.#nothing;
    for (const { recorder } of this.#recorders.values()) recorder.hear(user, this.#others);
  }

  /** What waits in the buffers of the host's two sides is said at once, or it would be lost. */
  #handOver(): void {
    const [user, farEnd] = [this.#user, this.#farEnds.get(this.host)];
    while (user.buffer.isWaiting || farEnd?.buffer.isWaiting) {
      if (user.buffer.isWaiting) {
        this.#listenToUser();
        this.host.say({ ...this.#numbers, payload: pcmuOf(user.frame) });
      }
      if (farEnd?.buffer.isWaiting) {
        farEnd.buffer.take(farEnd.frame);
        this.#tell(pcmuOf(farEnd.frame));
      }
      this.#count();
    }
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
    const user = this.#user.frame;
    for (const [leg, { frame }] of this.#farEnds) {
      leg.say({ ...this.#numbers, payload: this.#mixer.without(frame, leg.muted ? user : undefined) });
    }
    this.#tell(this.#mixer.without(user));
  }

  #tell(payload: Buffer): void {
    this.host.tell({ ...this.#numbers, payloadType: 0, marker: false, payload });
  }

  get #numbers(): Pick<RtpPacket, 'ssrc' | 'sequenceNumber' | 'timestamp'> {
    return { ssrc: this.#ssrc, sequenceNumber: this.#sequenceNumber, timestamp: this.#timestamp };
  }
}

const pcmuOf = (frame: Int16Array): Buffer => Buffer.from(frame.map((sample) => fromLinear(sample)));
