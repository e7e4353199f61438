import type { Reason, ReasonCode } from '../../contract/reasons.ts';
import type { CallRecord } from '../../contract/snapshot.ts';
import { known } from '../dialing/known-name.ts';
import { isSameCaller } from '../dialing/number.ts';
import type { SeenDialog } from '../lines/appearance.ts';
import type { Party } from '../lines/dialog.ts';
import { partyText } from '../lines/line-key.ts';
import { callById, lineKeyAt, type PastCall, type Phone } from '../phone.ts';
import { qualitySummary } from '../quality/quality.ts';
import { type Call, isLive } from './call.ts';

const kept = 100;

/** The phone with the calls that a step has ended in its history. `reason`: why, when somebody else ended them. */
export function withHistory(before: Phone, now: Phone, reason: Reason | null, at: number): Phone {
  const ended = before.calls.filter((call) => isLive(call) && !isLive(callById(now, call.id)));
  const past = ended
    .filter((call) => call.direction === 'incoming' || call.way !== 'call' || call.remote.number !== '')
    .map((call) => pastCall(now, call, callById(now, call.id) ? 'user' : reason, at));
  if (past.length === 0) return now;
  return { ...now, history: [...past.reverse(), ...now.history].slice(0, kept) };
}

function pastCall(phone: Phone, call: Call, reason: Reason | null | 'user', at: number): PastCall {
  return {
    id: call.id,
    extension: call.extension,
    appearance: call.appearance,
    label: lineKeyAt(phone, call.lineKey)?.label ?? '',
    direction: call.direction,
    remote: known(phone, call.remote),
    outcome: outcomeOf(call, reason),
    by: call.taken && partyText(call.taken.by),
    quality: qualitySummary(call.measured),
    recording: call.recorded,
    began: call.began,
    connected: call.connectedSince,
    ended: at,
  };
}

/** These say that the number was reached, but nobody was there to talk. */
const unanswered = new Set<ReasonCode>(['busy', 'no-answer', 'unavailable']);

function outcomeOf(call: Call, reason: Reason | null | 'user'): CallRecord['outcome'] {
  if (call.connectedSince !== null) return 'answered';
  if (call.direction === 'incoming') {
    if (reason === 'user') return 'declined';
    return call.taken || reason?.code === 'answered-elsewhere' ? 'answered-elsewhere' : 'missed';
  }
  if (reason === null || reason === 'user' || unanswered.has(reason.code)) return 'unanswered';
  return reason.code === 'declined' ? 'declined' : 'failed';
}

/** For how long a call that stopped ringing may turn out to have been answered by a colleague, in ms. */
const laterWord = 5_000;

/**
 * The PBX tells of a colleague's call that began shortly after one stopped ringing here: it was answered there, and is no
 * missed call. PBXs strip the Reason of their CANCEL, and their NOTIFY may come after it.
 */
export function answeredThere(
  history: readonly PastCall[],
  extension: number,
  told: readonly SeenDialog[],
  at: number,
): readonly PastCall[] {
  return history.map((past) => {
    const recent = past.extension === extension && at - past.ended <= laterWord;
    const open = past.outcome === 'missed' || (past.outcome === 'answered-elsewhere' && past.by === null);
    const answer = recent && open ? told.find((seen) => isAnswerOf(past, seen)) : undefined;
    return answer ? { ...past, outcome: 'answered-elsewhere', by: partyText(answer.dialog.local) } : past;
  });
}

/** Whether a colleague's dialog is the answer to a call that rang here. */
export function isAnswerOf(
  rang: { readonly appearance: number | null; readonly remote: Party },
  { appearance, dialog }: Pick<SeenDialog, 'appearance' | 'dialog'>,
): boolean {
  if (dialog.state !== 'confirmed' || dialog.direction !== 'recipient') return false;
  return isSameCaller(rang.remote, dialog.remote) ?? appearance === rang.appearance;
}
