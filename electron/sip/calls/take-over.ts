import type { IncomingInviteRequest } from 'sip.js/lib/core/index.js';
import type { AnsweredCall } from './answered-call.ts';
import { type CallContext, type CallDialog, type Hold, refuseInvite, type SipCall } from './call.ts';
import type { DialogReference } from './dialog-reference.ts';
import { answerInvite, inviterOf } from './invite-answer.ts';

export interface Claim {
  readonly reference: DialogReference;
  /** The one dialog that it names; null: none, or several. */
  readonly state: CallDialog['state'] | null;
  readonly hold: Hold;
  /** Whoever asks is one of those who share the extension that the dialog is on. */
  readonly fromSharer: boolean;
}

/**
 * The status that refuses an INVITE with Replaces (RFC 3891, 3); null: it is accepted. One rule is ours: a sharer of
 * the line who names a call that we hold wants its far end, not us. Replaces would bring the sharer's voice to our ear
 * and end the held call, so there is no such dialog for the sharer, who may ask the far end instead.
 */
export function takeOverRefusal({ reference, state, hold, fromSharer }: Claim): number | null {
  switch (state) {
    case null:
    case 'ringing':
      return 481;
    case 'over':
      return 603;
    case 'calling':
      return null;
    case 'confirmed':
      if (reference.earlyOnly) return 486;
      return fromSharer && hold.wanted ? 481 : null;
  }
}

export interface TakeOver {
  readonly request: IncomingInviteRequest;
  readonly old: SipCall;
  readonly context: CallContext;
  /** Whether the old call still stands; asked when the media side is ready. */
  isWanted(): boolean;
  /** Puts the new call in the old one's place. */
  put(call: AnsweredCall): void;
}

/**
 * Answers an INVITE with Replaces at once. The new dialog goes on under the old call's id and over its RTP ports, so
 * that the sound turns to the new party without a gap; a far end that we hold stays held. Only then is the old dialog
 * ended. When it cannot be answered, the old call stays as it was.
 */
export async function takeOver({ request, old, context, isWanted, put }: TakeOver): Promise<void> {
  const { id } = old;
  const { tell, forget, log } = context;
  const { hold } = old;
  const wasAnswered = old.dialogs.some(({ state }) => state === 'confirmed');
  try {
    const answered = await answerInvite(request, {
      id,
      context,
      hold: hold.wanted,
      isWanted,
      ended(why) {
        forget(id);
        tell({ type: 'ended', call: id, reason: why });
      },
    });
    if (!answered) {
      refuseInvite(request, 481, log);
      return;
    }
    const { agreed, wanted } = old.hold;
    put(answered.call);
    old.letGo();
    tell({ type: wasAnswered ? 'replaced' : 'answered', call: id, remote: inviterOf(request.message) });
    if (wanted !== hold.wanted) answered.call.setHold(wanted);
    else if (agreed !== wanted) tell({ type: wanted ? 'held' : 'resumed', call: id });
    answered.call.remoteHold(answered.heldByRemote && !hold.wanted);
  } catch (error) {
    log.warn({ call: id, error }, 'call not replaced');
    refuseInvite(request, 488, log);
  }
}
