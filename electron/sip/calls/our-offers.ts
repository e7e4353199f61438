import {
  type IncomingResponseMessage,
  type OutgoingInviteRequest,
  type OutgoingRequestMessage,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import { headersOfCalls } from '../pbx/identity.ts';
import { mostTooBrief } from '../session-timer/session-expires.ts';
import { credentialsOf } from '../sipjs/sipjs.ts';
import { T1, transactionTime } from '../transactions/timers.ts';
import type { Exchange } from './agreement.ts';
import { sdpOf, sessionBody } from './call.ts';

/** What a re-INVITE is for: what the user asked for, or only where we are now, or that we are still there (RFC 4028). */
type Purpose = 'hold' | 'renew' | 'refresh';

interface Reinvite {
  readonly hold: boolean;
  /** No further attempt after this instant, in ms since the epoch. */
  readonly until: number;
  readonly purpose: Purpose;
  /** So many intervals were too small so far. */
  readonly tooBrief: number;
}

/** Our re-INVITEs in an answered call: hold, resume, a new address, and the refresh of far ends without UPDATE. */
export class OurOffers {
  private retry: NodeJS.Timeout | null = null;
  /** Runs while a re-INVITE of ours has no final answer. */
  private expiry: NodeJS.Timeout | undefined;
  private lastAck: OutgoingRequestMessage | null = null;
  private wantedHold: boolean;

  /** `ownsCallId`: we sent the INVITE that made the dialog. */
  constructor(
    private readonly exchange: Exchange,
    private readonly ownsCallId: boolean,
  ) {
    this.wantedHold = exchange.agreement.holding;
  }

  /** Hold as the user wants it; the far end may still have to agree. */
  get wanted(): boolean {
    return this.wantedHold;
  }

  setHold(on: boolean): void {
    this.wantedHold = on;
    this.dropWaiting();
    this.begin(on, 'hold');
  }

  /** Tells the far end where we are now; it answers 481 if the call is over there. */
  renew(): void {
    this.say('renew');
  }

  refresh(): void {
    this.say('refresh');
  }

  /** The call is over: none goes out or waits for its answer. */
  stop(): void {
    this.dropWaiting();
    this.settled();
  }

  private dropWaiting(): void {
    if (this.retry) clearTimeout(this.retry);
    this.retry = null;
  }

  /** Says what holds already; a re-INVITE that waits for its turn will say it, too. */
  private say(purpose: Purpose): void {
    const { over, holding } = this.exchange.agreement;
    if (!over && !this.retry) this.begin(holding, purpose);
  }

  private begin(hold: boolean, purpose: Purpose): void {
    void this.reinvite({ hold, until: Date.now() + transactionTime, purpose, tooBrief: 0 });
  }

  private async reinvite(wish: Reinvite): Promise<void> {
    const { id, session, context, refresh, agreement, located } = this.exchange;
    try {
      const sdp = await this.offerFor(wish);
      if (agreement.over) return;
      if (agreement.answering) throw new Error('an offer of the far end is being answered');
      const request = session.invite(
        {
          onAccept: ({ message, ack }) => {
            this.settled();
            located(message);
            this.lastAck = ack({ extraHeaders: credentialsOf(request.message) }).message;
            refresh.answered(message);
            agreement.ours = sdp;
            void this.accepted(wish, sdpOf(message));
          },
          onReject: ({ message }) => {
            this.settled();
            this.refused(wish, message.statusCode ?? 500, message);
          },
          onRedirect: () => {
            this.settled();
            this.failed(wish);
          },
        },
        {
          extraHeaders: [...headersOfCalls(context.identity), ...refresh.headers],
          body: sessionBody(sdp),
        },
      );
      this.expiry = setTimeout(() => this.cancel(request), transactionTime);
    } catch (error) {
      if (agreement.over) return;
      // sip.js throws while another re-INVITE, of either side, is under way: that is a glare too.
      context.log.debug({ call: id, error }, 're-INVITE not possible now');
      this.tryAgain(wish);
    }
  }

  /** A refresh says what was said last, to the letter: nothing changes by it (RFC 4028, 7.4). */
  private async offerFor({ purpose, hold }: Reinvite): Promise<string> {
    const { id, context, agreement } = this.exchange;
    if (purpose === 'refresh') return agreement.ours;
    return context.negotiator.offer(id, { localAddress: context.identity.local.address, hold });
  }

  private async accepted(wish: Reinvite, sdp: string | null): Promise<void> {
    const { hold, purpose } = wish;
    const { id, context, agreement, remoteHold } = this.exchange;
    if (agreement.over) return;
    try {
      const isNews = sdp !== null && !(purpose === 'refresh' && sdp === agreement.theirs);
      const result = isNews ? await context.negotiator.takeAnswer(id, sdp) : null;
      if (agreement.over) return;
      agreement.theirs = sdp ?? agreement.theirs;
      agreement.holding = hold;
      if (purpose === 'hold') context.tell({ type: hold ? 'held' : 'resumed', call: id });
      // While we hold, the far end's direction is an answer to ours, not its own wish.
      if (result && !hold) remoteHold(result.heldByRemote);
    } catch (error) {
      context.log.warn({ call: id, error }, 'answer to a re-INVITE cannot be used');
      if (!agreement.over) this.failed(wish);
    }
  }

  private settled(): void {
    clearTimeout(this.expiry);
  }

  /**
   * Nobody is asked in a re-INVITE, so who says 100 and then nothing has forgotten it. Nor does the far end answer the
   * CANCEL: it is not there any more (RFC 3261, 9.1).
   */
  private cancel(request: OutgoingInviteRequest): void {
    const { context, lost } = this.exchange;
    try {
      request.cancel();
    } catch (error) {
      context.log.debug({ error }, 'CANCEL of a re-INVITE not sent');
    }
    this.expiry = setTimeout(lost, transactionTime);
  }

  private refused(wish: Reinvite, status: number, message: IncomingResponseMessage): void {
    const { agreement, refresh, lost } = this.exchange;
    if (agreement.over) return;
    if (status === 422) {
      this.intervalRefused(wish, message);
      return;
    }
    const waits = status === 500 && message.getHeader('Retry-After') !== undefined;
    if (waits) this.acknowledgeAgain();
    if (waits || status === 491) this.tryAgain(wish);
    // RFC 3261, 12.2.1.2: these two mean that the far end has lost the dialog.
    else if (status === 481 || status === 408) lost();
    else {
      refresh.refused(message);
      this.failed(wish);
    }
  }

  /** RFC 4028, 7.3: once more, with the interval that the 422 asks for. */
  private intervalRefused(wish: Reinvite, message: IncomingResponseMessage): void {
    const { refresh } = this.exchange;
    const before = refresh.headers.join();
    refresh.refused(message);
    if (wish.purpose === 'refresh') return;
    if (refresh.headers.join() === before || wish.tooBrief === mostTooBrief) this.failed(wish);
    else void this.reinvite({ ...wish, tooBrief: wish.tooBrief + 1 });
  }

  /** RFC 3261, 14.1: who made the call waits longer, so that one of the two gets through. */
  private tryAgain(wish: Reinvite): void {
    if (Date.now() > wish.until) {
      this.failed(wish);
      return;
    }
    const spread = this.exchange.context.random.fraction();
    const wait = this.ownsCallId ? 2_100 + spread * 1_900 : spread * 2_000;
    const again = (): void => {
      this.retry = null;
      void this.reinvite(wish);
    };
    this.retry = setTimeout(again, Math.max(wait, T1 / 10));
  }

  /** What keeps the far end from the next re-INVITE (14.2) may be that it has lost our ACK to the last one. */
  private acknowledgeAgain(): void {
    const { session, context } = this.exchange;
    if (!this.lastAck || !(session instanceof SessionDialog)) return;
    session.userAgentCore.transport
      .send(this.lastAck.toString())
      .catch((error) => context.log.debug({ error }, 'ACK not sent again'));
  }

  private failed({ purpose }: Reinvite): void {
    const { id, context, agreement, lost } = this.exchange;
    // Whom we cannot tell our address we shall not hear either.
    if (purpose === 'renew') lost();
    else if (purpose === 'hold') {
      this.wantedHold = agreement.holding;
      context.tell({ type: 'hold-failed', call: id });
    }
  }
}
