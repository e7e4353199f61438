import type { IncomingRequest, IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import { headersOfCalls } from '../pbx/identity.ts';
import type { TimerVerdict } from '../session-timer/session-expires.ts';
import { type CallContext, sdpOf, sdpType, sessionBody } from './call.ts';

export interface UpdateTaker {
  readonly context: CallContext;
  /** Whose offer still waits for its answer. */
  pending(): 'ours' | 'theirs' | null;
  judge(): TimerVerdict;
  /** Answers an offer. Rejects when the two sides have no sound in common. */
  answer(offer: string): Promise<string>;
  /** The dialog is over meanwhile. */
  isOver(): boolean;
  /** A 2xx has been sent: the far end is where it said. */
  accepted(verdict: Taken): void;
}

/**
 * An UPDATE of the far end, in whatever state the dialog is (RFC 3311, 5.2). Without an offer it only refreshes the
 * session and says where the far end is; with one it is answered at once, or refused when two offers would meet.
 */
export async function takeUpdate(request: IncomingRequest, taker: UpdateTaker): Promise<void> {
  const { context } = taker;
  try {
    const answer = await answerTo(request.message, taker);
    if ('refusal' in answer) request.reject(answer.refusal);
    else accept(request, taker, answer);
  } catch (error) {
    context.log.info({ error }, 'UPDATE not answered');
  }
}

type Answer =
  | { readonly refusal: { readonly statusCode: number; readonly extraHeaders?: string[] } }
  | { readonly sdp: string | null; readonly taken: Taken };

async function answerTo(message: IncomingRequestMessage, taker: UpdateTaker): Promise<Answer> {
  const offer = sdpOf(message);
  const verdict = taker.judge();
  if (verdict.kind === 'too-brief') return { refusal: { statusCode: 422, extraHeaders: verdict.headers } };
  if (offer === null) {
    return message.body
      ? { refusal: { statusCode: 415, extraHeaders: [`Accept: ${sdpType}`] } }
      : { sdp: null, taken: verdict };
  }
  switch (taker.pending()) {
    case 'ours':
      return { refusal: { statusCode: 491 } };
    case 'theirs':
      return { refusal: tryLater(taker.context) };
    case null:
      return answerOffer(offer, verdict, taker);
  }
}

async function answerOffer(offer: string, taken: Taken, taker: UpdateTaker): Promise<Answer> {
  let sdp: string | null = null;
  try {
    sdp = await taker.answer(offer);
  } catch (error) {
    taker.context.log.info({ error }, 'UPDATE refused');
  }
  // Whatever is still open when a dialog ends is answered 487 (RFC 3261, 15.1.2).
  if (taker.isOver()) return { refusal: { statusCode: 487 } };
  return sdp === null ? { refusal: { statusCode: 488 } } : { sdp, taken };
}

function accept(
  request: IncomingRequest,
  { context, accepted }: UpdateTaker,
  { sdp, taken }: { readonly sdp: string | null; readonly taken: Taken },
): void {
  request.accept({
    statusCode: 200,
    extraHeaders: [...headersOfCalls(context.identity), ...taken.headers],
    ...(sdp !== null && { body: sessionBody(sdp) }),
  });
  accepted(taken);
}

type Taken = Extract<TimerVerdict, { kind: 'taken' }>;

/** Another request has to come to its end first (RFC 3261, 14.2; RFC 3311, 5.2). */
export const tryLater = ({ random }: CallContext): { statusCode: number; extraHeaders: string[] } => ({
  statusCode: 500,
  extraHeaders: [`Retry-After: ${Math.floor(random.fraction() * 11)}`],
});
