import type { Log } from '../../phone/ports.ts';
import { cseqNumber, type Header, header, type SipMessage } from '../message/message.ts';
import { readSeconds, readValue, tagOf } from '../message/message-fields.ts';
import type { Credentials, MakeRequest } from '../pbx/authorized-requests.ts';
import { fromHeader, type Identity, pbxUri } from '../pbx/identity.ts';
import { createCallId, type Random } from '../random.ts';
import { transactionTime } from '../transactions/timers.ts';
import { dialogWithRequest, dialogWithResponse, type LightDialog, requestIn } from './light-dialog.ts';
import {
  notSubscribed,
  type Subscription,
  type SubscriptionEffect,
  type SubscriptionEvent,
  type SubscriptionTimer,
  stepSubscription,
} from './subscription.ts';

/** What to subscribe to, and who is told. */
export interface SubscriptionSpec {
  /** A user at the PBX. */
  readonly user: string;
  /** The value of Event: `dialog;sla`. */
  event(): string;
  /** The content type that we read; null: the package has no body. */
  readonly accept: string | null;
  /** Seconds to ask for. */
  readonly expires: number;
  /** Begins at once, however many others are waiting for their turn. */
  readonly urgent?: boolean;
  /** What else each SUBSCRIBE says. */
  headers?(): readonly Header[];
  /**
   * A NOTIFY of ours, in order. `notifier` tells several ones apart when a PBX has forked our SUBSCRIBE; false: it
   * presupposes a document that we have missed.
   */
  notified(notify: SipMessage, notifier: string): boolean;
  /** What was told is not known any more; it will be told anew. */
  lost(): void;
  /** The PBX does not take this subscription; true: asked once more at once, for what `event` says then. */
  refused?(status: number): boolean;
}

export interface SubscriberOptions {
  readonly identity: Identity;
  /** Sends a request of ours, credentials included; null after `ms` milliseconds without a final response. */
  ask(make: MakeRequest, ms: number): Promise<SipMessage | null>;
  /** When it is this subscription's turn to begin. */
  turn(): Promise<void>;
  readonly random: Random;
  readonly log: Log;
}

/** Answer to a NOTIFY. */
export interface NotifyAnswer {
  readonly status: number;
  readonly phrase: string;
}

const ok: NotifyAnswer = { status: 200, phrase: 'OK' };

/** Keeps one subscription: carries out what subscription.ts decides. */
export class Subscriber {
  private state: Subscription = notSubscribed;
  private readonly timers = new Map<SubscriptionTimer, NodeJS.Timeout>();
  private dialog: LightDialog | null = null;
  private cseq = 0;
  /** The last CSeq of each notifier, by its tag: more than one when our SUBSCRIBE was forked. */
  private readonly notifiers = new Map<string, number>();
  /** Answers to an earlier SUBSCRIBE do not count for the present one. */
  private attempt = 0;
  private stopped: () => void = () => {};

  constructor(
    private readonly spec: SubscriptionSpec,
    private readonly options: SubscriberOptions,
  ) {}

  /** Begins, or begins anew: the PBX has forgotten us. */
  start(): void {
    this.take({ type: 'start' });
  }

  /** The extension is not registered any more. */
  lose(): void {
    this.take({ type: 'lose' });
  }

  /** Unsubscribes; resolves when the PBX has answered, after two seconds at the latest. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.stopped = resolve;
      this.take({ type: 'stop' });
    });
  }

  /** Whether a NOTIFY with this Call-ID and this tag in To belongs to this subscription. */
  owns(callId: string, tag: string | null): boolean {
    return this.dialog?.callId === callId && tagOf(this.dialog.local) === tag;
  }

  receive(notify: SipMessage): NotifyAnswer {
    const notifier = tagOf(header(notify, 'From')) ?? '';
    const cseq = cseqNumber(notify);
    // RFC 3261, 12.2.2. Order is CSeq's; a document's version only shows what is missing.
    if (cseq <= (this.notifiers.get(notifier) ?? -1)) return { status: 500, phrase: 'Out Of Order' };
    if (!this.isOurEvent(notify)) return { status: 489, phrase: 'Bad Event' };
    this.notifiers.set(notifier, cseq);
    if (this.dialog && this.isFirst(notifier)) this.dialog = dialogWithRequest(this.dialog, notify);
    const { value, params } = readValue(header(notify, 'Subscription-State') ?? 'active');
    if (value.toLowerCase() === 'terminated') {
      this.terminated(notifier, params.get('reason') ?? null, readSeconds(params.get('retry-after')));
      return ok;
    }
    if (this.isFirst(notifier)) this.take({ type: 'notified', expires: readSeconds(params.get('expires')) });
    if (this.state.name === 'held' && !this.spec.notified(notify, notifier)) this.take({ type: 'gap' });
    return ok;
  }

