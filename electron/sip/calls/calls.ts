import type { IncomingInviteRequest, Session } from 'sip.js/lib/core/index.js';
import { reason } from '../../contract/reasons.ts';
import type { SipEffect } from '../../phone/effects.ts';
import type { SipEvent } from '../../phone/events.ts';
import type { Negotiator } from '../../phone/negotiation.ts';
import type { Log, SipEventSink } from '../../phone/ports.ts';
import { quote } from '../message/message-fields.ts';
import { type Identity, pbxUri } from '../pbx/identity.ts';
import type { Random } from '../random.ts';
import { referToDialog } from '../referral/refer-to.ts';
import { Referrals } from '../referral/referrals.ts';
import { judgeTimer } from '../session-timer/session-expires.ts';
import type { InviteHeaders, InviteShape } from '../shared-line/dialect.ts';
import type { SipJs } from '../sipjs/sipjs.ts';
import { type CallContext, identifiersOf, notHeld, type SipCall, sdpOf } from './call.ts';
import { type InviteWish, inviteRefusal } from './call-outcome.ts';
import { type DialogReference, invitePurpose } from './dialog-reference.ts';
import { type Guests, joinRefusal } from './guests.ts';
import { IncomingCall } from './incoming-call.ts';
import { inviterOf } from './invite-answer.ts';
import { contentRefusal } from './invite-content.ts';
import { OutgoingCall } from './outgoing-call.ts';
import type { StationDialogs } from './station-dialogs.ts';
import { takeOver, takeOverRefusal } from './take-over.ts';

export type CallEffect = Extract<
  SipEffect,
  {
    readonly type:
      | 'accept'
      | 'decline'
      | 'hang-up'
      | 'ask-whether-there'
      | 'hold'
      | 'resume'
      | 'transfer'
      | 'transfer-to'
      | 'info-digits';
  }
>;

export interface CallsOptions {
  readonly extension: number;
  readonly identity: Identity;
  readonly negotiator: Negotiator;
  readonly sessionTimer: number;
  /** Whether others may join calls of this extension. */
  readonly bargeIn: boolean;
  /** All of the station: an INVITE may name any dialog of it, whatever extension it came to. */
  readonly dialogs: StationDialogs<Calls>;
  /** Of the whole station; null: nobody can join a call. */
  readonly guests: Guests | null;
  readonly line: LineOfCalls;
  readonly tell: SipEventSink;
  readonly random: Random;
  readonly log: Log;
}

/** What calls need to know of their extension's shared line. */
export interface LineOfCalls {
  appearanceOf(invite: InviteHeaders): number | null;
  /** Whether this is the number of one who shares the extension. */
  isSharer(number: string): boolean;
}

/** The calls of one extension. */
export class Calls {
  private readonly calls = new Map<string, SipCall>();
  private readonly context: CallContext;
  /** What has been told of each call's dialog. */
  private readonly names = new Map<string, string>();
  /** Calls that another INVITE is about to take over. */
  private readonly claimed = new Set<string>();
  private readonly referrals = new Referrals(
    () => this.context,
    (id) => this.calls.has(id),
  );

  constructor(private readonly options: CallsOptions) {
    this.context = {
      ...options,
      tell: (event) => this.told(event),
      forget: (id) => this.forget(id),
      named: (id, session) => this.named(id, session),
      referrals: this.referrals,
    };
  }

  get all(): readonly SipCall[] {
    return [...this.calls.values()];
  }

  get size(): number {
    return this.calls.size;
  }

  has(id: string): boolean {
    return this.calls.has(id);
  }

  /** Whether a call's far end sits at this IP address: its in-dialog requests may come straight from there. */
  hasPeer(address: string): boolean {
    return [...this.calls.values()].some(({ peer }) => peer === address);
  }

  invite(id: string, shape: InviteShape, wish: InviteWish, sipjs: SipJs): void {
    const call = new OutgoingCall(id, sipjs, this.context, (status, phrase) =>
      inviteRefusal(wish, status, phrase),
    );
    this.calls.set(id, call);
    void call.start(shape);
  }

  /** Goes where a far end has sent us, which hears how we get on; `headers` are the shared line's. */
  follow(id: string, name: string, headers: readonly string[], sipjs: SipJs): void {
    const referral = this.referrals.get(name);
    if (!referral) {
      this.options.tell({ type: 'ended', call: id, reason: reason('call-lost') });
      return;
    }
    const tell: SipEventSink = (event) => {
      this.context.tell(event);
      referral.heard(event);
    };
    const call = new OutgoingCall(id, sipjs, { ...this.context, tell }, (status, phrase) => {
      referral.refused(status, phrase);
      return inviteRefusal('call', status, phrase);
    });
    this.calls.set(id, call);
    referral.follow();
    void call.start(referral.shape(headers));
  }

  hasReferral(name: string): boolean {
    return this.referrals.get(name) !== undefined;
  }

  considerReferral(name: string): void {
    this.referrals.get(name)?.consider();
  }

  refuseReferral(name: string, status: number): void {
    this.referrals.get(name)?.refuse(status);
  }

  /** sip.js's new INVITE; 100 has not been sent yet. */
  receive(request: IncomingInviteRequest): void {
    // Half of the dialog's name is ours to choose; sip.js's own tag is made of Math.random (RFC 3261, 19.3).
    Reflect.set(request, 'toTag', this.options.random.token());
    request.trying();
    const refusal =
      contentRefusal(request.message) ?? this.timerRefusal(request) ?? this.soundRefusal(request);
    if (refusal) {
      request.reject(refusal);
      return;
    }
    const purpose = invitePurpose((name) => request.message.getHeaders(name));
    switch (purpose.kind) {
      case 'new':
        this.ring(request);
        return;
      case 'replaces':
        this.replace(request, purpose.dialog);
        return;
      case 'join':
        this.join(request, purpose.dialog);
        return;
      case 'malformed':
        request.reject({ statusCode: 400 });
    }
  }

