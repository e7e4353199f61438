import type {
  IncomingInviteRequest,
  IncomingRequest,
  IncomingRequestMessage,
  Session,
} from 'sip.js/lib/core/index.js';
import { type Reason, reason } from '../../contract/reasons.ts';
import { judgeTimer } from '../session-timer/session-expires.ts';
import { type DialogDelegate, refreshTarget } from '../sipjs/dialog-update.ts';
import type { AnsweredCall } from './answered-call.ts';
import {
  type CallContext,
  type CallDialog,
  type Hold,
  hostOf,
  identifiersOf,
  notHeld,
  refuseInvite,
  type SipCall,
  sdpOf,
} from './call.ts';
import { cancelReason, mediaReason } from './call-outcome.ts';
import { takeInfo } from './info-digits.ts';
import { answerInvite, inviterOf } from './invite-answer.ts';
import { ReliableRinging, wantsReliability } from './reliable-ringing.ts';
import { takeUpdate, tryLater } from './session-update.ts';

/** A PBX that dies while it rings us sends no CANCEL; an INVITE without Expires may ring for so long. */
const longestRing = 300_000;

/**
 * A call that comes in.
 *
 * ```
 * ringing --accept--> answering --2xx--> answered --BYE--> over
 *    \                    \--media fails, CANCEL------------^
 *     \--decline, CANCEL, no one answers--------------------^
 * ```
 */
export class IncomingCall implements SipCall {
  private answering = false;
  private answered: AnsweredCall | null = null;
  private over = false;
  private early: Session | null = null;
  private reliable: ReliableRinging | null = null;
  /** The core knows of it. */
  private told = false;
  private readonly ringing: NodeJS.Timeout;

  constructor(
    readonly id: string,
    private readonly request: IncomingInviteRequest,
    private readonly place: { readonly extension: number; readonly appearance: number | null },
    private readonly context: CallContext,
  ) {
    request.delegate = { onCancel: (message) => this.cancelled(message) };
    const expires = Number(request.message.getHeader('Expires') ?? Number.NaN) * 1000;
    const limit = expires > 0 ? Math.min(expires, longestRing) : longestRing;
    this.ringing = setTimeout(() => this.refuse(480, reason('no-answer')), limit);
  }

  get peer(): string | null {
    const contact = this.request.message.parseHeader('Contact');
    return hostOf(String(contact?.uri ?? ''));
  }

  get dialogs(): readonly CallDialog[] {
    if (this.answered || !this.early) return this.answered?.dialogs ?? [];
    return [{ identifiers: identifiersOf(this.early), state: 'ringing' }];
  }

  get hold(): Hold {
    return this.answered?.hold ?? notHeld;
  }

  get session(): Session | null {
    return this.answered?.session ?? null;
  }

  /** Sends 180 and tells. */
  ring(): void {
    if (wantsReliability(this.request)) void this.ringReliably();
    else this.rang(this.request.progress({ statusCode: 180 }).session);
  }

  private async ringReliably(): Promise<void> {
    try {
      const wantsOffer = sdpOf(this.request.message) === null;
      const offer = wantsOffer
        ? await this.context.negotiator.offer(this.id, { localAddress: this.localAddress, hold: false })
        : null;
      if (this.over) return;
      this.reliable = new ReliableRinging({
        call: this.id,
        request: this.request,
        offer,
        context: this.context,
        failed: (status, error) =>
          this.refuse(status, status === 504 ? reason('call-lost') : mediaReason(error)),
      });
      this.rang(this.reliable.session);
    } catch (error) {
      this.context.log.warn({ call: this.id, error }, 'call cannot be offered sound');
      this.refuse(488, mediaReason(error));
    }
  }

  private rang(session: Session): void {
    const delegate: DialogDelegate = {
      onBye: (bye) => {
        bye.accept();
        this.refuse(487, null);
      },
      onInfo: takeInfo,
      onPrack: (prack) => {
        if (this.reliable) this.reliable.take(prack);
        else prack.reject({ statusCode: 481 });
      },
      // The first INVITE comes first (RFC 3261, 14.2).
      onInvite: (request) => request.reject(tryLater(this.context)),
      onUpdate: (request) => void this.updated(session, request),
    };
    session.delegate = delegate;
    refreshTarget(session, this.request.message);
    this.early = session;
    const { negotiator, tell } = this.context;
    void negotiator.prepare(this.id, { localAddress: this.localAddress });
    this.told = true;
    tell({ type: 'incoming', call: this.id, remote: inviterOf(this.request.message), ...this.place });
    this.context.named(this.id, session);
  }

  private get localAddress(): string {
    return this.context.identity.local.address;
  }

  private updated(session: Session, request: IncomingRequest): Promise<void> {
    const wish = { interval: this.context.sessionTimer, minimum: 0 };
    return takeUpdate(request, {
      context: this.context,
      pending: () => (this.reliable ? this.reliable.pending : 'theirs'),
      judge: () => judgeTimer(request.message, wish),
      answer: async (offer) => {
        if (!this.reliable) throw new Error('no offer can be taken');
        return this.reliable.answer(offer);
      },
      isOver: () => this.over,
      accepted: () => {
        refreshTarget(session, request.message);
        this.context.named(this.id, session);
      },
    });
  }

  accept(): void {
    if (this.answering || this.over) return;
    this.answering = true;
    clearTimeout(this.ringing);
    void this.answer();
  }

  decline(status: number): void {
    if (this.answered) this.hangUp();
    else this.refuse(status, null);
  }

  hangUp(): void {
    if (this.answered) this.answered.hangUp();
    else this.refuse(480, null);
  }

  setHold(on: boolean): void {
    if (this.answered) this.answered.setHold(on);
    else this.context.tell({ type: 'hold-failed', call: this.id });
  }

  askWhetherThere(): void {
    this.answered?.askWhetherThere();
  }

  sendDigits(tones: string): void {
    this.answered?.sendDigits(tones);
  }

  /** While it rings there is nothing to mend: our answer will name the new address. */
  renew(): void {
    this.answered?.renew();
  }

  letGo(): void {
    this.over = true;
    clearTimeout(this.ringing);
    this.reliable?.stop();
    if (this.answered) this.answered.letGo();
    else refuseInvite(this.request, 480, this.context.log);
  }

  private async answer(): Promise<void> {
    try {
      const agreed = (await this.reliable?.agreed) ?? null;
      const answered = await answerInvite(this.request, {
        id: this.id,
        context: this.context,
        hold: false,
        isWanted: () => !this.over,
        ended: (why) => this.end(why),
        hasRung: this.early !== null,
        agreed,
      });
      if (!answered) return;
      this.reliable?.stop();
      this.answered = answered.call;
      this.context.tell({ type: 'answered', call: this.id, remote: null });
      if (answered.heldByRemote) this.answered.remoteHold(true);
    } catch (error) {
      this.context.log.warn({ call: this.id, error }, 'call cannot be answered');
      this.refuse(488, mediaReason(error));
    }
  }

  private cancelled(message: IncomingRequestMessage): void {
    this.refuse(487, cancelReason(message.getHeaders('Reason')));
  }

  private refuse(statusCode: number, why: Reason | null): void {
    if (this.over) return;
    refuseInvite(this.request, statusCode, this.context.log);
    this.end(why);
  }

  private end(why: Reason | null): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.ringing);
    this.reliable?.stop();
    this.context.forget(this.id);
    if (this.told) this.context.tell({ type: 'ended', call: this.id, reason: why });
  }
}
