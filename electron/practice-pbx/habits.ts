import type { CallView, LineKeyView, Snapshot } from '../contract/snapshot.ts';
import type { PhoneCommand } from '../phone/events.ts';

/** How a colleague behaves at the phone. All times in milliseconds. */
export interface Habits {
  /** How long it lets a call ring before it answers. */
  readonly answersAfter: number;
  /** How long it stays on a call that nobody ends. */
  readonly patience: number;
  /** The call it makes by itself, when its time has come; null: it never calls. */
  readonly outing: Outing | null;
}

/** A call out: dial, talk, perhaps hold and come back, hang up. */
export interface Outing {
  readonly number: string;
  /** How long it lets the other side ring. */
  readonly ringsFor: number;
  readonly talksFor: number;
  /** null: it hangs up after talking, without holding. */
  readonly holdsFor: number | null;
  /** How long it talks again after a hold. */
  readonly resumesFor: number;
}

export type View = Pick<Snapshot, 'calls' | 'lineKeys'>;

/**
 * What the colleague does next, given what its phone shows; null: nothing now.
 *
 * ```
 *   somebody calls ---- answersAfter ----> (hang up the own call, then) answer ---- patience ----> hang up
 *
 *   somebody has joined the own call: stays on it until they have left, patience at the most
 *
 *   has been transferred: stays on the call that it has not chosen, patience at the most
 *
 *   the time of the outing has come, the line is idle
 *      -> dial ---- ringsFor ----> hang up
 *          | answered
 *          v
 *        talking ---- talksFor ----> hold ---- holdsFor ----> resume ---- resumesFor ----> hang up
 *          |                                                                ^
 *          +---- talksFor, when it does not hold ---------------------------+
 * ```
 */
export function nextMove(view: View, habits: Habits, outingDue: boolean, now: number): PhoneCommand | null {
  const age = (call: CallView): number => now - Date.parse(call.since);
  const incoming = view.calls.find((call) => call.state === 'incoming');
  const others = view.calls.filter((call) => call !== incoming && call.state !== 'ending');
  if (incoming && age(incoming) >= habits.answersAfter) {
    const inTheWay = others.find((call) => call.direction === 'outgoing');
    return inTheWay
      ? { name: 'hangUp', params: { call: inTheWay.id } }
      : { name: 'answer', params: { call: incoming.id } };
  }
  for (const call of others) {
    const outing = outingOf(call, habits);
    const move = outing ? onOwnCall(call, outing, age(call)) : inCompany(call, habits, now);
    if (move) return move;
  }
  const key = view.lineKeys[0];
  if (!habits.outing || !outingDue || view.calls.length > 0 || key?.state !== 'idle') return null;
  return { name: 'dial', params: { lineKey: key.index, number: habits.outing.number } };
}

/** What the call is one of, if the colleague has begun it: nobody has joined it, and nobody has sent it elsewhere. */
const outingOf = ({ direction, joined, remote }: CallView, { outing }: Habits): Outing | null =>
  direction === 'outgoing' && joined.length === 0 && remote.number === outing?.number ? outing : null;

/** On somebody's call, or on the own one with a guest: nobody is left in the middle of a sentence. */
function inCompany(call: CallView, { patience }: Habits, now: number): PhoneCommand | null {
  const talking = call.connectedSince === null ? 0 : now - Date.parse(call.connectedSince);
  return talking >= patience ? { name: 'hangUp', params: { call: call.id } } : null;
}

function onOwnCall(call: CallView, outing: Outing, age: number): PhoneCommand | null {
  const hangUp: PhoneCommand = { name: 'hangUp', params: { call: call.id } };
  switch (call.state) {
    case 'seizing':
    case 'dialing':
    case 'ringing':
      return age >= outing.ringsFor ? hangUp : null;
    case 'active':
      // A call that became active again after it was answered has been on hold.
      if (call.since !== call.connectedSince) return age >= outing.resumesFor ? hangUp : null;
      if (age < outing.talksFor) return null;
      return outing.holdsFor === null ? hangUp : { name: 'hold', params: { call: call.id } };
    case 'held':
      return age >= (outing.holdsFor ?? 0) ? { name: 'resume', params: { call: call.id } } : null;
    case 'incoming':
    case 'ending':
      return null;
  }
}

/** The line has been left alone for so long: nobody is about to use it. */
export const isQuiet = (key: LineKeyView | undefined, now: number, forMs: number): boolean =>
  key?.state === 'idle' && (key.since === null || now - Date.parse(key.since) >= forMs);
