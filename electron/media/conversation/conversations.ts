import { Conversation, type JoinedLeg, type Recorder } from './conversation.ts';

/**
 * Which legs talk together. A leg is in one conversation at most; most are in none and have their packets relayed. One
 * that is being recorded is in a conversation too, perhaps alone, and its recorder goes with it from one to the next.
 */
export class Conversations {
  readonly #random: () => number;
  readonly #byLeg = new Map<JoinedLeg, Conversation>();
  readonly #recorders = new Map<JoinedLeg, Recorder>();

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
    for (const each of brought) {
      joined.add(each);
      this.#byLeg.set(each, joined);
      this.#goOnRecording(each);
    }
  }

  /** Takes a guest out; with the host, everyone goes. */
  part(leg: JoinedLeg): void {
    for (const each of this.#take(leg)) this.#goOnRecording(each);
  }

  silence(leg: JoinedLeg, on: boolean): void {
    this.#byLeg.get(leg)?.silence(leg, on);
  }

  /** From now on `recorder` hears what the leg's conversation says; null: nobody any more. */
  record(leg: JoinedLeg, recorder: Recorder | null): void {
    if (recorder) this.#recorders.set(leg, recorder);
    else this.#recorders.delete(leg);
    if (recorder) this.#goOnRecording(leg);
    else this.#byLeg.get(leg)?.record(leg, null);
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
