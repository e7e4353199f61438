import type { IncomingInviteRequest, IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import type { SipEffect } from '../phone/effects.ts';
import type { Negotiator } from '../phone/negotiation.ts';
import type { Log, SipEventSink } from '../phone/ports.ts';
import { type CallContext, type SipCall, sdpType } from './call.ts';
import type { Identity } from './identity.ts';
import { IncomingCall } from './incoming-call.ts';
import { OutgoingCall } from './outgoing-call.ts';
import type { Random } from './random.ts';
import type { SipJs } from './sipjs.ts';

export type CallEffect = Extract<
  SipEffect,
  { readonly type: 'accept' | 'decline' | 'hang-up' | 'hold' | 'resume' }
>;

export interface CallsOptions {
  readonly extension: number;
  readonly identity: Identity;
  readonly negotiator: Negotiator;
  readonly tell: SipEventSink;
  readonly random: Random;
  readonly log: Log;
}

/** The calls of one extension. */
export class Calls {
  private readonly calls = new Map<string, SipCall>();
  private readonly context: CallContext;

  constructor(private readonly options: CallsOptions) {
    this.context = {
      ...options,
      forget: (id) => {
        this.calls.delete(id);
        options.negotiator.release(id);
      },
    };
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

  invite(id: string, number: string, sipjs: SipJs): void {
    const call = new OutgoingCall(id, sipjs, this.context);
    this.calls.set(id, call);
    void call.start(number);
  }

  /** sip.js's new INVITE; 100 has not been sent yet. */
  receive(request: IncomingInviteRequest): void {
    // Half of the dialog's name is ours to choose; sip.js's own tag is made of Math.random (RFC 3261, 19.3).
    Reflect.set(request, 'toTag', this.options.random.token());
    request.trying();
    const refusal = contentRefusal(request.message);
    if (refusal) {
      request.reject(refusal);
      return;
    }
    const id = `in-${this.options.random.token().slice(0, 8)}`;
    const call = new IncomingCall(id, request, this.options.extension, this.context);
    this.calls.set(id, call);
    call.ring();
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
      case 'hold':
        call.setHold(true);
        return;
      case 'resume':
        call.setHold(false);
    }
  }

  renew(moved: boolean): void {
    for (const call of [...this.calls.values()]) call.renew(moved);
  }

  hangUpAll(): void {
    for (const call of [...this.calls.values()]) call.hangUp();
  }
}

const acceptHeader = `Accept: ${sdpType}`;

/** What of an INVITE's content we cannot deal with (RFC 3261, 8.2.3 and 21.4.7); null: nothing. */
function contentRefusal(
  message: IncomingRequestMessage,
): { statusCode: number; extraHeaders: string[] } | null {
  const type = message.getHeader('Content-Type')?.trim().toLowerCase() ?? sdpType;
  const encoding = message.getHeader('Content-Encoding')?.trim().toLowerCase() ?? 'identity';
  if (message.body && (!type.startsWith(sdpType) || encoding !== 'identity')) {
    return { statusCode: 415, extraHeaders: [acceptHeader, 'Accept-Encoding: identity'] };
  }
  const accepted = message.getHeaders('Accept').join(',').toLowerCase();
  const takesSdp = accepted === '' || /application\/(sdp|\*)|\*\/\*/.test(accepted);
  return takesSdp ? null : { statusCode: 406, extraHeaders: [acceptHeader] };
}
