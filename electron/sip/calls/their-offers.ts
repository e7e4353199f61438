import {
  type IncomingInviteRequest,
  type IncomingRequest,
  type IncomingRequestMessage,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import { headersOfCalls } from '../pbx/identity.ts';
import { setRemoteTarget } from '../sipjs/dialog-update.ts';
import { transactionTime } from '../transactions/timers.ts';
import type { Exchange } from './agreement.ts';
import { refuseInvite, sdpOf, sessionBody } from './call.ts';
import { contentRefusal } from './invite-content.ts';
import { takeUpdate, tryLater } from './session-update.ts';

/** What the far end offers and answers in an answered call: re-INVITE, UPDATE, and the ACK to a 2xx of ours. */
export class TheirOffers {
  /** Runs while our 2xx to a re-INVITE has no ACK. */
  private unacknowledged: { readonly cseq: number; readonly expiry: NodeJS.Timeout } | null = null;

  /**
   * `awaitsAnswer`: we sent our offer in the 2xx; the answer comes in the ACK. `unusable`: it came, and there is no
   * sound in it.
   */
  constructor(
    private readonly exchange: Exchange,
    private awaitsAnswer: boolean,
    private readonly unusable: (error: unknown) => void,
  ) {}

  async invite(request: IncomingInviteRequest): Promise<void> {
    const { session, agreement } = this.exchange;
    // Who sends a re-INVITE has our first 2xx. Its ACK may be lost; until it came, sip.js would not take this one's.
    Reflect.set(session, 'ackWait', false);
    this.stopRepeating();
    // sip.js believes the far end to be there already; one that is refused is as if it had never come (14.2).
    setRemoteTarget(session, agreement.target);
    const refusal = this.refusal(request.message);
    if (refusal) {
      request.reject(refusal);
      return;
    }
    agreement.answering = true;
    try {
      await this.answerInvite(request);
    } finally {
      agreement.answering = false;
    }
  }

  async update(request: IncomingRequest): Promise<void> {
    const { context, refresh, agreement, located } = this.exchange;
    await takeUpdate(request, {
      context,
      pending: () => this.pending,
      judge: () => refresh.judge(request.message),
      answer: (offer) => this.answerUpdate(offer),
      isOver: () => agreement.over,
      accepted: () => {
        located(request.message);
        refresh.take(request.message);
      },
    });
  }

  acknowledged(message: IncomingRequestMessage): void {
    this.stopRepeating();
    const again = this.unacknowledged !== null;
    if (this.unacknowledged) {
      // The ACK to the first 2xx may come after the re-INVITE.
      if (message.cseq !== this.unacknowledged.cseq) return;
      clearTimeout(this.unacknowledged.expiry);
      this.unacknowledged = null;
    }
    if (!this.awaitsAnswer) return;
    this.awaitsAnswer = false;
    void this.takeAnswer(sdpOf(message), again);
  }

  /** `again`: to an offer in a call that has had one; without a new answer it goes on as it was. */
  private async takeAnswer(sdp: string | null, again: boolean): Promise<void> {
    const { id, session, context, agreement, remoteHold } = this.exchange;
    try {
      if (sdp === null) throw new Error('ACK without the answer');
      const { heldByRemote } = await context.negotiator.takeAnswer(id, sdp);
      agreement.theirs = sdp;
      // While we hold, the far end's direction is an answer to ours, not its own wish.
      if (!agreement.holding) remoteHold(heldByRemote);
    } catch (error) {
      context.log.warn({ call: id, error }, 'the answer in an ACK cannot be used');
      if (agreement.over) return;
      if (!again) this.unusable(error);
      else if (session instanceof SessionDialog) session.signalingStateRollback();
    }
  }

  /** No ACK is waited for any more. */
  stop(): void {
    clearTimeout(this.unacknowledged?.expiry);
  }

  private async answerInvite(request: IncomingInviteRequest): Promise<void> {
    const { id, context, agreement, remoteHold } = this.exchange;
    const { negotiator, identity, log } = context;
    const options = { localAddress: identity.local.address, hold: agreement.holding };
    try {
      const theirs = sdpOf(request.message);
      const ours =
        theirs === null
          ? { sdp: await negotiator.offer(id, options), heldByRemote: null }
          : await negotiator.answer(id, theirs, options);
      if (agreement.over) {
        // Whatever is still open when a dialog ends is answered 487 (RFC 3261, 15.1.2).
        refuseInvite(request, 487, log);
        return;
      }
      this.awaitsAnswer = theirs === null;
      this.accept(request, ours.sdp);
      agreement.theirs = theirs ?? agreement.theirs;
      if (ours.heldByRemote !== null) remoteHold(ours.heldByRemote);
    } catch (error) {
      log.info({ call: id, error }, 're-INVITE refused');
      refuseInvite(request, agreement.over ? 487 : 488, log);
    }
  }

  /**
   * RFC 3261, 14.2: when the ACK never comes, the call ends. sip.js would wait for it for ever, answering 500 to every
   * further re-INVITE and refusing ours.
   */
  private accept(request: IncomingInviteRequest, sdp: string): void {
    const { context, refresh, agreement, located, lost } = this.exchange;
    const { message } = request;
    const extraHeaders = [...headersOfCalls(context.identity), ...refresh.judge(message).headers];
    request.accept({ statusCode: 200, extraHeaders, body: sessionBody(sdp) });
    refresh.take(message);
    located(message);
    agreement.ours = sdp;
    this.unacknowledged = { cseq: message.cseq, expiry: setTimeout(lost, transactionTime) };
  }

  /** What of a re-INVITE we need not look at its offer for. */
  private refusal(message: IncomingRequestMessage): { statusCode: number; extraHeaders: string[] } | null {
    const { context, refresh, agreement } = this.exchange;
    if (agreement.answering) return tryLater(context);
    const verdict = refresh.judge(message);
    return verdict.kind === 'too-brief'
      ? { statusCode: 422, extraHeaders: verdict.headers }
      : contentRefusal(message);
  }

  private get pending(): 'ours' | 'theirs' | null {
    const { session, agreement } = this.exchange;
    if (agreement.answering) return 'theirs';
    const isOffering = Reflect.get(session, 'reinviteUserAgentClient') !== undefined;
    return isOffering || this.awaitsAnswer ? 'ours' : null;
  }

  private async answerUpdate(offer: string): Promise<string> {
    const { id, context, agreement, remoteHold } = this.exchange;
    agreement.answering = true;
    try {
      const options = { localAddress: context.identity.local.address, hold: agreement.holding };
      const { sdp, heldByRemote } = await context.negotiator.answer(id, offer, options);
      agreement.ours = sdp;
      agreement.theirs = offer;
      remoteHold(heldByRemote);
      return sdp;
    } finally {
      agreement.answering = false;
    }
  }

  /**
   * Our 2xx needs no more repeats. sip.js looks only when the next one is due, half a second on; a re-INVITE that has
   * come by then lets it go on with the old 2xx as well, for 64*T1 if the call ends before the new one's ACK.
   */
  private stopRepeating(): void {
    clearTimeout(Reflect.get(this.exchange.session, 'invite2xxTimer'));
  }
}
