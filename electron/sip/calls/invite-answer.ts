import type { IncomingInviteRequest, IncomingRequestMessage, Session } from 'sip.js/lib/core/index.js';
import type { Reason } from '../../contract/reasons.ts';
import type { Party } from '../../phone/lines/dialog.ts';
import { judgeTimer } from '../session-timer/session-expires.ts';
import { refreshTarget } from '../sipjs/dialog-update.ts';
import { AnsweredCall } from './answered-call.ts';
import { type CallContext, sdpOf, sessionBody } from './call.ts';
import { callerOf } from './call-outcome.ts';

export interface InviteAnswer {
  readonly id: string;
  readonly context: CallContext;
  /** Whether the caller is on hold from the first moment. */
  readonly hold: boolean;
  /** False: nobody wants the call any more, so it is not answered. Asked when the media side is ready. */
  isWanted(): boolean;
  ended(reason: Reason | null): void;
  /** It has rung: where its far end is was told then, or since (RFC 3311). */
  readonly hasRung?: boolean;
  /** The two sides have agreed already, while it rang (RFC 3262, 5). */
  readonly agreed?: Agreed | null;
}

export interface Agreed {
  readonly session: Session;
  readonly ours: string;
  readonly theirs: string;
  readonly heldByRemote: boolean;
}

/**
 * Answers an INVITE with 200 and our half of the offer/answer. Resolves with null when it was not wanted any more;
 * rejects, with nothing sent, when the two sides have no sound in common or we have no port.
 */
export async function answerInvite(
  request: IncomingInviteRequest,
  { id, context, hold, isWanted, ended, hasRung = false, agreed = null }: InviteAnswer,
): Promise<{ readonly call: AnsweredCall; readonly heldByRemote: boolean } | null> {
  const { message: opening } = request;
  const theirs = agreed?.theirs ?? sdpOf(opening);
  const ours = agreed ? { sdp: agreed.ours, heldByRemote: agreed.heldByRemote } : await describe(theirs);
  if (!isWanted()) return null;
  // sip.js would repeat the last answer in the 2xx, although that was the far end's.
  if (agreed) Reflect.set(agreed.session, '_answer', undefined);
  const { session } = request.accept({
    statusCode: 200,
    extraHeaders: judgeTimer(opening, { interval: context.sessionTimer, minimum: 0 }).headers,
    ...(!agreed && { body: sessionBody(ours.sdp) }),
  });
  if (!hasRung) refreshTarget(session, opening);
  const call = new AnsweredCall({
    id,
    session,
    context,
    awaitsAnswer: theirs === null,
    ownsCallId: false,
    hold,
    opening,
    ours: ours.sdp,
    theirs,
    ended,
  });
  return { call, heldByRemote: ours.heldByRemote };

  async function describe(offer: string | null): Promise<{ sdp: string; heldByRemote: boolean }> {
    const { negotiator, identity } = context;
    const options = { localAddress: identity.local.address, hold };
    return offer === null
      ? { sdp: await negotiator.offer(id, options), heldByRemote: false }
      : negotiator.answer(id, offer, options);
  }
}

/** Who sends an INVITE; sip.js keeps From and To apart from the other headers. */
export const inviterOf = (message: IncomingRequestMessage): Party =>
  callerOf((name) => (name === 'From' ? message.headers[name]?.[0]?.raw : message.getHeader(name)));
