import type { IncomingRequestMessage, IncomingResponseMessage, Session } from 'sip.js/lib/core/index.js';
import { type Reason, reason } from '../../contract/reasons.ts';
import { headersOfCalls } from '../pbx/identity.ts';
import { SessionRefresh } from '../session-timer/session-refresh.ts';
import { requestInDialog } from '../sipjs/dialog-request.ts';
import { type DialogDelegate, refreshTarget } from '../sipjs/dialog-update.ts';
import type { Agreement } from './agreement.ts';
import {
  type CallContext,
  type CallDialog,
  endSession,
  type Hold,
  hostOf,
  identifiersOf,
  type SipCall,
} from './call.ts';
import { assertedParty, completedElsewhere, mediaReason } from './call-outcome.ts';
import { InfoDigits, takeInfo } from './info-digits.ts';
import { OurOffers } from './our-offers.ts';
import { TheirOffers } from './their-offers.ts';

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

/** A call with a confirmed dialog, until the BYE of either side. */
export class AnsweredCall implements SipCall {
  private readonly agreement: Agreement;
  private heldByRemote = false;
  private readonly refresh: SessionRefresh;
  private readonly digits: InfoDigits;
  private readonly ourOffers: OurOffers;
  private readonly theirOffers: TheirOffers;

  constructor(private readonly options: AnsweredCallOptions) {
    const { id, session, context, hold, ours, theirs } = options;
    this.agreement = {
      holding: hold,
      ours,
      theirs,
      target: session.remoteTarget,
      answering: false,
      over: false,
    };
    this.digits = new InfoDigits(session, context.log);
    this.refresh = new SessionRefresh({
      interval: context.sessionTimer,
      session,
      said: () => headersOfCalls(context.identity),
      reinvite: () => this.ourOffers.refresh(),
      located: (answer) => this.located(answer),
      lost: () => this.lost(),
    });
    const exchange = {
      id,
      session,
      context,
      refresh: this.refresh,
      agreement: this.agreement,
      located: (message: IncomingRequestMessage | IncomingResponseMessage) => this.located(message),
      remoteHold: (on: boolean) => this.remoteHold(on),
      lost: () => this.lost(),
    };
    this.ourOffers = new OurOffers(exchange, options.ownsCallId);
    this.theirOffers = new TheirOffers(exchange, options.awaitsAnswer, (error) => this.fail(error));
    session.delegate = this.delegate();
    context.named(id, session);
    this.openTimer();
  }

  private delegate(): DialogDelegate {
    const { id, session, context } = this.options;
    return {
      onAck: ({ message }) => this.theirOffers.acknowledged(message),
      // Our 2xx was never acknowledged (RFC 3261, 13.3.1.4): the far end is not there.
      onAckTimeout: () => this.lost(true),
      onBye: (request) => {
        request.accept();
        this.saidGoodbye(request.message);
      },
      onInvite: (request) => void this.theirOffers.invite(request),
      onInfo: takeInfo,
      onUpdate: (request) => void this.theirOffers.update(request),
      onRefer: (request) => context.referrals.receive(id, session, request),
      onNotify: (request) => context.referrals.notified(id, request),
      onMessage: (request) => request.reject({ statusCode: 405 }),
    };
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
    return { agreed: this.agreement.holding, wanted: this.ourOffers.wanted };
  }

  accept(): void {}

  decline(): void {
    this.hangUp();
  }

  hangUp(): void {
    if (this.agreement.over) return;
    endSession(this.options.session, this.options.context.log);
    this.end(null);
  }

  letGo(): void {
    if (this.agreement.over) return;
    this.close();
    const headers = [`Reason: ${elsewhere}`];
    endSession(this.options.session, this.options.context.log, { headers });
  }

  setHold(on: boolean): void {
    this.ourOffers.setHold(on);
  }

  renew(): void {
    this.ourOffers.renew();
  }

  /** By OPTIONS, which changes nothing; a far end that does not answer that may still take a re-INVITE (RFC 3261, 12.2.1.2). */
  askWhetherThere(): void {
    const { session, context } = this.options;
    if (this.agreement.over) return;
    const headers = headersOfCalls(context.identity);
    const onReject = ({ message }: { message: IncomingResponseMessage }): void => {
      if (this.agreement.over) return;
      if (message.statusCode === 481) this.lost();
      else if (message.statusCode === 408) this.ourOffers.refresh();
    };
    requestInDialog(session, { method: 'OPTIONS', headers }, { onReject });
  }

  sendDigits(tones: string): void {
    this.digits.send(tones);
  }

  private located(message: IncomingRequestMessage | IncomingResponseMessage): void {
    const { id, session, context } = this.options;
    refreshTarget(session, message);
    this.agreement.target = session.remoteTarget;
    context.named(id, session);
    const remote = assertedParty((name) => message.getHeader(name));
    const { userId, registeredUser } = context.identity;
    // Some PBXs name whom they send to (`party=called`): us.
    if (!remote || [userId, registeredUser].includes(remote.number)) return;
    context.tell({ type: 'identified', call: id, remote });
  }

  /** Tells when the far end's hold has changed. */
  remoteHold(on: boolean): void {
    if (on === this.heldByRemote || this.agreement.over) return;
    this.heldByRemote = on;
    this.options.context.tell({ type: 'remote-hold', call: this.options.id, on });
  }

  /** Who took over the call that we hold is its far end's affair; that somebody did shows here (RFC 3326). */
  private saidGoodbye(bye: IncomingRequestMessage): void {
    const takenOver = this.agreement.holding && completedElsewhere(bye.getHeaders('Reason'));
    if (takenOver && !this.agreement.over) {
      this.options.context.tell({ type: 'taken-over', call: this.options.id, by: null });
    }
    this.end(null);
  }

  private fail(error: unknown): void {
    endSession(this.options.session, this.options.context.log);
    this.end(mediaReason(error));
  }

  private lost(ackGivenUp = false): void {
    if (this.agreement.over) return;
    endSession(this.options.session, this.options.context.log, { ackGivenUp });
    this.end(reason('call-lost'));
  }

  private end(why: Reason | null): void {
    if (this.agreement.over) return;
    this.close();
    this.options.ended(why);
  }

  private close(): void {
    this.agreement.over = true;
    this.refresh.stop();
    this.digits.stop();
    this.ourOffers.stop();
    this.theirOffers.stop();
  }
}

/** What the far end's station shows as taken over by a colleague, not as hung up. */
const elsewhere = 'SIP;cause=200;text="Call completed elsewhere"';
