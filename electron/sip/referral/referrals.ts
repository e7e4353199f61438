import type { IncomingNotifyRequest, IncomingReferRequest, Session } from 'sip.js/lib/core/index.js';
import { reason } from '../../contract/reasons.ts';
import type { CallContext, InDialogReferrals } from '../calls/call.ts';
import { ReceivedReferral } from './received-referral.ts';
import { readReferTo } from './refer-to.ts';
import { SentReferral } from './sent-referral.ts';

/** The REFERs in the dialogs of one extension's calls, in both directions; each call has one of a kind at a time. */
export class Referrals implements InDialogReferrals {
  private readonly sent = new Map<string, SentReferral>();
  private readonly received = new Map<string, ReceivedReferral>();

  /** `isCall`: a far end may refer us away from this leg. */
  constructor(
    private readonly context: () => CallContext,
    private readonly isCall: (id: string) => boolean,
  ) {}

  /** Sends the far end of a call to what `referTo` says; null: there is no such place. */
  send(call: string, session: Session | null, referTo: string | null): void {
    const context = this.context();
    if (!session || referTo === null) {
      context.tell({ type: 'transfer-failed', call, reason: reason('transfer-gone') });
      return;
    }
    this.sent.get(call)?.close();
    const referral = new SentReferral(call, session, context);
    this.sent.set(call, referral);
    referral.send(referTo);
  }

  /** A NOTIFY in the dialog of a call. */
  notified(call: string, request: IncomingNotifyRequest): void {
    const isOurs = /^refer\b/i.test(request.message.getHeader('Event') ?? '');
    request.accept();
    if (isOurs) this.sent.get(call)?.notified(request.message);
  }

  /** A far end sends us elsewhere: the core decides, and answers with `follow`, `consider-referral` or `refuse-referral`. */
  receive(call: string, session: Session, request: IncomingReferRequest): void {
    const { random, tell } = this.context();
    const read = readReferTo(request.message.getHeaders('Refer-To'));
    if (!read.ok || !this.isCall(call)) {
      request.reject({ statusCode: read.ok ? 603 : read.statusCode });
      return;
    }
    if ([...this.received.values()].some((each) => each.call === call && !each.isOver)) {
      request.reject({ statusCode: 491 });
      return;
    }
    this.forgetReceived(call);
    const referral = random.token();
    const { to } = read;
    this.received.set(referral, new ReceivedReferral(call, request, session, to, this.context()));
    tell({ type: 'referred', call, referral, target: to.party, replaces: to.headers.length > 0 });
  }

  get(referral: string): ReceivedReferral | undefined {
    return this.received.get(referral);
  }

  /** The call is over. */
  forget(call: string): void {
    this.sent.get(call)?.close();
    this.sent.delete(call);
    this.forgetReceived(call);
  }

  private forgetReceived(call: string): void {
    for (const [referral, received] of this.received) {
      if (received.call !== call) continue;
      received.close();
      this.received.delete(referral);
    }
  }
}
