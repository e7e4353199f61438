import {
  type IncomingInviteRequest,
  type IncomingRequest,
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  type OutgoingRequestMessage,
  type Session,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import { type Reason, reason } from '../../contract/reasons.ts';
import { allow, contactUri } from '../pbx/identity.ts';
import { SessionRefresh } from '../session-timer/session-refresh.ts';
import { type DialogDelegate, setRemoteTarget } from '../sipjs/dialog-update.ts';
import { T1, transactionTime } from '../transactions/timers.ts';
import {
  type CallContext,
  type CallDialog,
  endSession,
  type Hold,
  hostOf,
  identifiersOf,
  refuseInvite,
  type SipCall,
  sdpOf,
  sessionBody,
} from './call.ts';
import { completedElsewhere, mediaReason } from './call-outcome.ts';
import { InfoDigits, takeInfo } from './info-digits.ts';
import { contentRefusal } from './invite-content.ts';
import { takeUpdate, tryLater } from './session-update.ts';

export interface AnsweredCallOptions {
  readonly id: string;
  readonly session: Session;
  readonly context: CallContext;
  /** We sent our offer in the 2xx; the answer comes in the ACK. */
  readonly awaitsAnswer: boolean;
  /** We sent the INVITE that made the dialog: decides who waits longer after a glare (RFC 3261, 14.1). */
  readonly ownsCallId: boolean;
  /** Whether what we have said so far holds the far end. */
  readonly hold: boolean;
  /** The far end's INVITE, or its 2xx to ours. */
  readonly opening: IncomingRequestMessage | IncomingResponseMessage;
  /** Both sides' descriptions so far. */
  readonly ours: string;
  readonly theirs: string | null;
  ended(reason: Reason | null): void;
}

interface Reinvite {
  readonly hold: boolean;
  /** No further attempt after this instant, in ms since the epoch. */
  readonly until: number;
  /** What the user asked for, or only where we are now, or that we are still there (RFC 4028). */
  readonly purpose: 'hold' | 'renew' | 'refresh';
}

/** A call with a confirmed dialog: hold, resume and a new address by re-INVITE, from either side, and BYE. */
export class AnsweredCall implements SipCall {
  private holding: boolean;
  private wanted: boolean;
  private heldByRemote = false;
  private awaitsAnswer: boolean;
  private retry: NodeJS.Timeout | null = null;
  private lastAck: OutgoingRequestMessage | null = null;
  /** Runs while our 2xx to a re-INVITE has no ACK. */
  private unacknowledged: { readonly cseq: number; readonly expiry: NodeJS.Timeout } | null = null;
  private over = false;
  /** An offer of the far end has no answer of ours yet. */
  private answering = false;
  private ours: string;
  private theirs: string | null;
  /** Where the far end was before a re-INVITE that we may refuse. */
  private target: Session['remoteTarget'];
  private readonly refresh: SessionRefresh;
  private readonly digits: InfoDigits;

  constructor(private readonly options: AnsweredCallOptions) {
    this.awaitsAnswer = options.awaitsAnswer;
    this.holding = options.hold;
    this.wanted = options.hold;
    this.ours = options.ours;
    this.theirs = options.theirs;
    this.target = options.session.remoteTarget;
    this.digits = new InfoDigits(options.session, options.context.log);
    this.refresh = new SessionRefresh({
      interval: options.context.sessionTimer,
      session: options.session,
      said: () => this.headers,
      reinvite: () => this.refreshByReinvite(),
      lost: () => this.lost(),
    });
    const delegate: DialogDelegate = {
      onAck: ({ message }) => this.acknowledged(message),
      // Our 2xx was never acknowledged (RFC 3261, 13.3.1.4): the far end is not there.
      onAckTimeout: () => this.lost(true),
      onBye: (request) => {
        request.accept();
        this.saidGoodbye(request.message);
      },
      onInvite: (request) => void this.reoffered(request),
      onInfo: takeInfo,
      onUpdate: (request) => void this.updated(request),
      onRefer: (request) => options.context.referrals.receive(options.id, options.session, request),
      onNotify: (request) => options.context.referrals.notified(options.id, request),
      onMessage: (request) => request.reject({ statusCode: 405 }),
    };
    options.session.delegate = delegate;
    options.context.named(options.id, options.session);
    this.openTimer();
  }

  private openTimer(): void {
    const { opening, ownsCallId } = this.options;
    if (ownsCallId) this.refresh.answered(opening);
    else this.refresh.take(opening);
  }

  get id(): string {
    return this.options.id;
  }

  get session(): Session {
    return this.options.session;
  }

  get peer(): string | null {
    return hostOf(this.options.session.remoteTarget.toString());
  }

  get dialogs(): readonly CallDialog[] {
    return [{ identifiers: identifiersOf(this.options.session), state: 'confirmed' }];
  }

  get hold(): Hold {
    return { agreed: this.holding, wanted: this.wanted };
  }

  accept(): void {}

  decline(): void {
    this.hangUp();
  }

  hangUp(): void {
    if (this.over) return;
    endSession(this.options.session, this.options.context.log);
    this.end(null);
  }

  letGo(): void {
    if (this.over) return;
    this.close();
    const headers = [`Reason: ${elsewhere}`];
    endSession(this.options.session, this.options.context.log, { headers });
  }

  setHold(on: boolean): void {
    this.wanted = on;
    if (this.retry) clearTimeout(this.retry);
    this.retry = null;
    void this.reinvite({ hold: on, until: Date.now() + transactionTime, purpose: 'hold' });
  }

  /** Tells the far end where we are now; it answers 481 if the call is over there. */
  renew(): void {
    // A re-INVITE that waits for its turn will say it.
    if (this.over || this.retry) return;
    void this.reinvite({ hold: this.holding, until: Date.now() + transactionTime, purpose: 'renew' });
  }

  sendDigits(tones: string): void {
    this.digits.send(tones);
  }

  private get headers(): string[] {
    return [`Contact: <${contactUri(this.options.context.identity)}>`, `Allow: ${allow}`];
  }

  private get localAddress(): string {
    return this.options.context.identity.local.address;
  }

  private async reinvite(wish: Reinvite): Promise<void> {
    const { id, session, context } = this.options;
    try {
      const sdp = await this.offerFor(wish);
      if (this.over) return;
      if (this.answering) throw new Error('an offer of the far end is being answered');
      session.invite(
        {
          onAccept: ({ message, ack }) => {
            this.lastAck = ack().message;
            this.refresh.answered(message);
            this.target = session.remoteTarget;
            this.ours = sdp;
            void this.reinviteAccepted(wish, sdpOf(message));
          },
          onReject: ({ message }) => this.reinviteRefused(wish, message.statusCode ?? 500, message),
          onRedirect: () => this.reinviteFailed(wish),
        },
        { extraHeaders: [...this.headers, ...this.refresh.headers], body: sessionBody(sdp) },
      );
    } catch (error) {
      if (this.over) return;
      // sip.js throws while another re-INVITE, of either side, is under way: that is a glare too.
      context.log.debug({ call: id, error }, 're-INVITE not possible now');
      this.tryAgain(wish);
    }
  }

  /** A refresh says what was said last, to the letter: nothing changes by it (RFC 4028, 7.4). */
  private async offerFor({ purpose, hold }: Reinvite): Promise<string> {
    const { id, context } = this.options;
    if (purpose === 'refresh') return this.ours;
    return context.negotiator.offer(id, { localAddress: this.localAddress, hold });
  }

  private async reinviteAccepted(wish: Reinvite, sdp: string | null): Promise<void> {
    const { hold, purpose } = wish;
    const { id, context } = this.options;
    if (this.over) return;
    context.named(id, this.options.session);
    try {
      const isNews = sdp !== null && !(purpose === 'refresh' && sdp === this.theirs);
      const result = isNews ? await context.negotiator.takeAnswer(id, sdp) : null;
      if (this.over) return;
      this.theirs = sdp ?? this.theirs;
      this.holding = hold;
      if (purpose === 'hold') context.tell({ type: hold ? 'held' : 'resumed', call: id });
      // While we hold, the far end's direction is an answer to ours, not its own wish.
      if (result && !hold) this.remoteHold(result.heldByRemote);
    } catch (error) {
      context.log.warn({ call: id, error }, 'answer to a re-INVITE cannot be used');
      if (!this.over) this.reinviteFailed(wish);
    }
  }

  private reinviteRefused(wish: Reinvite, status: number, message: IncomingResponseMessage): void {
    if (this.over) return;
    if (status === 422) {
      this.intervalRefused(wish, message);
      return;
    }
    const waits = status === 500 && message.getHeader('Retry-After') !== undefined;
    if (waits) this.acknowledgeAgain();
    if (waits || status === 491) this.tryAgain(wish);
    // RFC 3261, 12.2.1.2: these two mean that the far end has lost the dialog.
    else if (status === 481 || status === 408) this.lost();
    else {
      this.refresh.refused(message);
      this.reinviteFailed(wish);
    }
  }

  /** RFC 4028, 7.3: once more, with the interval that the 422 asks for. */
  private intervalRefused(wish: Reinvite, message: IncomingResponseMessage): void {
    const before = this.refresh.headers.join();
    this.refresh.refused(message);
    if (wish.purpose === 'refresh') return;
    if (this.refresh.headers.join() === before) this.reinviteFailed(wish);
    else void this.reinvite(wish);
  }

  /** A re-INVITE that waits for its turn will refresh the session, too. */
  private refreshByReinvite(): void {
    if (this.over || this.retry) return;
    void this.reinvite({ hold: this.holding, until: Date.now() + transactionTime, purpose: 'refresh' });
  }

  /** RFC 3261, 14.1: who made the call waits longer, so that one of the two gets through. */
  private tryAgain(wish: Reinvite): void {
    if (Date.now() > wish.until) {
      this.reinviteFailed(wish);
      return;
    }
    const spread = this.options.context.random.fraction();
    const wait = this.options.ownsCallId ? 2_100 + spread * 1_900 : spread * 2_000;
    const again = (): void => {
      this.retry = null;
      void this.reinvite(wish);
    };
    this.retry = setTimeout(again, Math.max(wait, T1 / 10));
  }

  /** What keeps the far end from the next re-INVITE (14.2) may be that it has lost our ACK to the last one. */
  private acknowledgeAgain(): void {
    const { session, context } = this.options;
    if (!this.lastAck || !(session instanceof SessionDialog)) return;
    session.userAgentCore.transport
      .send(this.lastAck.toString())
      .catch((error) => context.log.debug({ error }, 'ACK not sent again'));
  }

  private reinviteFailed({ purpose }: Reinvite): void {
    // Whom we cannot tell our address we shall not hear either.
    if (purpose === 'renew') this.lost();
    else if (purpose === 'hold') {
      this.wanted = this.holding;
      this.options.context.tell({ type: 'hold-failed', call: this.options.id });
    }
  }

  private async reoffered(request: IncomingInviteRequest): Promise<void> {
    const { id, context } = this.options;
    const { localAddress, holding: hold } = this;
    // Who sends a re-INVITE has our first 2xx. Its ACK may be lost; until it came, sip.js would not take this one's.
    Reflect.set(this.options.session, 'ackWait', false);
    this.stopRepeating();
    const refusal = this.reofferRefusal(request.message);
    if (refusal) {
      request.reject(refusal);
      setRemoteTarget(this.options.session, this.target);
      return;
    }
    this.answering = true;
    try {
      const theirs = sdpOf(request.message);
      const ours =
        theirs === null
          ? { sdp: await context.negotiator.offer(id, { localAddress, hold }), heldByRemote: null }
          : await context.negotiator.answer(id, theirs, { localAddress, hold });
      if (this.over) {
        // Whatever is still open when a dialog ends is answered 487 (RFC 3261, 15.1.2).
        refuseInvite(request, 487, context.log);
        return;
      }
      this.awaitsAnswer = theirs === null;
      this.acceptReoffer(request, ours.sdp);
      this.theirs = theirs ?? this.theirs;
      context.named(id, this.options.session);
      if (ours.heldByRemote !== null) this.remoteHold(ours.heldByRemote);
    } catch (error) {
      context.log.info({ call: id, error }, 're-INVITE refused');
      refuseInvite(request, this.over ? 487 : 488, context.log);
      // As if it had never come (RFC 3261, 14.2).
      setRemoteTarget(this.options.session, this.target);
    } finally {
      this.answering = false;
    }
  }

  /** What of a re-INVITE we need not look at its offer for. */
  private reofferRefusal(
    message: IncomingRequestMessage,
  ): { statusCode: number; extraHeaders: string[] } | null {
    if (this.answering) return tryLater(this.options.context);
    const verdict = this.refresh.judge(message);
    return verdict.kind === 'too-brief'
      ? { statusCode: 422, extraHeaders: verdict.headers }
      : contentRefusal(message);
  }

  private async updated(request: IncomingRequest): Promise<void> {
    const { id, session, context } = this.options;
    await takeUpdate(request, {
      session,
      context,
      pending: () => this.pendingOffer,
      judge: () => this.refresh.judge(request.message),
      answer: (offer) => this.answerUpdate(offer),
      isOver: () => this.over,
      accepted: () => {
        this.target = session.remoteTarget;
        this.refresh.take(request.message);
        context.named(id, session);
      },
    });
  }

  private get pendingOffer(): 'ours' | 'theirs' | null {
    if (this.answering) return 'theirs';
    const isOffering = Reflect.get(this.options.session, 'reinviteUserAgentClient') !== undefined;
    return isOffering || this.awaitsAnswer ? 'ours' : null;
  }

  private async answerUpdate(offer: string): Promise<string> {
    const { id, context } = this.options;
    this.answering = true;
    try {
      const options = { localAddress: this.localAddress, hold: this.holding };
      const { sdp, heldByRemote } = await context.negotiator.answer(id, offer, options);
      this.ours = sdp;
      this.theirs = offer;
      this.remoteHold(heldByRemote);
      return sdp;
    } finally {
      this.answering = false;
    }
  }

  /**
   * RFC 3261, 14.2: when the ACK never comes, the call ends. sip.js would wait for it for ever, answering 500 to every
   * further re-INVITE and refusing ours.
   */
  private acceptReoffer(request: IncomingInviteRequest, sdp: string): void {
    const { message } = request;
    const extraHeaders = [...this.headers, ...this.refresh.judge(message).headers];
    request.accept({ statusCode: 200, extraHeaders, body: sessionBody(sdp) });
    this.refresh.take(message);
    this.target = this.options.session.remoteTarget;
    this.ours = sdp;
    const expiry = setTimeout(() => this.lost(), transactionTime);
    this.unacknowledged = { cseq: message.cseq, expiry };
  }

  /**
   * Our 2xx needs no more repeats. sip.js looks only when the next one is due, half a second on; a re-INVITE that has
   * come by then lets it go on with the old 2xx as well, for 64*T1 if the call ends before the new one's ACK.
   */
  private stopRepeating(): void {
    clearTimeout(Reflect.get(this.options.session, 'invite2xxTimer'));
  }

  private acknowledged(message: IncomingRequestMessage): void {
    this.stopRepeating();
    if (this.unacknowledged) {
      // The ACK to the first 2xx may come after the re-INVITE.
      if (message.cseq !== this.unacknowledged.cseq) return;
      clearTimeout(this.unacknowledged.expiry);
      this.unacknowledged = null;
    }
    if (!this.awaitsAnswer) return;
    this.awaitsAnswer = false;
    const { id, context } = this.options;
    const sdp = sdpOf(message);
    this.theirs = sdp;
    const taken =
      sdp === null
        ? Promise.reject(new Error('ACK without the answer'))
        : context.negotiator.takeAnswer(id, sdp);
    taken.then(
      ({ heldByRemote }) => this.remoteHold(heldByRemote),
      (error: unknown) => {
        context.log.warn({ call: id, error }, 'the answer in an ACK cannot be used');
        if (!this.over) {
          endSession(this.options.session, context.log);
          this.end(mediaReason(error));
        }
      },
    );
  }

  /** Tells when the far end's hold has changed. */
  remoteHold(on: boolean): void {
    if (on === this.heldByRemote || this.over) return;
    this.heldByRemote = on;
    this.options.context.tell({ type: 'remote-hold', call: this.options.id, on });
  }

  /** Who took over the call that we hold is its far end's affair; that somebody did shows here (RFC 3326). */
  private saidGoodbye(bye: IncomingRequestMessage): void {
    const takenOver = this.holding && completedElsewhere(bye.getHeaders('Reason'));
    if (takenOver && !this.over) {
      this.options.context.tell({ type: 'taken-over', call: this.options.id, by: null });
    }
    this.end(null);
  }

  private lost(ackGivenUp = false): void {
    if (this.over) return;
    endSession(this.options.session, this.options.context.log, { ackGivenUp });
    this.end(reason('call-lost'));
  }

  private end(why: Reason | null): void {
    if (this.over) return;
    this.close();
    this.options.ended(why);
  }

  private close(): void {
    this.over = true;
    this.refresh.stop();
    this.digits.stop();
    if (this.retry) clearTimeout(this.retry);
    clearTimeout(this.unacknowledged?.expiry);
  }
}

/** What the far end's station shows as taken over by a colleague, not as hung up. */
const elsewhere = 'SIP;cause=200;text="Call completed elsewhere"';
