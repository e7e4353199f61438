import { type Session, SessionState } from 'sip.js/lib/core/index.js';
import type { Negotiator } from '../phone/negotiation.ts';
import type { Log, SipEventSink } from '../phone/ports.ts';
import type { Identity } from './identity.ts';
import type { Random } from './random.ts';

/** One call, whoever made it. Everything that happens is told as an event; nothing throws. */
export interface SipCall {
  readonly id: string;
  /** IP address of the far end's Contact, once there is a dialog: it may send requests too. */
  readonly peer: string | null;
  accept(): void;
  decline(status: number): void;
  hangUp(): void;
  setHold(on: boolean): void;
  /** The phone has slept, or (`moved`) has another address: the far end is told where we are, and asked whether it is still there. */
  renew(moved: boolean): void;
}

/** What every call needs of its extension. */
export interface CallContext {
  readonly identity: Identity;
  readonly negotiator: Negotiator;
  readonly tell: SipEventSink;
  /** The call is over for the user; called once. */
  forget(id: string): void;
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

/**
 * Ends a dialog nobody wants any more, as soon as RFC 3261, 15 lets us: not before the ACK to our own 2xx, unless that
 * has not come in 64*T1 (`ackGivenUp`).
 */
export function endSession(session: Session, log: Log, ackGivenUp = false): void {
  const bye = (): void => {
    try {
      session.bye();
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
