import {
  type IncomingInviteRequest,
  type IncomingNotifyRequest,
  type IncomingReferRequest,
  type Session,
  SessionState,
} from 'sip.js/lib/core/index.js';
import type { DialogIdentifiers } from '../../phone/lines/dialog.ts';
import type { Negotiator } from '../../phone/negotiation.ts';
import type { Log, SipEventSink } from '../../phone/ports.ts';
import { readSipUri } from '../message/message-fields.ts';
import type { Identity } from '../pbx/identity.ts';
import type { Random } from '../random.ts';

/** A dialog by its name, as Replaces and Join refer to it. */
export interface CallDialog {
  readonly identifiers: DialogIdentifiers;
  /** Early, of an INVITE of ours (`calling`) or of the far end's (`ringing`); answered; ended a moment ago. */
  readonly state: 'calling' | 'ringing' | 'confirmed' | 'over';
}

/** Hold of ours: as the far end knows it, and as the user wants it. They differ while a re-INVITE is under way. */
export interface Hold {
  readonly agreed: boolean;
  readonly wanted: boolean;
}

/** One call, whoever made it. Everything that happens is told as an event; nothing throws. */
export interface SipCall {
  readonly id: string;
  /** IP address of the far end's Contact, once there is a dialog: it may send requests too. */
  readonly peer: string | null;
  /** Several while an INVITE of ours is forked. */
  readonly dialogs: readonly CallDialog[];
  readonly hold: Hold;
  /** Its confirmed dialog; null before. */
  readonly session: Session | null;
  accept(): void;
  decline(status: number): void;
  hangUp(): void;
  setHold(on: boolean): void;
  /** Ends it as lost when the far end knows nothing of it any more, or cannot be reached. */
  askWhetherThere(): void;
  /** Digits in INFO requests; a call that is not answered has nobody to hear them. */
  sendDigits(tones: string): void;
  /** The phone has slept, or (`moved`) has another address: the far end is told where we are, and asked whether it is still there. */
  renew(moved: boolean): void;
  /** Another dialog has taken its place: ends its own, and says nothing of it here. */
  letGo(): void;
}

export const notHeld: Hold = { agreed: false, wanted: false };

/** What far ends say of sending us, and of being sent, elsewhere (referrals.ts). */
export interface InDialogReferrals {
  receive(call: string, session: Session, request: IncomingReferRequest): void;
  notified(call: string, request: IncomingNotifyRequest): void;
}

/** What every call needs of its extension. */
export interface CallContext {
  readonly identity: Identity;
  readonly negotiator: Negotiator;
  /** Session timer that we ask for (RFC 4028), in seconds; 0: none. */
  readonly sessionTimer: number;
  readonly tell: SipEventSink;
  /** The call is over for the user; called once. */
  forget(id: string): void;
  /** A dialog of the call has a name, or another target. */
  named(id: string, session: Session): void;
  readonly referrals: InDialogReferrals;
  readonly random: Random;
  readonly log: Log;
}

export const sdpType = 'application/sdp';

export const sessionBody = (
  sdp: string,
): { contentDisposition: string; contentType: string; content: string } => ({
  contentDisposition: 'session',
  contentType: sdpType,
  content: sdp,
});

/** The SDP of a message; null when it has none. */
export function sdpOf(message: {
  body?: string;
  getHeader(name: string): string | undefined;
}): string | null {
  const type = message.getHeader('Content-Type') ?? '';
  return message.body && type.toLowerCase().startsWith(sdpType) ? message.body : null;
}

export const identifiersOf = ({ callId, localTag, remoteTag }: Session): DialogIdentifiers => ({
  callId,
  localTag,
  remoteTag,
});

/** The host of a SIP URI; null when it cannot be read. */
export const hostOf = (uri: string): string | null => readSipUri(uri)?.host ?? null;

/** Refuses an INVITE, unless a final answer has gone out already. */
export function refuseInvite(request: IncomingInviteRequest, statusCode: number, log: Log): void {
  try {
    request.reject({ statusCode });
  } catch (error) {
    log.debug({ error }, 'INVITE was already answered');
  }
}

/**
 * Ends a dialog nobody wants any more, as soon as RFC 3261, 15 lets us: not before the ACK to our own 2xx, unless that
 * has not come in 64*T1 (`ackGivenUp`). `headers` go into the BYE.
 */
export function endSession(
  session: Session,
  log: Log,
  { ackGivenUp = false, headers = [] }: { ackGivenUp?: boolean; headers?: string[] } = {},
): void {
  const bye = (): void => {
    try {
      session.bye(undefined, { extraHeaders: headers });
    } catch (error) {
      log.debug({ error }, 'BYE not sent: the dialog is over');
    }
  };
  const waits = !ackGivenUp && session.sessionState === SessionState.AckWait;
  let ended = false;
  const once = (): void => {
    if (!ended) bye();
    ended = true;
  };
  session.delegate = {
    onAck: once,
    onAckTimeout: once,
    onBye: (request) => {
      ended = true;
      request.accept();
    },
    onInvite: (request) => request.reject({ statusCode: 481 }),
    onInfo: (request) => request.reject({ statusCode: 481 }),
    onRefer: (request) => request.reject({ statusCode: 481 }),
  };
  if (!waits) once();
}