  private timerRefusal({
    message,
  }: IncomingInviteRequest): { statusCode: number; extraHeaders: string[] } | null {
    const verdict = judgeTimer(message, { interval: this.options.sessionTimer, minimum: 0 });
    return verdict.kind === 'too-brief' ? { statusCode: 422, extraHeaders: verdict.headers } : null;
  }

  /** Nobody is to be called to a phone that could not talk. */
  private soundRefusal({
    message,
  }: IncomingInviteRequest): { statusCode: number; extraHeaders: string[] } | null {
    const { negotiator, identity } = this.options;
    const offer = sdpOf(message);
    const options = { localAddress: identity.local.address };
    const problem = offer === null ? null : (negotiator.judge?.(offer, options) ?? null);
    // RFC 3261, 20.43
    return (
      problem && {
        statusCode: 488,
        extraHeaders: [`Warning: 399 ${identity.local.address} ${quote(problem.message)}`],
      }
    );
  }

  private ring(request: IncomingInviteRequest): void {
    const { random, extension, line } = this.options;
    const id = `in-${random.token().slice(0, 8)}`;
    const appearance = line.appearanceOf(request.message);
    const call = new IncomingCall(id, request, { extension, appearance }, this.context);
    this.calls.set(id, call);
    call.ring();
  }

  private replace(request: IncomingInviteRequest, reference: DialogReference): void {
    const found = this.options.dialogs.find(reference);
    const old = found?.call;
    const refusal = takeOverRefusal({
      reference,
      state: found?.dialog.state ?? null,
      hold: old?.hold ?? notHeld,
      fromSharer: found?.owner?.options.line.isSharer(inviterOf(request.message).number) === true,
    });
    const owner = found?.owner;
    if (refusal !== null || !owner || !old || owner.claimed.has(old.id)) {
      request.reject({ statusCode: refusal ?? 481 });
      return;
    }
    owner.claimed.add(old.id);
    void takeOver({
      request,
      old,
      context: this.context,
      isWanted: () => owner.calls.get(old.id) === old,
      put: (call) => {
        const name = this.names.get(old.id);
        owner.retire(old);
        this.calls.set(call.id, call);
        if (name !== undefined) this.names.set(call.id, name);
      },
    }).finally(() => owner.claimed.delete(old.id));
  }

  private join(request: IncomingInviteRequest, reference: DialogReference): void {
    const { dialogs, guests } = this.options;
    const found = dialogs.find(reference);
    const call = found?.call;
    const owner = found?.owner;
    const refusal = joinRefusal({
      state: found?.dialog.state ?? null,
      hold: call?.hold ?? notHeld,
      allowed: owner?.options.bargeIn === true,
      guests: call ? (guests?.of(call.id).length ?? 0) : 0,
    });
    if (refusal !== null || !call || !owner || !guests) {
      request.reject({ statusCode: refusal ?? 488 });
      return;
    }
    const isStanding = (): boolean => owner.calls.has(call.id) && !call.hold.wanted;
    void guests.join(request, call.id, isStanding, this.context);
  }

  private named(id: string, session: Session): void {
    const identifiers = identifiersOf(session);
    const target = session.remoteTarget.toString();
    const name = JSON.stringify([identifiers, target]);
    if (this.names.get(id) === name) return;
    this.names.set(id, name);
    this.options.tell({ type: 'dialog', call: id, identifiers, target });
  }

  private told(event: SipEvent): void {
    if (event.type === 'hold-failed') {
      this.options.guests?.hold(event.call, this.calls.get(event.call)?.hold.agreed === true);
    }
    this.options.tell(event);
  }

  private forget(id: string): void {
    const call = this.calls.get(id);
    if (call) this.retire(call);
    this.options.guests?.sendAway(id);
    this.options.negotiator.release(id);
  }

  private retire(call: SipCall): void {
    this.options.dialogs.remember(call.dialogs);
    this.calls.delete(call.id);
    this.referrals.forget(call.id);
    this.names.delete(call.id);
  }

  perform(effect: CallEffect): void {
    const call = this.calls.get(effect.call);
    if (!call) return;
    switch (effect.type) {
      case 'accept':
        call.accept();
        return;
      case 'decline':
        call.decline(effect.status);
        return;
      case 'hang-up':
        call.hangUp();
        return;
      case 'ask-whether-there':
        call.askWhetherThere();
        return;
      case 'info-digits':
        call.sendDigits(effect.tones);
        return;
      case 'hold':
      case 'resume':
        this.setHold(call, effect.type === 'hold');
        return;
      case 'transfer':
        this.referrals.send(call.id, call.session, `<${pbxUri(this.options.identity, effect.number)}>`);
        return;
      case 'transfer-to':
        this.referrals.send(call.id, call.session, this.farEndOf(effect.to));
    }
  }

  private farEndOf(id: string): string | null {
    const session = this.options.dialogs.call(id)?.session;
    return session ? referToDialog(session.remoteTarget.toString(), identifiersOf(session)) : null;
  }

  renew(moved: boolean): void {
    for (const call of [...this.calls.values()]) call.renew(moved);
  }

  private setHold(call: SipCall, on: boolean): void {
    call.setHold(on);
    this.options.guests?.hold(call.id, on);
  }

  hangUpAll(): void {
    for (const call of [...this.calls.values()]) call.hangUp();
  }
}
