import type { IncomingRequest, Session } from 'sip.js/lib/core/index.js';
import { allow, contactUri } from '../pbx/identity.ts';
import { refreshTarget } from '../sipjs/dialog-update.ts';
import { type CallContext, sdpOf, sdpType, sessionBody } from './call.ts';
import type { TimerVerdict } from './session-expires.ts';

export interface UpdateTaker {
  readonly session: Session;
  readonly context: CallContext;
  /** Whose offer still waits for its answer. */
  pending(): 'ours' | 'theirs' | null;
  judge(): TimerVerdict;
  /** Answers an offer. Rejects when the two sides have no sound in common. */
  answer(offer: string): Promise<string>;
  /** The dialog is over meanwhile. */
  isOver(): boolean;
  /** A 2xx has been sent. */
  accepted(verdict: Extract<TimerVerdict, { kind: 'taken' }>): void;
}

/**
 * An UPDATE of the far end, in whatever state the dialog is (RFC 3311, 5.2). Without an offer it only refreshes the
 * session and says where the far end is; with one it is answered at once, or refused when two offers would meet.
 */
export async function takeUpdate(request: IncomingRequest, taker: UpdateTaker): Promise<void> {
  const { context, session } = taker;
  const { message } = request;
  const offer = sdpOf(message);
  const verdict = taker.judge();
  if (verdict.kind === 'too-brief') {
    request.reject({ statusCode: 422, extraHeaders: verdict.headers });
  } else if (message.body && offer === null) {
    request.reject({ statusCode: 415, extraHeaders: [`Accept: ${sdpType}`] });
  } else if (offer === null) {
    accept(null, verdict);
  } else if (taker.pending() === 'ours') {
    request.reject({ statusCode: 491 });
  } else if (taker.pending() === 'theirs') {
    request.reject(tryLater(context));
  } else {
    await answer(offer, verdict);
  }

  async function answer(theirs: string, taken: Taken): Promise<void> {
    try {
      const ours = await taker.answer(theirs);
      // Whatever is still open when a dialog ends is answered 487 (RFC 3261, 15.1.2).
      if (taker.isOver()) request.reject({ statusCode: 487 });
      else accept(ours, taken);
    } catch (error) {
      context.log.info({ error }, 'UPDATE refused');
      request.reject({ statusCode: taker.isOver() ? 487 : 488 });
    }
  }

  function accept(ours: string | null, taken: Taken): void {
    refreshTarget(session, message);
    const said = [`Contact: <${contactUri(context.identity)}>`, `Allow: ${allow}`];
    request.accept({
      statusCode: 200,
      extraHeaders: [...said, ...taken.headers],
      ...(ours !== null && { body: sessionBody(ours) }),
    });
    taker.accepted(taken);
  }
}

type Taken = Extract<TimerVerdict, { kind: 'taken' }>;

/** Another request has to come to its end first (RFC 3261, 14.2; RFC 3311, 5.2). */
export const tryLater = ({ random }: CallContext): { statusCode: number; extraHeaders: string[] } => ({
  statusCode: 500,
  extraHeaders: [`Retry-After: ${Math.floor(random.fraction() * 11)}`],
});
