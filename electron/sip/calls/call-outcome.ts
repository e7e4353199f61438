import { type Reason, reason } from '../../contract/reasons.ts';
import type { Party } from '../../phone/lines/dialog.ts';
import { NegotiationError } from '../../phone/negotiation.ts';
import { answerInWords } from '../message/answer-words.ts';
import { readNameAddr, readSipUri, splitList, unquote } from '../message/message-fields.ts';

/** Why a call of ours was not answered, from the final response (RFC 3261, 21). */
function refusalReason(status: number, phrase: string): Reason {
  const params = answerInWords(status, phrase);
  switch (status) {
    case 486:
    case 600:
      return reason('busy', params);
    case 603:
      return reason('declined', params);
    case 404:
    case 410:
    case 484:
    case 604:
      return reason('not-found', params);
    case 408:
      return reason('no-answer', params);
    case 480:
      return reason('unavailable', params);
    case 415:
    case 488:
    case 606:
      return reason('not-acceptable', params);
    default:
      return reason('call-refused', params);
  }
}

/** What an INVITE of ours asks for. */
export type InviteWish = 'call' | 'pick-up' | 'barge-in';

/** Why an INVITE of ours came to nothing, from its final response. */
export const inviteRefusal = (wish: InviteWish, status: number, phrase: string): Reason =>
  wish === 'call' ? refusalReason(status, phrase) : colleagueRefusal(wish, status, phrase);

/**
 * What the far end, or the PBX, says of a colleague's call: 481 no such dialog (any more), 603 it has just ended, 486
 * it was answered before we could pick it up (RFC 3891, 3; RFC 3911, 4).
 */
function colleagueRefusal(wish: 'pick-up' | 'barge-in', status: number, phrase: string): Reason {
  const isPickUp = wish === 'pick-up';
  if (status === 481 || status === 603 || (status === 486 && isPickUp)) return reason('already-gone');
  if (status === 403 && isPickUp) return reason('private-call');
  return reason(isPickUp ? 'pick-up-refused' : 'barge-in-refused', answerInWords(status, phrase));
}

/** Why a call could not get its sound: the far end's description, or our own side. */
export const mediaReason = (error: unknown): Reason =>
  error instanceof NegotiationError
    ? reason('not-acceptable', { trouble: error.trouble })
    : reason('media-failed', {
        trouble: 'other',
        detail: error instanceof Error ? error.message : String(error),
      });

/** What a CANCEL means: its Reason tells when a colleague was faster (RFC 3326, 3.1); else the caller gave up. */
export const cancelReason = (values: readonly string[]): Reason | null =>
  completedElsewhere(values) ? reason('answered-elsewhere') : null;

/** Whether a Reason header says that the call goes on with somebody else. */
export const completedElsewhere = (values: readonly string[]): boolean =>
  values
    .flatMap(splitList)
    .some((value) => /^SIP\s*;/i.test(value) && /;\s*cause\s*=\s*"?200\b/i.test(value));

/** Header lookup, so that both sip.js's messages and ours serve. */
type HeaderLookup = (name: string) => string | undefined;

/**
 * Who calls: what the PBX asserts (RFC 3325; Remote-Party-ID on older gear) before what the far end says of itself.
 * Only ever asked of messages that came from the PBX or the call's own peer.
 */
export function assertedParty(headers: HeaderLookup): Party | null {
  return partyOf(headers('P-Asserted-Identity')) ?? partyOf(headers('Remote-Party-ID'));
}

export const callerOf = (headers: HeaderLookup): Party =>
  assertedParty(headers) ?? partyOf(headers('From')) ?? { number: 'anonymous', name: null };

function partyOf(value: string | undefined): Party | null {
  const [first = ''] = splitList(value ?? '');
  const nameAddr = readNameAddr(first);
  if (!nameAddr) return null;
  const [, telephone] = /^tel:([^;]+)/i.exec(nameAddr.uri) ?? [];
  const uri = readSipUri(nameAddr.uri);
  // Its parameters say how a number is to be understood, not which one it is (RFC 3261, 19.1.6; RFC 4904).
  const [user] = uri?.user?.split(';') ?? [];
  const number = telephone ?? (user || uri?.host);
  const name = nameAddr.display === null ? null : unquote(nameAddr.display).trim();
  // Sipura phones write "(null)" where they know no name (capture of a SPA941).
  return number === undefined ? null : { number, name: name === '' || name === '(null)' ? null : name };
}
