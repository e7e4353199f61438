import { cseqNumber, type Header, header, type SipMessage } from '../message/message.ts';
import { tagOf } from '../message/message-fields.ts';
import type { MakeRequest } from '../pbx/authorized-requests.ts';
import { contactHeader, type Identity } from '../pbx/identity.ts';
import type { Random } from '../random.ts';
import { dialogOfRequest, dialogWithRequest, type LightDialog, requestIn } from './light-dialog.ts';

export interface NotifierOptions {
  readonly identity: Identity;
  /** Sends a request of ours, credentials included; null after `ms` milliseconds without a final response. */
  ask(make: MakeRequest, ms: number): Promise<SipMessage | null>;
  readonly contentType: string;
  /** Somebody wants a full document: has subscribed, has done so once more, or gets the last one (`isOver`). */
  subscribed(subscriber: NotifierSubscription): void;
  /** Nobody is subscribed any more. */
  deserted(): void;
  readonly random: Random;
}

/** Answer to a SUBSCRIBE. */
export interface SubscribeAnswer {
  readonly status: number;
  readonly phrase: string;
  readonly headers?: readonly Header[];
  readonly toTag?: string;
}

/** Seconds: what is granted when nothing is asked for, and at the most (the phones' Sub Max Expires). */
const usualExpires = 3_600;
const longestExpires = 7_200;
/** A PBX needs one; more than this many at once are somebody's mistake. */
const mostSubscribers = 4;

/**
 * Subscriptions that others have made to us (RFC 6665, 4.2).
 *
 * ```
 *        SUBSCRIBE: 200, NOTIFY          SUBSCRIBE in the dialog: 200, NOTIFY
 *  none ----------------------> active <--+
 *   ^                             | \_____/
 *   +--- Expires 0, time is up: NOTIFY terminated; 481 to a NOTIFY; subscribed anew elsewhere; close
 * ```
 */
export class Notifier {
  private readonly active = new Map<string, NotifierSubscription>();

  constructor(private readonly options: NotifierOptions) {}

  /** The one that counts: a PBX that was started anew subscribes once more. */
  get subscriber(): NotifierSubscription | null {
    return [...this.active.values()].at(-1) ?? null;
  }

  get subscribers(): readonly NotifierSubscription[] {
    return [...this.active.values()];
  }

  receive(subscribe: SipMessage): SubscribeAnswer {
    const tag = tagOf(header(subscribe, 'To'));
    const known = this.active.get(`${header(subscribe, 'Call-ID')} ${tag}`);
    if (tag !== null && !known) return { status: 481, phrase: 'Subscription Does Not Exist' };
    const expires = expiresOf(subscribe);
    if (known) return this.refresh(known, subscribe, expires);
    if (this.active.size >= mostSubscribers) return { status: 503, phrase: 'Too Many Subscriptions' };
    return this.begin(subscribe, expires);
  }

  /** Says goodbye to whoever is subscribed. */
  close(body: (version: number) => string): void {
    for (const each of this.active.values()) void each.terminate('noresource', body);
    this.active.clear();
  }

  private begin(subscribe: SipMessage, expires: number): SubscribeAnswer {
    const { random } = this.options;
    const toTag = `${random.token()}${this.options.identity.tagSuffix}`;
    const dialog = dialogOfRequest(subscribe, toTag);
    const key = `${dialog.callId} ${toTag}`;
    const subscription = new NotifierSubscription(dialog, subscribe, this.options, () => this.drop(key));
    // The same subscriber has begun anew, so it has forgotten the earlier subscription.
    for (const [earlier, { target }] of this.active) {
      if (target === subscription.target) this.active.get(earlier)?.forget();
    }
    this.active.set(key, subscription);
    return this.granted(subscription, expires, toTag);
  }

  private refresh(known: NotifierSubscription, subscribe: SipMessage, expires: number): SubscribeAnswer {
    if (!known.refreshedBy(subscribe)) return { status: 500, phrase: 'Out Of Order' };
    return this.granted(known, expires);
  }

