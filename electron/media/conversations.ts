import { Conversation, type JoinedLeg } from './conversation.ts';

/** Which legs talk together. A leg is in one conversation at most; most are in none and have their packets relayed. */
export class Conversations {
  readonly #random: () => number;
  readonly #byLeg = new Map<JoinedLeg, Conversation>();

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
    this.part(guest);
    const joined = conversation ?? this.#begin(leg);
    for (const each of brought) {
      joined.add(each);
      this.#byLeg.set(each, joined);
    }
  }

  /** Takes a guest out; with the host, everyone goes. */
  part(leg: JoinedLeg): void {
    const conversation = this.#byLeg.get(leg);
    if (conversation?.host === leg) {
      for (const each of conversation.legs) this.#byLeg.delete(each);
      conversation.end();
    } else if (conversation) {
      this.#byLeg.delete(leg);
      conversation.remove(leg);
    }
  }

  silence(leg: JoinedLeg, on: boolean): void {
    this.#byLeg.get(leg)?.silence(leg, on);
  }

  #begin(host: JoinedLeg): Conversation {
    const conversation = new Conversation(host, this.#random, () => this.#byLeg.delete(host));
    this.#byLeg.set(host, conversation);
    return conversation;
  }
}
