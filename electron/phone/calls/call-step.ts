import type { Reason } from '../../contract/reasons.ts';
import { fallOver } from '../dialing/emergency.ts';
import { known } from '../dialing/known-name.ts';
import { afterOurs } from '../lines/appearance.ts';
import type { Party } from '../lines/dialog.ts';
import { inUse } from '../lines/key-offers.ts';
import { letGo, withLeft } from '../lines/left-dialog.ts';
import { partyText } from '../lines/line-key.ts';
import { publishedDialog, toldDialog } from '../lines/publication.ts';
import {
  callById,
  conversationOf,
  keyAtAppearance,
  lineKeyAt,
  lineOf,
  type Phone,
  withLine,
} from '../phone.ts';
import {
  andThen,
  forEach,
  onCall,
  quiet,
  replaceCall,
  type Step,
  withNotice,
  withoutCall,
} from '../transition.ts';
import type { Call } from './call.ts';
import { holdOthers } from './way.ts';

/** The line is ours, perhaps on another appearance than we asked for: then the call moves to that one's key. */
export function seizeGranted(phone: Phone, id: string, appearance: number | undefined, at: number): Step {
  const call = callById(phone, id);
  if (!call || call.appearance === null) return grantedTooLate(phone, id, at);
  const key = appearance === undefined ? undefined : keyAtAppearance(phone, call.extension, appearance);
  const moved =
    key && appearance !== undefined ? replaceCall(phone, { ...call, appearance, lineKey: key.index }) : phone;
  return onCall(moved, id, { type: 'granted' }, at);
}

/** We gave the line up when a colleague showed up on it, yet the PBX has granted it to us, or may have. */
function grantedTooLate(phone: Phone, id: string, at: number): Step {
  const left = phone.left.find(({ call, toldAt }) => call === id && toldAt === null);
  return left ? letGo(phone, left, at) : quiet(phone);
}

function refusedTooLate(phone: Phone, id: string, silent: boolean, at: number): Step {
  if (silent) return grantedTooLate(phone, id, at);
  return quiet({ ...phone, left: phone.left.filter(({ call, toldAt }) => call !== id || toldAt !== null) });
}

export function seizeRefused(phone: Phone, id: string, silent: boolean, at: number): Step {
  const call = callById(phone, id);
  if (call?.phase !== 'seizing') return refusedTooLate(phone, id, silent, at);
  const refused = silent
    ? (fallOver(phone, call, at) ?? withoutLine(phone, call, { code: 'pbx-silent' }, at))
    : lost(phone, call, at);
  const left = silent ? leftBy(phone, call) : null;
  // The PBX may have heard us after all, or hear us late: the line must not stay ours there.
  return left ? andThen(refused, (now) => letGo(now, left, at)) : refused;
}

/** A colleague was faster, as the PBX's NOTIFY says before its answer does (draft-anil-sipping-bla-04). */
export function lineLost(phone: Phone, call: Call, at: number): Step {
  const left = leftBy(phone, call);
  return andThen(lost(phone, call, at), (now) => quiet(left ? withLeft(now, left) : now));
}

/** The line of an emergency call is not granted in time. */
export function patienceOver(phone: Phone, id: string, at: number): Step {
  const call = callById(phone, id);
  const fallen = call && fallOver(phone, call, at);
  const left = call && leftBy(phone, call);
  if (!fallen) return quiet(phone);
  return left ? andThen(fallen, (now) => letGo(now, left, at)) : fallen;
}

const lost = (phone: Phone, call: Call, at: number): Step =>
  fallOver(phone, call, at) ??
  withoutLine(phone, call, inUse(withoutCall(phone, call.id), lineKeyAt(phone, call.lineKey)), at);

function withoutLine(phone: Phone, call: Call, reason: Reason, at: number): Step {
  const refused = onCall(phone, call.id, { type: 'refused', reason }, at);
  return andThen(
    andThen(refused, (now) => withNotice(now, reason)),
    (now) => withFailTone(now, reason),
  );
}

