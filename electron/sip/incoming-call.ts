import type { IncomingInviteRequest, IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import { type Reason, reason } from '../contract/reasons.ts';
import { AnsweredCall } from './answered-call.ts';
import { type CallContext, type SipCall, sdpOf, sessionBody } from './call.ts';
import { callerOf, cancelReason, mediaReason } from './call-outcome.ts';
import { readSipUri } from './message-fields.ts';

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
  private readonly ringing: NodeJS.Timeout;

  constructor(
    readonly id: string,
    private readonly request: IncomingInviteRequest,
    private readonly extension: number,
    private readonly context: CallContext,
  ) {
    request.delegate = { onCancel: (message) => this.cancelled(message) };
    const expires = Number(request.message.getHeader('Expires') ?? Number.NaN) * 1000;
    const limit = expires > 0 ? Math.min(expires, longestRing) : longestRing;
    this.ringing = setTimeout(() => this.refuse(480, reason('no-answer')), limit);
  }

  get peer(): string | null {
    const contact = this.request.message.parseHeader('Contact');
    return readSipUri(String(contact?.uri ?? ''))?.host ?? null;
  }

  /** Sends 180 and tells. */
  ring(): void {
    const { message } = this.request;
    const { session } = this.request.progress({ statusCode: 180 });
    session.delegate = {
      onBye: (bye) => {
        bye.accept();
        this.refuse(487, null);
      },
    };
    const remote = callerOf((name) =>
      name === 'From' ? headerOf(message, 'From') : message.getHeader(name),
    );
    const { negotiator, identity } = this.context;
    void negotiator.prepare(this.id, { localAddress: identity.local.address });
    this.context.tell({ type: 'incoming', call: this.id, extension: this.extension, remote });
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

  /** While it rings there is nothing to mend: our answer will name the new address. */
  renew(): void {
    this.answered?.renew();
  }

  private async answer(): Promise<void> {
    const { negotiator, identity, log } = this.context;
    const localAddress = identity.local.address;
    try {
      const offer = sdpOf(this.request.message);
      const ours =
        offer === null
          ? { sdp: await negotiator.offer(this.id, { localAddress, hold: false }), heldByRemote: false }
          : await negotiator.answer(this.id, offer, { localAddress, hold: false });
      if (this.over) return;
      const { session } = this.request.accept({ statusCode: 200, body: sessionBody(ours.sdp) });
      this.answered = new AnsweredCall({
        id: this.id,
        session,
        context: this.context,
        awaitsAnswer: offer === null,
        ownsCallId: false,
        ended: (why) => this.end(why),
      });
      this.context.tell({ type: 'answered', call: this.id, remote: null });
      if (ours.heldByRemote) this.answered.remoteHold(true);
    } catch (error) {
      log.warn({ call: this.id, error }, 'call cannot be answered');
      this.refuse(488, mediaReason(error));
    }
  }

  private cancelled(message: IncomingRequestMessage): void {
    this.refuse(487, cancelReason(message.getHeaders('Reason')));
  }

  private refuse(statusCode: number, why: Reason | null): void {
    if (this.over) return;
    try {
      this.request.reject({ statusCode });
    } catch (error) {
      this.context.log.debug({ call: this.id, error }, 'call was already answered');
    }
    this.end(why);
  }

  private end(why: Reason | null): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.ringing);
    this.context.forget(this.id);
    this.context.tell({ type: 'ended', call: this.id, reason: why });
  }
}

/** sip.js keeps From and To apart from the other headers. */
const headerOf = (message: IncomingRequestMessage, name: string): string | undefined =>
  message.headers[name]?.[0]?.raw;