  private granted(subscription: NotifierSubscription, expires: number, toTag?: string): SubscribeAnswer {
    subscription.grant(expires);
    // The answer goes out first: some PBXs do not know the dialog before it.
    queueMicrotask(() => this.options.subscribed(subscription));
    return {
      status: 200,
      phrase: 'OK',
      headers: [
        { name: 'Expires', value: String(expires) },
        { name: 'Contact', value: contactHeader(this.options.identity) },
      ],
      ...(toTag !== undefined && { toTag }),
    };
  }

  private drop(key: string): void {
    if (this.active.delete(key) && this.active.size === 0) this.options.deserted();
  }
}

/** One of them. */
export class NotifierSubscription {
  private cseq = 0;
  private version = 0;
  private theirCseq: number;
  /** ms since the epoch. */
  private until = 0;
  private expiry: NodeJS.Timeout | null = null;
  private dialog: LightDialog;
  private readonly event: string;
  /** Who waits for the answer to a NOTIFY. */
  private readonly waiting = new Set<(answer: SipMessage | null) => void>();

  constructor(
    dialog: LightDialog,
    subscribe: SipMessage,
    private readonly options: NotifierOptions,
    private readonly dropped: () => void,
  ) {
    this.dialog = dialog;
    this.event = header(subscribe, 'Event') ?? '';
    this.theirCseq = cseqNumber(subscribe);
  }

  /** Where its NOTIFYs go. */
  get target(): string {
    return this.dialog.target;
  }

  /** Its time is up: the next document is the last. */
  get isOver(): boolean {
    return this.until <= Date.now();
  }

  /** False: it comes out of order (RFC 3261, 12.2.2). */
  refreshedBy(subscribe: SipMessage): boolean {
    const cseq = cseqNumber(subscribe);
    if (cseq <= this.theirCseq) return false;
    this.theirCseq = cseq;
    this.dialog = dialogWithRequest(this.dialog, subscribe);
    return true;
  }

  grant(expires: number): void {
    this.until = Date.now() + expires * 1000;
    if (this.expiry) clearTimeout(this.expiry);
    this.expiry = expires === 0 ? null : setTimeout(() => this.expire(), expires * 1000);
  }

  /** Sends a document; `body` is given its version. Null: no answer in `ms` milliseconds. */
  async notify(body: (version: number) => string, ms: number): Promise<SipMessage | null> {
    if (this.isOver) return this.terminate('timeout', body, ms);
    const left = Math.ceil((this.until - Date.now()) / 1000);
    // Kamailio reads `expires` only where it is the first parameter.
    const answer = await this.send(`active;expires=${left}`, body, ms);
    if (answer?.status === 481) this.forget();
    return answer;
  }

  async terminate(
    reason: 'timeout' | 'noresource',
    body: (version: number) => string,
    ms = 2_000,
  ): Promise<SipMessage | null> {
    this.forget();
    return this.send(`terminated;reason=${reason}`, body, ms);
  }

  /** It is no more, and nobody need be told; whoever still waits for an answer gets null. */
  forget(): void {
    if (this.expiry) clearTimeout(this.expiry);
    this.expiry = null;
    for (const done of this.waiting) done(null);
    this.waiting.clear();
    this.dropped();
  }

  /** A timer may be a millisecond ahead of the clock, and there is no other one. */
  private expire(): void {
    this.until = Date.now();
    this.options.subscribed(this);
  }

  private send(state: string, body: (version: number) => string, ms: number): Promise<SipMessage | null> {
    const text = Buffer.from(body(this.version));
    this.version += 1;
    return new Promise((resolve) => {
      this.waiting.add(resolve);
      void this.ask(state, text, ms).then((answer) => {
        this.waiting.delete(resolve);
        resolve(answer);
      });
    });
  }

  private ask(state: string, body: Buffer, ms: number): Promise<SipMessage | null> {
    const { identity, random, contentType } = this.options;
    return this.options.ask((credentials) => {
      this.cseq += 1;
      return requestIn(this.dialog, 'NOTIFY', {
        identity,
        random,
        cseq: this.cseq,
        headers: [
          ...credentials('NOTIFY', this.dialog.target),
          { name: 'Event', value: this.event },
          { name: 'Subscription-State', value: state },
          { name: 'Content-Type', value: contentType },
        ],
        body,
      });
    }, ms);
  }
}

function expiresOf(subscribe: SipMessage): number {
  const text = header(subscribe, 'Expires') ?? '';
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), longestExpires) : usualExpires;
}
