import type { IncomingRequestMessage, Session } from 'sip.js/lib/core/index.js';
import type { CallContext } from '../calls/call.ts';
import { readValue } from '../message/message-fields.ts';
import { contactUri, fromHeader } from '../pbx/identity.ts';
import { requestInDialog } from '../sipjs/dialog-request.ts';
import { type Referral, type ReferralEvent, readReferralNotice, referralAfter } from './referral.ts';

/** A REFER of ours in a call's dialog, and the implicit subscription that comes with it (referral.ts decides). */
export class SentReferral {
  private state: Referral = { phase: 'asked' };
  /** The sequence number that it went out with first; a challenge makes it go out with another one. */
  private first = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly call: string,
    private readonly session: Session,
    private readonly context: CallContext,
  ) {}

  get isOver(): boolean {
    return this.state.phase === 'over';
  }

  send(referTo: string): void {
    const { identity, log } = this.context;
    const answered = ({ message }: { message: { statusCode?: number; reasonPhrase?: string } }): void =>
      this.take({ type: 'answered', status: message.statusCode ?? 500, phrase: message.reasonPhrase ?? '' });
    const headers = [
      `Contact: <${contactUri(identity)}>`,
      `Refer-To: ${referTo}`,
      `Referred-By: ${fromHeader(identity)}`,
    ];
    try {
      const { message } = requestInDialog(
        this.session,
        { method: 'REFER', headers },
        { onAccept: answered, onRedirect: answered, onReject: answered },
      );
      this.first = message.cseq;
    } catch (error) {
      log.info({ call: this.call, error }, 'REFER not sent');
      this.take({ type: 'answered', status: 481, phrase: 'Call Does Not Exist' });
    }
  }

  notified(message: IncomingRequestMessage): void {
    const id = Number(readValue(message.getHeader('Event') ?? '').params.get('id') ?? this.first);
    // Of an earlier REFER in this dialog (RFC 3515, 2.4.6).
    if (id < this.first) return;
    const notice = readReferralNotice(message.getHeader('Subscription-State') ?? '', message.body ?? '');
    this.take({ type: 'notified', ...notice });
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.state = { phase: 'over' };
  }

  private take(event: ReferralEvent): void {
    const { state, news } = referralAfter(this.state, event, Date.now());
    this.state = state;
    if (this.timer) clearTimeout(this.timer);
    this.timer =
      state.phase === 'accepted'
        ? setTimeout(() => this.take({ type: 'waited' }), Math.max(0, state.until - Date.now()))
        : null;
    for (const each of news) this.context.tell({ ...each, call: this.call });
  }
}
