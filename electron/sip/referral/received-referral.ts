import type { IncomingReferRequest, Session } from 'sip.js/lib/core/index.js';
import type { SipEvent } from '../../phone/events.ts';
import type { CallContext } from '../calls/call.ts';
import { readNameAddr } from '../message/message-fields.ts';
import { contactUri } from '../pbx/identity.ts';
import type { InviteShape } from '../shared-line/dialect.ts';
import { requestInDialog } from '../sipjs/dialog-request.ts';
import type { ReferTo } from './refer-to.ts';

/** For so long the referrer hears of what we do, in seconds: longer than anything rings. */
const subscribed = 300;

/**
 * A far end's REFER that we may follow (RFC 3515, 2.4): 202, then NOTIFYs of how the call there gets on, one after the
 * other, the last one with its outcome. While our user is asked, the subscription is pending (2.4.7), for no answer to a
 * REFER may wait for a person. One that wants no NOTIFYs gets none (RFC 4488).
 */
export class ReceivedReferral {
  private readonly until = Date.now() + subscribed * 1000;
  private readonly silent: boolean;
  private readonly event: string;
  private accepted = false;
  /** What is to be told when the NOTIFY before is answered. */
  private waiting: News | null = null;
  private telling = false;
  private over = false;
  private refusedWith: string | null = null;

  constructor(
    readonly call: string,
    private readonly request: IncomingReferRequest,
    private readonly session: Session,
    private readonly to: ReferTo,
    private readonly context: CallContext,
  ) {
    const { message } = request;
    this.silent = /^\s*false\b/i.test(message.getHeader('Refer-Sub') ?? '');
    this.event = `Event: refer;id=${message.cseq}`;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** The INVITE that follows it; who refers is named there (RFC 3892, 2.1). */
  shape(headers: readonly string[]): InviteShape {
    const by = this.request.message.getHeader('Referred-By');
    const named = by !== undefined && readNameAddr(by) ? [`Referred-By: ${by}`] : [];
    return { to: { uri: this.to.uri }, headers: [...headers, ...this.to.headers, ...named] };
  }

  /** Our user is asked. */
  consider(): void {
    this.accept();
    this.tell({ line: '100 Trying', state: 'pending' });
  }

  /** We call there. */
  follow(): void {
    this.accept();
    this.tell({ line: '100 Trying', state: 'active' });
  }

  refuse(statusCode: number): void {
    if (this.accepted) this.tell({ line: '603 Declined', state: 'rejected' });
    else this.request.reject({ statusCode });
    this.over = true;
  }

  private accept(): void {
    if (this.accepted) return;
    this.accepted = true;
    const subscription = this.silent ? ['Refer-Sub: false'] : [];
    this.request.accept({ statusCode: 202, extraHeaders: [this.contact, ...subscription] });
  }

  /** What becomes of the call that follows it. */
  heard(event: SipEvent): void {
    if (event.type === 'progress') this.tell({ line: '180 Ringing', state: 'active' });
    else if (event.type === 'answered') this.tell({ line: '200 OK', state: 'noresource' });
    else if (event.type === 'ended') {
      this.tell({ line: this.refusedWith ?? outcomeOf(event), state: 'noresource' });
    }
  }

  /** The final answer to its INVITE; `ended` follows. */
  refused(status: number, phrase: string): void {
    this.refusedWith = `${status} ${phrase}`;
  }

  /** The dialog it came in is over: nobody can be told. */
  close(): void {
    this.over = true;
    this.waiting = null;
  }

  private get contact(): string {
    return `Contact: <${contactUri(this.context.identity)}>`;
  }

  private tell(news: News): void {
    if (this.over) return;
    this.over = !goesOn(news);
    if (this.silent) return;
    this.waiting = news;
    if (!this.telling) this.notify();
  }

  private notify(): void {
    this.telling = false;
    if (!this.waiting) return;
    const news = this.waiting;
    this.waiting = null;
    const left = Math.max(1, Math.round((this.until - Date.now()) / 1000));
    const state = goesOn(news) ? `${news.state};expires=${left}` : `terminated;reason=${news.state}`;
    const next = (): void => this.notify();
    try {
      requestInDialog(
        this.session,
        {
          method: 'NOTIFY',
          headers: [this.contact, this.event, `Subscription-State: ${state}`],
          body: {
            contentDisposition: 'render',
            contentType: 'message/sipfrag;version=2.0',
            content: `SIP/2.0 ${news.line}\r\n`,
          },
        },
        { onAccept: next, onRedirect: next, onReject: next },
      );
      this.telling = true;
    } catch (error) {
      this.context.log.debug({ call: this.call, error }, 'NOTIFY of a referral not sent');
    }
  }
}

/** The status line that a NOTIFY brings, and how the subscription goes on, or why it ends with it. */
interface News {
  readonly line: string;
  readonly state: 'pending' | 'active' | 'noresource' | 'rejected';
}

const goesOn = ({ state }: News): boolean => state === 'pending' || state === 'active';

const outcomeOf = ({ reason }: Extract<SipEvent, { type: 'ended' }>): string =>
  reason === null ? '487 Request Terminated' : '503 Service Unavailable';
