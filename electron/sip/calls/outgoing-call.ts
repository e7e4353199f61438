import type {
  AckableIncomingResponseWithSession,
  IncomingResponse,
  OutgoingInviteRequest,
  PrackableIncomingResponseWithSession,
  Session,
} from 'sip.js/lib/core/index.js';
import { URI } from 'sip.js/lib/core/index.js';
import { Grammar } from 'sip.js/lib/grammar/index.js';
import { type Reason, reason } from '../../contract/reasons.ts';
import { escapeUser } from '../message/message-fields.ts';
import { allow, contactUri, type Identity } from '../pbx/identity.ts';
import { createCallId } from '../random.ts';
import type { InviteShape } from '../shared-line/dialect.ts';
import { bracketed, type SipJs } from '../sipjs/sipjs.ts';
import { AnsweredCall } from './answered-call.ts';
import {
  type CallContext,
  type CallDialog,
  endSession,
  type Hold,
  hostOf,
  identifiersOf,
  notHeld,
  type SipCall,
  sdpOf,
  sessionBody,
} from './call.ts';
import { assertedParty, mediaReason } from './call-outcome.ts';

/**
 * A call that we make.
 *
 * ```
 * offering --INVITE--> calling --18x--> ringing --2xx--> answered --BYE--> over
 *     \                    \               \---3xx-6xx, hang-up (CANCEL)----^
 *      \--hang-up           \--timeout, refusal, hang-up--------------------^
 * ```
 */
export class OutgoingCall implements SipCall {
  private request: OutgoingInviteRequest | null = null;
  private answered: AnsweredCall | null = null;
  private peerHost: string | null = null;
  private over = false;
  private earlyAnswer: string | null = null;
  /** Branch of the INVITE that a CANCEL has been sent for. */
  private cancelled: string | null = null;
  private told: 'nothing' | 'ringing' | 'media' = 'nothing';
  /** By To tag: one for each branch of a fork that rings. */
  private readonly early = new Map<string, Session>();

  constructor(
    readonly id: string,
    private readonly sipjs: SipJs,
    private readonly context: CallContext,
    private readonly refusal: (status: number, phrase: string) => Reason,
  ) {}

  get peer(): string | null {
    return this.peerHost;
  }

  get dialogs(): readonly CallDialog[] {
    if (this.answered) return this.answered.dialogs;
    return [...this.early.values()].map((session) => ({
      identifiers: identifiersOf(session),
      state: 'calling',
    }));
  }

  get hold(): Hold {
    return this.answered?.hold ?? notHeld;
  }

  get session(): Session | null {
    return this.answered?.session ?? null;
  }

  async start(shape: InviteShape): Promise<void> {
    const { negotiator, identity, log } = this.context;
    try {
      const offer = await negotiator.offer(this.id, { localAddress: identity.local.address, hold: false });
      if (!this.over) this.invite(shape, offer);
    } catch (error) {
      log.error({ call: this.id, error }, 'call not started');
      this.end(mediaReason(error));
    }
  }

  accept(): void {}

  decline(): void {
    this.hangUp();
  }

  setHold(on: boolean): void {
    if (this.answered) this.answered.setHold(on);
    else this.context.tell({ type: 'hold-failed', call: this.id });
  }

  /** An answer to an INVITE from our old address cannot find us any more. */
  renew(moved: boolean): void {
    if (this.answered) this.answered.renew();
    else if (moved && this.request) {
      this.cancel();
      this.end(reason('call-lost'));
    }
  }

  /** The user need not wait for the 487: CANCEL finds its way while the call is over here. */
  hangUp(): void {
    if (this.answered) {
      this.answered.hangUp();
      return;
    }
    this.cancel();
    this.end(null);
  }

  letGo(): void {
    this.over = true;
    if (this.answered) this.answered.letGo();
    else this.cancel();
  }