function leftBy(phone: Phone, call: Call) {
  const dialog = toldDialog(phone, call);
  const { extension, appearance } = call;
  return dialog && appearance !== null
    ? { call: call.id, extension, appearance, dialog, toldAt: null }
    : null;
}

/** A call of ours is answered: what rang or was held on its appearance is ours now, told so or not. */
export function answered(phone: Phone, id: string, remote: Party | null, at: number): Step {
  return andThen(onCall(phone, id, { type: 'answered', remote }, at), (now) => {
    const call = callById(now, id);
    const dialog = call && publishedDialog(now, call);
    const line = call && lineOf(now, call.extension);
    if (!dialog || !line || call.appearance === null) return oneTalk(now, id, at);
    return oneTalk(withLine(now, call.extension, afterOurs(line, call.appearance, dialog)), id, at);
  });
}

/**
 * Two calls may be answered one after the other: one that we have dialed, and another one that we took meanwhile. The one
 * that the user turned to last goes on.
 */
function oneTalk(phone: Phone, id: string, at: number): Step {
  const call = callById(phone, id);
  // Where a far end has sent us is a matter of its own (referral-step.ts).
  if (!call || call.follows !== null) return quiet(phone);
  const turnedTo =
    call.direction === 'outgoing' && phone.calls.some((other) => other !== call && isLater(other, call));
  return turnedTo
    ? onCall(phone, id, { type: 'hold', request: null, private: false }, at)
    : holdOthers(phone, conversationOf(phone, id), at);
}

/** The user has taken or resumed it since `call` began. */
function isLater({ phase, direction, since, connectedSince }: Call, { began }: Call): boolean {
  if (phase === 'answering' || phase === 'resuming') return true;
  const byUser = direction === 'incoming' || since !== connectedSince;
  return phase === 'active' && byUser && since > began;
}

/** Colleagues have joined our call or left it: nobody is in it unnoticed. */
export function joined(phone: Phone, id: string, parties: readonly Party[], at: number): Step {
  const before = callById(phone, id)?.joined ?? [];
  const among = (those: readonly Party[]) => (party: Party) =>
    those.some(({ number }) => number === party.number);
  const come = parties.filter((party) => !among(before)(party));
  const gone = before.filter((party) => !among(parties)(party));
  const told: readonly Reason[] = [
    ...come.map((party): Reason => ({ code: 'joined-call', params: { who: partyText(party) ?? '' } })),
    ...gone.map((party): Reason => ({ code: 'left-call', params: { who: partyText(party) ?? '' } })),
  ];
  return forEach(onCall(phone, id, { type: 'joined', parties }, at), told, withNotice);
}

/** A call is over: the user is told why, unless the user ended it; a call that never got through has a tone. */
export function callEnded(phone: Phone, id: string, reason: Reason | null, at: number): Step {
  const call = callById(phone, id);
  if (!call) return quiet(phone);
  const why = call.taken ? takenReason(call, call.taken.by) : reason;
  const gone = onCall(phone, id, { type: 'ended', reason: why }, at);
  if (call.phase === 'ending') return gone;
  if (why === null) return gone;
  const params = { number: partyText(known(phone, call.remote)) ?? '', ...why.params };
  const told = andThen(gone, (now) => withNotice(now, { code: why.code, params }));
  const talksOn = call.follows !== null && callById(phone, call.follows) !== undefined;
  if (call.direction === 'incoming' || call.connectedSince !== null || talksOn) return told;
  return andThen(told, (now) => withFailTone(now, why));
}

const takenReason = ({ connectedSince }: Call, by: Party | null): Reason => ({
  code: connectedSince === null ? 'answered-elsewhere' : 'taken-over',
  params: { who: partyText(by) ?? '' },
});

const failToneMs = 3000;

/** Busy where somebody else has the line; what has gone wrong otherwise sounds twice as fast (E.180, congestion). */
const withFailTone = (phone: Phone, { code }: Reason): Step => ({
  phone: { ...phone, failTone: code === 'busy' || code === 'line-in-use' ? 'busy' : 'reorder' },
  effects: [{ type: 'start-timer', timer: 'fail-tone', ms: failToneMs }],
});
