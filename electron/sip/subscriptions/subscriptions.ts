import type { Log } from '../../phone/ports.ts';
import { header, type SipMessage } from '../message/message.ts';
import { readValue, tagOf } from '../message/message-fields.ts';
import type { MakeRequest } from '../pbx/authorized-requests.ts';
import type { Identity } from '../pbx/identity.ts';
import type { Random } from '../random.ts';
import { type NotifyAnswer, Subscriber, type SubscriptionSpec } from './subscriber.ts';

export interface SubscriptionsOptions {
  readonly identity: Identity;
  ask(make: MakeRequest, ms: number): Promise<SipMessage | null>;
  readonly random: Random;
  readonly log: Log;
}

/** A key for each colleague may mean hundreds of SUBSCRIBEs at once; milliseconds from one to the next. */
const pace = 50;
/**
 * Of these packages nobody may notify us unasked in a dialog. `line-seize` is not among them: its last NOTIFY comes when
 * the call has begun already, and Kamailio takes a 481 to it for the end of all subscriptions of the phone.
 */
const packages = new Set(['dialog', 'call-info']);

/**
 * All subscriptions of one extension. They live while it is registered: what is known of the PBX's state of health is
 * the registration's to find out (binding-watch.ts), and a PBX that was started anew has forgotten both.
 */
export class Subscriptions {
  private readonly all = new Set<Subscriber>();
  private registered = false;
  private closed = false;
  private readonly turns = new Turns(pace);

  constructor(private readonly options: SubscriptionsOptions) {}

  /** Begins as soon as the extension is registered. */
  open(spec: SubscriptionSpec): Subscriber {
    const turn = async (): Promise<void> => (spec.urgent ? undefined : this.turns.take());
    const subscriber = new Subscriber(spec, { ...this.options, turn });
    this.all.add(subscriber);
    if (this.registered) subscriber.start();
    return subscriber;
  }

  /** Unsubscribes from one. */
  async end(subscriber: Subscriber): Promise<void> {
    await subscriber.stop();
    this.all.delete(subscriber);
  }

  /** Forgets one without a word. */
  abandon(subscriber: Subscriber): void {
    subscriber.lose();
    this.all.delete(subscriber);
  }

  /** Registered anew: the PBX remembers nothing of before. */
  begin(): void {
    if (this.closed) return;
    this.registered = true;
    this.turns.clear();
    for (const each of this.all) each.start();
  }

  /** Not registered any more. */
  lose(): void {
    this.registered = false;
    this.turns.clear();
    for (const each of this.all) each.lose();
  }

  /** The answer to a NOTIFY; null: it claims to belong to no subscription. */
  receive(notify: SipMessage): NotifyAnswer | null {
    const callId = header(notify, 'Call-ID') ?? '';
    const tag = tagOf(header(notify, 'To'));
    for (const each of this.all) if (each.owns(callId, tag)) return each.receive(notify);
    // Left over from before we were started: said so, the notifier lets it go (RFC 6665, 4.1.3).
    const { value } = readValue(header(notify, 'Event') ?? '');
    const isLeftOver = !this.closed && tag !== null && packages.has(value.toLowerCase());
    return isLeftOver ? { status: 481, phrase: 'Subscription Does Not Exist' } : null;
  }

  /** Unsubscribes from all; resolves after two seconds at the latest. */
  async close(): Promise<void> {
    this.closed = true;
    this.turns.clear();
    await Promise.all([...this.all].map((each) => each.stop()));
    this.all.clear();
  }
}

/** Lag of a busy machine that is made up for; milliseconds. */
const mostLag = 1_000;

/** Lets one after the other go, `ms` milliseconds apart; the first at once. */
class Turns {
  private readonly waiting: (() => void)[] = [];
  private timer: NodeJS.Timeout | null = null;
  /** When it is the next one's turn, by `performance.now`. */
  private due = 0;

  constructor(private readonly ms: number) {}

  take(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.timer) return;
      this.due = performance.now();
      this.next();
    });
  }

  /** Who waits goes no more. */
  clear(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting.length = 0;
  }

  private next(): void {
    this.timer = null;
    const go = this.waiting.shift();
    if (!go) return;
    go();
    const now = performance.now();
    this.due = Math.max(this.due, now - mostLag) + this.ms;
    this.timer = setTimeout(() => this.next(), Math.max(this.due - now, 0));
  }
}