  private invite({ to, from: caller, headers }: InviteShape, offer: string): void {
    const { identity, random } = this.context;
    const target = 'user' in to ? userAtPbx(to.user, identity) : Grammar.URIParse(to.uri);
    if (!target) {
      this.end(this.refusal(416, 'Unsupported URI Scheme'));
      return;
    }
    const from = userAtPbx(caller?.user ?? identity.userId, identity);
    const message = this.sipjs.core.makeOutgoingRequestMessage(
      'INVITE',
      target,
      from,
      target,
      {
        callId: createCallId(random, identity.local.address),
        fromTag: `${random.token()}${identity.tagSuffix}`,
      },
      [`Contact: <${contactUri(identity)}>`, `Allow: ${allow}`, ...headers],
      sessionBody(offer),
    );
    this.request = this.sipjs.core.invite(message, {
      onTrying: () => this.cancelIfOver(),
      onProgress: (response) => void this.progressed(response),
      onAccept: (response) => void this.accepted(response),
      onRedirect: (response) => this.refused(response),
      onReject: (response) => this.refused(response),
    });
  }

  private async progressed({ message, session }: PrackableIncomingResponseWithSession): Promise<void> {
    this.cancelIfOver();
    if (this.over) return;
    this.peerHost = hostOf(session.remoteTarget.toString());
    this.early.set(session.remoteTag, session);
    if (session.remoteTag !== '' && !this.answered) this.context.named(this.id, session);
    session.delegate = {
      onInfo: (request) => request.accept(),
      onBye: (request) => {
        request.accept();
        this.end(null);
      },
    };
    const sdp = sdpOf(message);
    if (sdp !== null && sdp !== this.earlyAnswer) {
      this.earlyAnswer = sdp;
      try {
        await this.context.negotiator.takeAnswer(this.id, sdp);
      } catch (error) {
        // Early media is a courtesy; the real answer may still be usable.
        this.context.log.info({ call: this.id, error }, 'early media cannot be used');
        this.earlyAnswer = null;
      }
    }
    this.tellProgress(this.earlyAnswer !== null);
  }

  private tellProgress(media: boolean): void {
    const now = media ? 'media' : 'ringing';
    if (this.over || this.answered || this.told === now) return;
    this.told = now;
    this.context.tell({ type: 'progress', call: this.id, media });
  }

  private async accepted({ message, session, ack }: AckableIncomingResponseWithSession): Promise<void> {
    ack();
    if (this.over || this.answered) {
      // We had given up, or another branch of a fork was faster (RFC 3261, 13.2.2.4).
      endSession(session, this.context.log);
      return;
    }
    this.peerHost = hostOf(session.remoteTarget.toString());
    const sdp = sdpOf(message) ?? this.earlyAnswer;
    const answered = new AnsweredCall({
      id: this.id,
      session,
      context: this.context,
      awaitsAnswer: false,
      ownsCallId: true,
      hold: false,
      ended: (why) => this.end(why),
    });
    this.answered = answered;
    try {
      if (sdp === null) throw new Error('the call was answered without SDP');
      const { heldByRemote } = await this.context.negotiator.takeAnswer(this.id, sdp);
      if (this.over) return;
      const remote = assertedParty((name) => message.getHeader(name));
      this.context.tell({ type: 'answered', call: this.id, remote });
      answered.remoteHold(heldByRemote);
    } catch (error) {
      if (this.over) return;
      this.context.log.warn({ call: this.id, error }, 'the answer cannot be used');
      endSession(session, this.context.log);
      this.end(mediaReason(error));
    }
  }

  private refused({ message }: IncomingResponse): void {
    const status = message.statusCode ?? 500;
    // A 408 that nobody sent is sip.js's timer B: not one response came back.
    const silent = status === 408 && !message.hasHeader('via');
    this.end(silent ? reason('pbx-silent') : this.refusal(status, message.reasonPhrase ?? ''));
  }

  /** A CANCEL asked for during a challenge waits on the challenged transaction; the new one must be cancelled too. */
  private cancelIfOver(): void {
    if (this.over && this.request && this.cancelled !== this.request.message.branch) this.cancel();
  }

  private cancel(): void {
    if (!this.request) return;
    this.cancelled = this.request.message.branch ?? null;
    this.sipjs.cancel(this.request);
  }

  private end(why: Reason | null): void {
    if (this.over) return;
    this.over = true;
    this.context.forget(this.id);
    this.context.tell({ type: 'ended', call: this.id, reason: why });
  }
}

const userAtPbx = (user: string, { pbx }: Identity): URI =>
  new URI('sip', escapeUser(user), bracketed(pbx.host), pbx.port ?? undefined);
