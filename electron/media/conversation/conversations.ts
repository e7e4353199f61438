import { type Rate, rateOf } from '../codecs/codec.ts';
import { Conversation, type JoinedLeg, type Recorder } from './conversation.ts';

/**
 * Which legs talk together. A leg is in one conversation at most; most are in none and have their packets relayed. One
 * that is being recorded is in a conversation too, perhaps alone, and its recorder goes with it from one to the next.
 */
export class Conversations {
  readonly #random: () => number;
  readonly #byLeg = new Map<JoinedLeg, Conversation>();
  readonly #recorders = new Map<JoinedLeg, Recorder>();
  /** Whom a guest has come to: a colleague to one call of a conference, say. They leave together. */
  readonly #cameTo = new Map<JoinedLeg, JoinedLeg>();

  /** `random` gives 32 bits. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Brings `guest`, with those that have joined it, into the conversation that `leg` is in, or that begins with it. */
  join(leg: JoinedLeg, guest: JoinedLeg): void {
    const conversation = this.#byLeg.get(leg);
    const theirs = this.#byLeg.get(guest);
    if (leg === guest || (conversation && conversation === theirs)) return;
    const brought = theirs?.host === guest ? theirs.legs : [guest];
    this.#take(guest);
    const joined = this.#byLeg.get(leg) ?? this.#begin(leg);
    this.#cameTo.set(guest, leg);
    for (const each of brought) {
      joined.add(each);
      this.#byLeg.set(each, joined);
      this.#goOnRecording(each);
    }
  }

  /** Takes a guest out, and with them those who have come to them; with the host, everyone goes. */
  part(leg: JoinedLeg): void {
    const isHost = this.#byLeg.get(leg)?.host === leg;
    const company = isHost ? [] : this.#companyOf(leg);
    for (const each of isHost ? this.#companyOf(leg) : [leg]) this.#cameTo.delete(each);
    for (const each of company) this.#take(each);
    for (const each of this.#take(leg)) this.#goOnRecording(each);
    for (const each of company) this.join(leg, each);
  }

  /** A call is over: so is what was said with it. */
  leave(leg: JoinedLeg): void {
    for (const each of this.#companyOf(leg)) this.part(each);
    this.part(leg);
  }

  silence(leg: JoinedLeg, on: boolean): void {
    this.#byLeg.get(leg)?.silence(leg, on);
  }

  /** What a leg says is heard at, with those it talks to. */
  rateOf(leg: JoinedLeg): Rate {
    return this.#byLeg.get(leg)?.rate ?? rateOf(leg.codec);
  }

  /** From now on `recorder` hears what the leg's conversation says; null: nobody any more. */
  record(leg: JoinedLeg, recorder: Recorder | null): void {
    if (recorder) this.#recorders.set(leg, recorder);
    else this.#recorders.delete(leg);
    if (recorder) this.#goOnRecording(leg);
    else this.#byLeg.get(leg)?.record(leg, null);
  }

  #companyOf(leg: JoinedLeg): readonly JoinedLeg[] {
    const conversation = this.#byLeg.get(leg);
    return [...this.#cameTo].flatMap(([guest, host]) =>
      host === leg && conversation !== undefined && this.#byLeg.get(guest) === conversation ? guest : [],
    );
  }

  /** Out of its conversation; returns who is in none any more by that. */
  #take(leg: JoinedLeg): readonly JoinedLeg[] {
    const conversation = this.#byLeg.get(leg);
    if (!conversation) return [];
    const isHost = conversation.host === leg;
    const legs = isHost ? conversation.legs : [leg];
    for (const each of legs) this.#byLeg.delete(each);
    if (isHost) conversation.end();
    else conversation.remove(leg);
    return legs;
  }

  #goOnRecording(leg: JoinedLeg): void {
    const recorder = this.#recorders.get(leg);
    if (recorder) (this.#byLeg.get(leg) ?? this.#begin(leg)).record(leg, recorder);
  }

  #begin(host: JoinedLeg): Conversation {
    const conversation = new Conversation(host, this.#random, () => this.#byLeg.delete(host));
    this.#byLeg.set(host, conversation);
    return conversation;
  }
}
