import { type Call, type CallPhase, isLive } from '../calls/call.ts';
import type { Effect } from '../effects.ts';
import { callAtAppearance, callById, extensionAt, extensionConfigAt, type Phone } from '../phone.ts';
import { forEach, quiet, replaceCall, type Step } from '../transition.ts';
import type { AppearanceDialog, DialogState } from './dialog.ts';
import { letGo, letGoLater } from './left-dialog.ts';

/**
 * What the other sharers must hear after a step: each change of a dialog of ours, told once. Asking for a line has its
 * own effect (`seize`), and a seize that was refused never was ours to give back.
 */
export function withPublications(before: Phone, { phone, effects }: Step, at: number): Step {
  const ended = before.calls.filter((call) => isLive(call) && !isLive(callById(phone, call.id)));
  const changed = phone.calls.filter((call) => {
    const earlier = callById(before, call.id);
    const known = earlier ? told(before, earlier) : null;
    return isLive(call) && call.phase !== 'seizing' && told(phone, call) !== known;
  });
  const begun = forEach({ phone, effects }, changed, (now, call) => tell(now, call, at));
  return withSuccessors(
    forEach(begun, ended, (now, call) => over(now, before, call, at)),
    at,
  );
}

/**
 * The end of a dialog of ours, told late, must not free the appearance of another call of ours that is on it by now: a PBX
 * may go by the appearance and the station alone. So that call is told once more.
 */
function withSuccessors(step: Step, at: number): Step {
  const successors = step.effects.flatMap((effect) => {
    if (effect.type !== 'publish' || effect.dialog.state !== 'terminated') return [];
    const call = callAtAppearance(step.phone, effect.extension, effect.appearance);
    return call && call.dialogId !== effect.dialog.id && call.phase !== 'seizing' ? [call] : [];
  });
  return forEach(step, successors, (now, call) => tell(now, call, at));
}

/** Tells the PBX of a call of ours, if its appearance has sharers to tell and the call is ours to tell of. */
export function tell(phone: Phone, call: Call, at: number): Step {
  const dialog = toldDialog(phone, call);
  if (!dialog || call.appearance === null) return quiet(phone);
  const { extension, appearance } = call;
  const publish: Effect = { type: 'publish', extension, appearance, dialog };
  return { phone: replaceCall(phone, { ...call, toldAt: at }), effects: [publish] };
}

/** A call of ours is over. A seize that the PBX itself refused was never there; a given-back one may still be granted. */
function over(phone: Phone, before: Phone, call: Call, at: number): Step {
  const dialog = toldDialog(before, call);
  const { extension, appearance } = call;
  if (!dialog || appearance === null || isSucceeded(phone, call)) return quiet(phone);
  if (call.phase === 'seizing' && !callById(phone, call.id)) return quiet(phone);
  const left = { call: call.id, extension, appearance, dialog, toldAt: null };
  // A Broadsoft PBX follows the calls themselves: nobody else's word has to come before ours.
  const isHandedOver = call.taken && !callById(phone, call.id) && phone.config.dialect !== 'sca';
  return isHandedOver ? letGoLater(phone, left) : letGo(phone, left, at);
}

/** Another call of ours goes on in its place and under its name (referral-step.ts). */
const isSucceeded = (phone: Phone, { extension, appearance, dialogId }: Call): boolean =>
  phone.calls.some(
    (other) =>
      isLive(other) &&
      other.extension === extension &&
      other.appearance === appearance &&
      other.dialogId === dialogId,
  );

/** A call as the PBX has to hear of it; null: it has not. */
export function toldDialog(phone: Phone, call: Call): AppearanceDialog | null {
  if (call.appearance === null || extensionAt(phone, call.extension)?.agent === false) return null;
  return publishedDialog(phone, call);
}

/**
 * The call as its appearance's other sharers should see it; null while it is not ours to tell: it only rings here, it is a
 * colleague's until we have picked it up, or it stays the colleague's because we have only joined it.
 */
export function publishedDialog(phone: Phone, call: Call): AppearanceDialog | null {
  const state = goesOnFor(call) ? 'confirmed' : publishedState(call.phase);
  if (state === null || call.way === 'barge-in') return null;
  if (call.way === 'pick-up' && call.connectedSince === null) return null;
  const onHold = call.phase === 'held' || call.phase === 'resuming';
  return {
    id: call.dialogId,
    direction: call.direction === 'outgoing' ? 'initiator' : 'recipient',
    state,
    held: onHold,
    exclusive: onHold && call.private,
    local: {
      number: extensionConfigAt(phone, call.extension)?.userId ?? '',
      name: phone.config.displayName || null,
    },
    remote:
      call.remote.number === '' ? null : { ...call.remote, uri: call.target ?? call.remote.uri ?? null },
    identifiers: call.identifiers,
    joined: call.joined.length > 0,
  };
}

/** It is not answered yet, but stands where a call was that its far end has sent elsewhere: the line stays as busy as it was. */
const goesOnFor = ({ way, phase }: Call): boolean =>
  way === 'referral' && (phase === 'dialing' || phase === 'ringing');

function publishedState(phase: CallPhase): DialogState | null {
  switch (phase) {
    case 'incoming':
    case 'answering':
      return null;
    case 'seizing':
    case 'granted':
    case 'dialing':
      return 'trying';
    case 'ringing':
      return 'early';
    case 'active':
    case 'holding':
    case 'held':
    case 'resuming':
      return 'confirmed';
    case 'ending':
      return 'terminated';
  }
}

/**
 * What makes a publication worth another one. A new name of the dialog is only worth it once the call is answered: before,
 * it cannot be picked up, and another `trying` would ask for the line once more.
 */
function told(phone: Phone, call: Call): string | null {
  const dialog = toldDialog(phone, call);
  if (!dialog) return null;
  const { state, held, exclusive, identifiers, joined } = dialog;
  return JSON.stringify([state, held, exclusive, joined, state === 'confirmed' && identifiers]);
}

/** Tells it once more, whatever was told before: the PBX may have begun anew. */
export const tellAll = (phone: Phone, calls: readonly Call[], at: number): Step =>
  forEach(quiet(phone), calls, (now, call) => tell(now, call, at));
