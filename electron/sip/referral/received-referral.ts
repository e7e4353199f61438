import type { IncomingReferRequest, Session } from 'sip.js/lib/core/index.js';
import type { SipEvent } from '../../phone/events.ts';
import type { CallContext } from '../calls/call.ts';
import { readNameAddr } from '../message/message-fields.ts';
import { contactUri } from '../pbx/identity.ts';
import type { InviteShape } from '../shared-line/dialect.ts';
import type { ReferTo } from './refer-to.ts';

/** For so long the referrer hears of what we do, in seconds: longer than anything rings. */
const subscribed = 300;

/**
 * A far end's REFER that we follow (RFC 3515, 2.4): 202, then NOTIFYs of how the call there gets on, one after the other,
 * the last one with its outcome. One that wants no NOTIFYs gets none (RFC 4488).
 */
export class ReceivedReferral {
  private readonly until = Date.now() + subscribed * 1000;
  private readonly silent: boolean;
  private readonly event: string;
  /** What is to be told when the NOTIFY before is answered. */
  private waiting: { readonly line: string; readonly isLast: boolean } | null = null;
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

  accept(): void {
    const subscription = this.silent ? ['Refer-Sub: false'] : [];
    this.request.accept({ statusCode: 202, extraHeaders: [this.contact, ...subscription] });
    this.tell('100 Trying');
  }

  refuse(): void {
    this.request.reject({ statusCode: 603 });
    this.over = true;
  }

  /** What becomes of the call that follows it. */
  heard(event: SipEvent): void {
    if (event.type === 'progress') this.tell('180 Ringing');
    else if (event.type === 'answered') this.tell('200 OK', true);
    else if (event.type === 'ended') this.tell(this.refusedWith ?? outcomeOf(event), true);
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

  private tell(line: string, isLast = false): void {
    if (this.over) return;
    this.over = isLast;
    if (this.silent) return;
    this.waiting = { line, isLast };
    if (!this.telling) this.notify();
  }

  private notify(): void {
    this.telling = false;
    if (!this.waiting) return;
    const { line, isLast } = this.waiting;
    this.waiting = null;
    const left = Math.max(1, Math.round((this.until - Date.now()) / 1000));
    const state = isLast ? 'terminated;reason=noresource' : `active;expires=${left}`;
    const next = (): void => this.notify();
    try {
      this.session.notify(
        { onAccept: next, onRedirect: next, onReject: next },
        {
          extraHeaders: [this.contact, this.event, `Subscription-State: ${state}`],
          body: {
            contentDisposition: 'render',
            contentType: 'message/sipfrag;version=2.0',
            content: `SIP/2.0 ${line}\r\n`,
          },
        },
      );
      this.telling = true;
    } catch (error) {
      this.context.log.debug({ call: this.call, error }, 'NOTIFY of a referral not sent');
    }
  }
}

const outcomeOf = ({ reason }: Extract<SipEvent, { type: 'ended' }>): string =>
  reason === null ? '487 Request Terminated' : '503 Service Unavailable';