  /** One of several notifiers may go; the subscription is over when the one that began it does. */
  private terminated(notifier: string, reason: string | null, retryAfter: number | null): void {
    const isFirst = this.isFirst(notifier);
    this.notifiers.delete(notifier);
    if (isFirst) this.take({ type: 'terminated', reason: reason?.toLowerCase() ?? null, retryAfter });
  }

  private isOurEvent(notify: SipMessage): boolean {
    const nameOf = (event: string): string => readValue(event).value.toLowerCase();
    return nameOf(header(notify, 'Event') ?? '') === nameOf(this.spec.event());
  }

  /** The one whose tag the dialog has; the first to tell while it has none. */
  private isFirst(notifier: string): boolean {
    const tag = tagOf(this.dialog?.remote);
    return tag === null || tag === notifier;
  }

  private take(event: SubscriptionEvent): void {
    const { state, effects } = stepSubscription(this.state, event, {
      at: Date.now(),
      wanted: this.spec.expires,
      fraction: this.options.random.fraction,
    });
    this.state = state;
    for (const effect of effects) this.perform(effect);
    if (state.name === 'over') this.stopped();
  }

  private perform(effect: SubscriptionEffect): void {
    switch (effect.type) {
      case 'subscribe':
        void this.subscribe(effect.expires, effect.fresh);
        return;
      case 'start-timer':
        clearTimeout(this.timers.get(effect.timer));
        this.timers.set(
          effect.timer,
          setTimeout(() => this.take({ type: 'timer', timer: effect.timer }), effect.ms),
        );
        return;
      case 'stop-timers':
        for (const timer of this.timers.values()) clearTimeout(timer);
        this.timers.clear();
        return;
      case 'lost':
        this.options.log.info({ user: this.spec.user, why: effect.why }, 'subscription lost');
        this.spec.lost();
    }
  }

  private async subscribe(expires: number, fresh: boolean): Promise<void> {
    this.attempt += 1;
    const { attempt } = this;
    // A SUBSCRIBE that was forked is refreshed by forking it again: only so does each notifier hear of it.
    const begins = fresh || (expires > 0 && this.notifiers.size > 1);
    if (begins) {
      this.begin();
      await this.options.turn();
      if (attempt !== this.attempt || !this.isOn) return;
    }
    const answer = await this.options.ask(
      (credentials) => this.request(expires, credentials),
      transactionTime,
    );
    if (attempt === this.attempt && this.isOn) this.answered(answer);
  }

  private get isOn(): boolean {
    return this.state.name !== 'off' && this.state.name !== 'over';
  }

  private begin(): void {
    const { identity, random } = this.options;
    const target = pbxUri(identity, this.spec.user);
    this.notifiers.clear();
    this.cseq = 0;
    this.dialog = {
      callId: createCallId(random, identity.local.address),
      local: `${fromHeader(identity)};tag=${random.token()}${identity.tagSuffix}`,
      remote: `<${target}>`,
      target,
      routes: [],
    };
  }

  private request(expires: number, credentials: Credentials): SipMessage {
    const { identity, random } = this.options;
    const dialog = this.dialog ?? { callId: '', local: '', remote: '', target: '', routes: [] };
    this.cseq += 1;
    const accept: Header[] = this.spec.accept === null ? [] : [{ name: 'Accept', value: this.spec.accept }];
    return requestIn(dialog, 'SUBSCRIBE', {
      identity,
      random,
      cseq: this.cseq,
      headers: [
        ...credentials('SUBSCRIBE', dialog.target),
        { name: 'Event', value: this.spec.event() },
        ...accept,
        ...(this.spec.headers?.() ?? []),
        { name: 'Expires', value: String(expires) },
      ],
    });
  }

  private answered(answer: SipMessage | null): void {
    if (answer === null) {
      this.take({ type: 'unanswered' });
      return;
    }
    const { status } = answer;
    if (status < 300) {
      if (this.dialog) this.dialog = dialogWithResponse(this.dialog, answer);
      const granted = readSeconds(header(answer, 'Expires')) ?? this.spec.expires;
      this.take({ type: 'accepted', granted });
      return;
    }
    this.options.log.info({ user: this.spec.user, status }, 'subscription refused');
    this.take({
      type: 'refused',
      status,
      retryAfter: readSeconds(header(answer, 'Retry-After')),
      minExpires: readSeconds(header(answer, 'Min-Expires')),
    });
    if (this.spec.refused?.(status)) this.start();
  }
}
