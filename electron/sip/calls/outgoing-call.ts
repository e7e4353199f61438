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
import { headersOfCalls, type Identity } from '../pbx/identity.ts';
import { createCallId } from '../random.ts';
import { askForTimer, mostTooBrief, readMinimum, type TimerWish } from '../session-timer/session-expires.ts';
import type { InviteShape } from '../shared-line/dialect.ts';
import { refreshTarget } from '../sipjs/dialog-update.ts';
import { bracketed, credentialsOf, type SipJs } from '../sipjs/sipjs.ts';
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
import { CallRedirection } from './call-redirection.ts';
import { EarlyBranch } from './early-branch.ts';

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
  private attempt: Attempt | null = null;
  private redirection: CallRedirection | null = null;
  private timer: TimerWish;
  /** So many intervals were too small so far. */
  private tooBrief = 0;
  /** The branch whose early media the user hears, and what the two sides have said of it. */
  private heard: { readonly tag: string; readonly theirs: string; readonly ours: string } | null = null;
  /** Branch of the INVITE that a CANCEL has been sent for. */
  private cancelled: string | null = null;
  private told: 'nothing' | 'ringing' | 'media' = 'nothing';
  /** By To tag: one for each branch of a fork that rings. */
  private readonly early = new Map<string, EarlyBranch>();

  constructor(
    readonly id: string,
    private readonly sipjs: SipJs,
    private readonly context: CallContext,
    private readonly refusal: (status: number, phrase: string) => Reason,
  ) {
    this.timer = { interval: context.sessionTimer, minimum: 0 };
  }

  get peer(): string | null {
    return this.peerHost;
  }

  get dialogs(): readonly CallDialog[] {
    if (this.answered) return this.answered.dialogs;
    return [...this.early.values()].map(({ session }) => ({
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

  askWhetherThere(): void {
    this.answered?.askWhetherThere();
  }

  sendDigits(tones: string): void {
    this.answered?.sendDigits(tones);
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
    this.redirection = new CallRedirection(target, identity.transport ?? 'udp');
    this.attempt = {
      to: target,
      from: userAtPbx(caller?.user ?? identity.userId, identity),
      callId: createCallId(random, identity.local.address),
      fromTag: `${random.token()}${identity.tagSuffix}`,
      headers,
      offer,
    };
    this.send(this.attempt, target);
  }

  /** Also once more, elsewhere or with another timer: in the same call (RFC 3261, 8.1.3.4; RFC 4028, 7.3). */
  private send({ to, from, callId, fromTag, headers, offer }: Attempt, target: URI): void {
    const { identity } = this.context;
    const before = this.request?.message.cseq;
    const message = this.sipjs.core.makeOutgoingRequestMessage(
      'INVITE',
      target,
      from,
      to,
      { callId, fromTag, ...(before !== undefined && { cseq: before + 1 }) },
      [...headersOfCalls(identity), ...askForTimer(this.timer, null), ...headers],
      sessionBody(offer),
    );
    for (const branch of this.early.values()) branch.leave();
    this.early.clear();
    this.heard = null;
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
    const known = this.early.get(session.remoteTag);
    const branch = known ?? this.branchOf(session);
    if (!branch.take(message) || this.over || this.answered) return;
    if (message.statusCode === 199) {
      await this.leftBy(branch);
      return;
    }
    this.peerHost = hostOf(session.remoteTarget.toString());
    this.early.set(session.remoteTag, branch);
    if (session.remoteTag !== '') this.context.named(this.id, session);
    await this.hear(branch);
    this.tellProgress(this.heard !== null);
  }

  private branchOf(session: Session): EarlyBranch {
    return new EarlyBranch({
      session,
      context: this.context,
      answer: async (offer) => {
        const { negotiator, identity } = this.context;
        const options = { localAddress: identity.local.address, hold: false };
        const answer = await negotiator.answer(this.id, offer, options);
        this.heard = { tag: session.remoteTag, theirs: offer, ours: answer.sdp };
        return answer;
      },
      ended: () => this.branchEnded(session.remoteTag),
    });
  }

  /** A BYE while it rang; the other branches go on. */
  private branchEnded(tag: string): void {
    if (this.over || this.answered) return;
    const branch = this.early.get(tag);
    if (branch && this.early.size > 1) void this.leftBy(branch);
    else this.hangUp();
  }

  /** Only one branch of a fork can be heard: the first that has something to say, until one answers. */
  private async hear({ session, sdp }: EarlyBranch): Promise<void> {
    const isAnothers = this.heard !== null && this.heard.tag !== session.remoteTag;
    if (sdp === null || isAnothers || this.heard?.theirs === sdp) return;
    const heard = { tag: session.remoteTag, theirs: sdp, ours: this.attempt?.offer ?? '' };
    this.heard = heard;
    try {
      await this.context.negotiator.takeAnswer(this.id, sdp);
    } catch (error) {
      // Early media is a courtesy; the real answer may still be usable.
      this.context.log.info({ call: this.id, error }, 'early media cannot be used');
      if (this.heard === heard) this.heard = null;
    }
  }

  /** RFC 6228: a branch has come to nothing, while others still ring. */
  private async leftBy(branch: EarlyBranch): Promise<void> {
    const tag = branch.session.remoteTag;
    branch.leave();
    this.early.delete(tag);
    if (this.heard?.tag !== tag) return;
    this.heard = null;
    for (const other of this.early.values()) await this.hear(other);
  }

  private tellProgress(media: boolean): void {
    const now = media ? 'media' : 'ringing';
    if (this.over || this.answered || this.told === now) return;
    this.told = now;
    this.context.tell({ type: 'progress', call: this.id, media });
  }

  private async accepted({ message, session, ack }: AckableIncomingResponseWithSession): Promise<void> {
    refreshTarget(session, message);
    ack({ extraHeaders: this.request ? credentialsOf(this.request.message) : [] });
    if (this.over || this.answered) {
      // We had given up, or another branch of a fork was faster (RFC 3261, 13.2.2.4).
      endSession(session, this.context.log);
      return;
    }
    this.peerHost = hostOf(session.remoteTarget.toString());
    const branch = this.early.get(session.remoteTag);
    for (const each of this.early.values()) each.leave();
    // An UPDATE has settled everything already; what the 2xx repeats is the past.
    const updated = this.heard?.tag === session.remoteTag ? (branch?.updated ?? null) : null;
    const sdp = (updated ? null : sdpOf(message)) ?? branch?.sdp ?? null;
    const answered = new AnsweredCall({
      id: this.id,
      session,
      context: this.context,
      awaitsAnswer: false,
      ownsCallId: true,
      hold: false,
      opening: message,
      ours: this.oursFor(branch),
      theirs: sdp,
      ended: (why) => this.end(why),
    });
    this.answered = answered;
    try {
      if (sdp === null) throw new Error('the call was answered without SDP');
      const { heldByRemote } = updated ?? (await this.context.negotiator.takeAnswer(this.id, sdp));
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

  /** What a branch knows of our side: its UPDATE may have changed that. */
  private oursFor(branch: EarlyBranch | undefined): string {
    const isHeard = branch !== undefined && this.heard?.tag === branch.session.remoteTag;
    return (isHeard ? this.heard?.ours : undefined) ?? this.attempt?.offer ?? '';
  }

  private refused({ message }: IncomingResponse): void {
    const status = message.statusCode ?? 500;
    if (this.goesOn(message, status)) return;
    // A 408 that nobody sent is sip.js's timer B: not one response came back.
    const silent = status === 408 && !message.hasHeader('via');
    this.end(silent ? reason('pbx-silent') : this.refusal(status, message.reasonPhrase ?? ''));
  }

  /** Tries once more, where there is something left to try. */
  private goesOn(message: IncomingResponse['message'], status: number): boolean {
    const { attempt, redirection } = this;
    if (this.over || !attempt || !redirection || status >= 600) return false;
    const minimum = status === 422 ? readMinimum(message) : null;
    if (minimum !== null && minimum > this.timer.minimum && this.tooBrief < mostTooBrief) {
      this.tooBrief += 1;
      this.timer = { interval: Math.max(this.timer.interval, minimum), minimum };
      this.send(attempt, this.request?.message.ruri ?? attempt.to);
      return true;
    }
    if (status < 400) redirection.take(status, message.getHeaders('Contact'));
    const target = redirection.next();
    if (target) this.send(attempt, target);
    return target !== null;
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

/** What all INVITEs of one call have in common. */
interface Attempt {
  readonly to: URI;
  readonly from: URI;
  readonly callId: string;
  readonly fromTag: string;
  readonly headers: readonly string[];
  readonly offer: string;
}

const userAtPbx = (user: string, { pbx }: Identity): URI =>
  new URI('sip', escapeUser(user), bracketed(pbx.host), pbx.port ?? undefined);
