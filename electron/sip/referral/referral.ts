import { type Reason, reason } from '../../contract/reasons.ts';
import { answerInWords } from '../message/answer-words.ts';
import { readSeconds, readValue } from '../message/message-fields.ts';

/**
 * A REFER of ours until its outcome is known (RFC 3515, RFC 5589). One whose subscription says nothing any more is
 * given up, for its user wants the call back.
 *
 *            2xx; NOTIFY 1xx            NOTIFY 1xx
 *   asked -------------------> accepted ---------+
 *    |  |                       |  |  ^          |
 *    |  | NOTIFY 2xx            |  |  +----------+
 *    |  +-----------------------|--|-- NOTIFY 2xx -----> over: transferred
 *    |                          |
 *    | 3xx-6xx, no answer       | NOTIFY 3xx-6xx, `rejected`, silence
 *    v                          v
 *   over: refused              over: nobody reached
 */
export type Referral =
  | { readonly phase: 'asked' }
  /** `until`: it is given up when nothing was heard by then, in ms since the epoch. */
  | { readonly phase: 'accepted'; readonly until: number }
  | { readonly phase: 'over' };

export type ReferralEvent =
  /** The final answer to the REFER. */
  | { readonly type: 'answered'; readonly status: number; readonly phrase: string }
  | ({ readonly type: 'notified' } & ReferralNotice)
  | { readonly type: 'waited' };

/** What a NOTIFY says (RFC 3515, 2.4.5). */
export interface ReferralNotice {
  /** Of the INVITE that the far end sends; null: it does not say. */
  readonly status: number | null;
  readonly phrase: string;
  /** The subscription's state (RFC 6665, 8.2.3), why it has ended, and for how many seconds it goes on. */
  readonly terminated: boolean;
  readonly why: string | null;
  readonly expires: number | null;
}

export type ReferralNews =
  | { readonly type: 'transfer-accepted' }
  | { readonly type: 'transferred' }
  | { readonly type: 'transfer-failed'; readonly reason: Reason };

export interface ReferralStep {
  readonly state: Referral;
  readonly news: readonly ReferralNews[];
}

/** How long the far end may say nothing at all, in ms. */
export const longestSilence = 30_000;
/** And how long it may ring where it was sent, having said so. */
const usualRing = 60_000;
const longestRing = 180_000;
/** Its subscription has ended without an outcome: so long it may still hang up, which is one. */
const lastChance = 10_000;

export function referralAfter(state: Referral, event: ReferralEvent, at: number): ReferralStep {
  const same: ReferralStep = { state, news: [] };
  if (state.phase === 'over') return same;
  switch (event.type) {
    case 'answered':
      if (event.status >= 300) return over({ type: 'transfer-failed', reason: refusal(event) });
      return state.phase === 'asked' ? accepted(state, at + longestSilence) : same;
    case 'notified':
      return notified(state, event, at);
    case 'waited':
      if (state.phase !== 'accepted' || at < state.until) return same;
      return over(nobodyReached(408, 'Request Timeout'));
  }
}

function notified(state: Referral, notice: ReferralNotice, at: number): ReferralStep {
  const { status, phrase, terminated, why, expires } = notice;
  if (status !== null && status >= 300) return over(nobodyReached(status, phrase));
  if (status !== null && status >= 200) return over({ type: 'transferred' });
  if (terminated && why === 'rejected') return over(nobodyReached(603, 'Decline'));
  if (terminated) return accepted(state, at + lastChance);
  const ring = expires === null ? usualRing : expires * 1000;
  return accepted(state, at + Math.min(Math.max(ring, longestSilence), longestRing));
}

const accepted = ({ phase }: Referral, until: number): ReferralStep => ({
  state: { phase: 'accepted', until },
  news: phase === 'asked' ? [{ type: 'transfer-accepted' }] : [],
});

const over = (news: ReferralNews): ReferralStep => ({ state: { phase: 'over' }, news: [news] });

const refusal = ({ status, phrase }: { readonly status: number; readonly phrase: string }): Reason =>
  reason('transfer-refused', answerInWords(status, phrase));

const nobodyReached = (status: number, phrase: string): ReferralNews => ({
  type: 'transfer-failed',
  reason: reason('transfer-failed', answerInWords(status, phrase)),
});

/** A NOTIFY of the event `refer`: its Subscription-State, and the status line in its body (RFC 3420). */
export function readReferralNotice(subscriptionState: string, body: string): ReferralNotice {
  const [, status, phrase = ''] = /^\s*SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]*))?/i.exec(body) ?? [];
  const { value, params } = readValue(subscriptionState);
  return {
    status: status === undefined ? null : Number(status),
    phrase: phrase.trim(),
    terminated: value.toLowerCase() === 'terminated',
    why: params.get('reason')?.toLowerCase() ?? null,
    expires: readSeconds(params.get('expires')),
  };
}
