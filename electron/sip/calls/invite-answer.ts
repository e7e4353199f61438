import type { IncomingInviteRequest, IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import type { Reason } from '../../contract/reasons.ts';
import type { Party } from '../../phone/dialog.ts';
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
}

/**
 * Answers an INVITE with 200 and our half of the offer/answer. Resolves with null when it was not wanted any more;
 * rejects, with nothing sent, when the two sides have no sound in common or we have no port.
 */
export async function answerInvite(
  request: IncomingInviteRequest,
  { id, context, hold, isWanted, ended }: InviteAnswer,
): Promise<{ readonly call: AnsweredCall; readonly heldByRemote: boolean } | null> {
  const { negotiator, identity } = context;
  const localAddress = identity.local.address;
  const offer = sdpOf(request.message);
  const ours =
    offer === null
      ? { sdp: await negotiator.offer(id, { localAddress, hold }), heldByRemote: false }
      : await negotiator.answer(id, offer, { localAddress, hold });
  if (!isWanted()) return null;
  const { session } = request.accept({ statusCode: 200, body: sessionBody(ours.sdp) });
  const awaitsAnswer = offer === null;
  const call = new AnsweredCall({ id, session, context, awaitsAnswer, ownsCallId: false, hold, ended });
  return { call, heldByRemote: ours.heldByRemote };
}

/** Who sends an INVITE; sip.js keeps From and To apart from the other headers. */
export const inviterOf = (message: IncomingRequestMessage): Party =>
  callerOf((name) => (name === 'From' ? message.headers[name]?.[0]?.raw : message.getHeader(name)));
