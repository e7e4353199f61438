import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../electron/phone/effects.ts';
import type { PhoneCommand, PhoneEvent, SipEvent } from '../../../electron/phone/events.ts';
import { conversationOf } from '../../../electron/phone/phone.ts';
import { PhoneUnderTest } from './phone-under-test.ts';

/**
 * A phone with up to six calls, whose user presses whatever there is, and far ends that answer, refuse and hang up when
 * they like. What the media side has joined is kept by its own rules (MediaPort), to be held against what is shown.
 */
class Desk {
  readonly tested = PhoneUnderTest.onTheAir();
  /** What the SIP side will tell of each call, in order. */
  readonly #coming = new Map<string, SipEvent[]>();
  /** Guest -> the leg it has joined. */
  readonly #joined = new Map<string, string>();
  readonly #requests: number[] = [];
  readonly log: string[] = [];
  #rung = 0;

  constructor(readonly random: () => number) {}

  act(): void {
    this.tested.now += Math.floor(this.random() * 3) * 500;
    const pending = [...this.#coming].filter(([, events]) => events.length > 0);
    const next = pending.length > 0 && this.random() < 0.5 ? this.#pick(pending)?.[1].shift() : undefined;
    if (next) this.#take(next);
    else this.#do(this.random());
    this.#check();
  }

  /** All that is under way comes to its end. */
  settle(): void {
    for (;;) {
      const next = [...this.#coming.values()].find((events) => events.length > 0)?.shift();
      if (!next) break;
      this.#take(next);
      this.#check();
    }
    this.#checkSettled();
  }

  #do(what: number): void {
    const { calls } = this.tested.phone;
    const call = this.#pick(calls)?.id ?? 'none';
    const other = this.#pick(calls)?.id ?? 'none';
    const on = this.random() < 0.5;
    if (what < 0.12 && calls.length < 6) {
      this.#rung += 1;
      this.#take({
        type: 'incoming',
        call: `s${this.#rung}`,
        extension: 1,
        remote: { number: `6${this.#rung}`, name: null },
      });
    } else if (what < 0.24) this.#command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    else if (what < 0.36) this.#command({ name: 'answer', params: { call } });
    else if (what < 0.42) this.#command({ name: 'hold', params: { call } });
    else if (what < 0.5) this.#command({ name: 'resume', params: { call } });
    else if (what < 0.72) this.#command({ name: 'conference', params: { call, with: other } });
    else if (what < 0.78) this.#command({ name: 'leaveConference', params: { call } });
    else if (what < 0.82) this.#command({ name: 'muteParty', params: { call, on } });
    else if (what < 0.86) this.#command({ name: 'mute', params: { call, on } });
    else if (what < 0.93) this.#command({ name: 'hangUp', params: { call } });
    else if (calls.some(({ id }) => id === call)) {
      this.#coming.delete(call);
      this.#take({ type: 'ended', call, reason: null });
    }
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)];
  }

  #command(command: PhoneCommand): void {
    this.log.push(JSON.stringify(command));
    this.#requests.push(this.tested.command(command));
    this.#carryOut(this.tested.effects);
  }

  #take(event: PhoneEvent): void {
    this.log.push(JSON.stringify(event));
    this.tested.take(event);
    this.#carryOut(this.tested.effects);
  }

  #carryOut(effects: readonly Effect[]): void {
    this.tested.effects = effects.filter((effect) => effect.type === 'reply');
    for (const effect of effects) this.#perform(effect);
    for (const id of [...this.#joined.keys(), ...this.#joined.values()])
      if (!this.tested.call(id)) this.#part(id);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'invite':
        this.#tell(effect.call, { type: 'progress', call: effect.call, media: false });
        this.#tell(effect.call, { type: 'answered', call: effect.call, remote: null });
        break;
      case 'accept':
        this.#tell(effect.call, { type: 'answered', call: effect.call, remote: null });
        break;
      case 'hold':
        this.#tell(effect.call, { type: 'held', call: effect.call });
        break;
      case 'resume': {
        const refused = this.random() < 0.1;
        this.#tell(effect.call, { type: refused ? 'hold-failed' : 'resumed', call: effect.call });
        break;
      }
      case 'hang-up':
      case 'decline':
        this.#coming.set(effect.call, [{ type: 'ended', call: effect.call, reason: null }]);
        break;
      case 'join':
        this.#part(effect.guest);
        this.#joined.set(effect.guest, effect.call);
        break;
      case 'part':
        this.#part(effect.guest);
        break;
      case 'impossible':
        throw new Error(`impossible: ${effect.event} in ${effect.state}`);
    }
  }

  /** A far end's refusal of a resume that the user has taken back is none any more. */
  #tell(call: string, event: SipEvent): void {
    const events = (this.#coming.get(call) ?? []).filter(({ type }) => type !== 'hold-failed');
    this.#coming.set(call, [...events, event]);
  }

  /** A host that goes takes all with it. */
  #part(leg: string): void {
    this.#joined.delete(leg);
    for (const [guest, host] of this.#joined) if (host === leg) this.#joined.delete(guest);
  }

  #check(): void {
    const { phone } = this.tested;
    const talking = phone.calls.filter(({ phase }) => phase === 'active');
    const [first] = talking;
    const one = first ? conversationOf(phone, first.id) : [];
    expect(talking.filter(({ id }) => !one.includes(id)).map(({ id }) => id)).toEqual([]);
    const shown = this.tested.view.calls.flatMap(({ id, conference }) =>
      conference !== null && conference !== id ? [[id, conference]] : [],
    );
    expect(new Map([...this.#joined].toSorted())).toEqual(new Map(shown.toSorted() as [string, string][]));
  }

  #checkSettled(): void {
    const { phone } = this.tested;
    for (const request of this.#requests) expect(this.tested.reply(request)).not.toBe('waiting');
    for (const { coming, requests } of phone.conferences) expect([coming, requests]).toEqual([[], []]);
    // Talk or hold: nobody is half in.
    expect(phone.calls.map(({ phase }) => phase).filter((phase) => /ing$/.test(phase))).toEqual(
      phone.calls.map(({ phase }) => phase).filter((phase) => phase === 'incoming'),
    );
  }

  /** The user turns to a call: all of its conversation is active then, and nobody else. */
  turnTo(): void {
    const held = this.#pick(this.tested.phone.calls.filter(({ phase }) => phase === 'held'));
    if (!held) return;
    this.#command({ name: 'resume', params: { call: held.id } });
    for (const [call, events] of this.#coming)
      this.#coming.set(
        call,
        events.map((event) => (event.type === 'hold-failed' ? { type: 'resumed', call } : event)),
      );
    this.settle();
    const active = this.tested.phone.calls.filter(({ phase }) => phase === 'active').map(({ id }) => id);
    expect(active.toSorted()).toEqual([...conversationOf(this.tested.phone, held.id)].toSorted());
  }
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('whatever is pressed and whoever hangs up', () => {
  it('one conversation sounds at a time, as it is shown, and nobody is left on hold', {
    timeout: 120_000,
  }, () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const desk = new Desk(seeded(seed));
      try {
        for (let round = 0; round < 4; round += 1) {
          for (let count = 0; count < 25; count += 1) desk.act();
          desk.settle();
          desk.turnTo();
        }
      } catch (error) {
        throw new Error(`seed ${seed}:\n${desk.log.slice(-25).join('\n')}\n${error}`);
      }
    }
  });
});
