import type { Reason } from '../../contract/reasons.ts';
import { type Call, isLifted, isLive } from '../calls/call.ts';
import { callEnded } from '../calls/call-step.ts';
import { nameOf } from '../dialing/known-name.ts';
import { type Numbered, numberToCall } from '../dialing/numbering.ts';
import type { Effect } from '../effects.ts';
import { type Offer, seizable } from '../lines/key-offers.ts';
import { takeLine } from '../lines/seize-step.ts';
import { callById, callsOnKey, conversationOf, type LineKeyConfig, lineKeyAt, type Phone } from '../phone.ts';
import { answerWaiting, refuse } from '../reply.ts';
import { andThen, onCall, quiet, replaceCall, type Step, withNotice } from '../transition.ts';
import type { UnderWay } from './transfer.ts';
import { isSentAway, underWay } from './transferring.ts';

/** Sends the far end of a call to a number (blind transfer). */
export function transfer(phone: Phone, request: number, call: Call, typed: string, at: number): Step {
  const destination = destinationOf(phone, call, typed);
  if (!destination.ok) return refuse(phone, request, destination.reason);
  return handOver(phone, request, call, { with: null, to: destination.number }, call.phase === 'active', at);
}

/** Holds a call and calls a number, to ask there before the call is handed over. */
export function consult(phone: Phone, request: number, call: Call, typed: string, at: number): Step {
  const destination = destinationOf(phone, call, typed);
  if (!destination.ok) return refuse(phone, request, destination.reason);
  const { number } = destination;
  const line = lineToAskOn(phone, call);
  if (!line.ok) return refuse(phone, request, line.reason);
  const dialed = andThen(holdPrivately(phone, call, at), (now) =>
    takeLine(now, request, line.on.index, number, at),
  );
  const asking = callsOnKey(dialed.phone, line.on.index).find(
    ({ id }) => id === lifted(phone, line.on)?.id || !callById(phone, id),
  );
  return asking
    ? andThen(dialed, (now) =>
        quiet(change(now, call.id, { transfer: { stage: 'consulting', with: asking.id, to: number } })),
      )
    : dialed;
}

/**
 * Brings the far end of one call to that of another (attended transfer; RFC 5589, 7). Who has not answered yet cannot be
 * named by a dialog: then our own call there is given up, and the far end is sent to the number (semi-attended).
 */
export function completeTransfer(phone: Phone, request: number, call: Call, id: string, at: number): Step {
  const to = callById(phone, id);
  if (!to) return refuse(phone, request, { code: 'unknown-call' });
  const obstacle = to.id === call.id ? ({ code: 'wrong-state' } as const) : whyNot(call);
  if (obstacle) return refuse(phone, request, obstacle);
  const number = to.number ?? to.remote.number;
  if (to.phase === 'dialing' || to.phase === 'ringing') {
    if (number === '') return refuse(phone, request, { code: 'no-far-end' });
    const destination = { with: null, to: number };
    return andThen(onCall(phone, to.id, { type: 'finish' }, at), (now) =>
      handOver(now, request, call, destination, true, at),
    );
  }
  const unreachable = whyNot(to);
  if (unreachable) return refuse(phone, request, unreachable);
  return handOver(phone, request, call, { with: to.id, to: number }, call.phase === 'active', at);
}

/** The number that a call may be handed over to, or that is asked whether it may. */
function destinationOf(phone: Phone, call: Call, typed: string): Numbered {
  const numbered = numberToCall(phone, typed);
  const obstacle = numbered.ok ? whyNot(call) : null;
  return obstacle ? { ok: false, reason: obstacle } : numbered;
}

/** What keeps a call from being handed over, or from being where another one is handed over to. */
function whyNot(call: Call): Reason | null {
  if (call.connectedSince === null) return { code: call.phase === 'ending' ? 'wrong-state' : 'no-far-end' };
  const settled = ['active', 'holding', 'held'].includes(call.phase);
  return settled && !underWay(call) ? null : { code: 'wrong-state' };
}

function handOver(
  phone: Phone,
  request: number,
  call: Call,
  destination: Pick<UnderWay, 'with' | 'to'>,
  resumed: boolean,
  at: number,
): Step {
  const consulting = call.transfer?.stage === 'consulting' ? call.transfer : null;
  const transferring: UnderWay = {
    stage: 'holding',
    ...destination,
    back: { resumed, private: call.private, consulting },
  };
  const waiting = [...call.waiting, { request, until: 'transferred' as const }];
  const marked = { ...call, transfer: transferring, waiting };
  const parked = holdPrivately(replaceCall(phone, marked), marked, at);
  return call.phase === 'held' ? andThen(parked, (now) => readyToGo(now, call.id, at)) : parked;
}

/** On a shared line, so that no colleague takes the call that is being handed over. */
function holdPrivately(phone: Phone, call: Call, at: number): Step {
  const asPrivate = call.appearance !== null;
  if (call.phase === 'held') return quiet(change(phone, call.id, { private: asPrivate }));
  return onCall(phone, call.id, { type: 'hold', request: null, private: asPrivate }, at);
}

/** The far end is on hold, or does not want to be: a call that is to be handed over goes now. */
export function readyToGo(phone: Phone, id: string, at: number): Step {
  const call = callById(phone, id);
  const transferring = call && underWay(call);
  if (transferring?.stage !== 'holding') return quiet(phone);
  if (transferring.with !== null && !isLive(callById(phone, transferring.with))) {
    return transferFailed(phone, id, { code: 'transfer-gone' }, at);
  }
  return {
    phone: change(phone, id, { transfer: { ...transferring, stage: 'asked' } }),
    effects: [referral(id, transferring)],
  };
}

const referral = (call: string, { with: to, to: number }: UnderWay): Effect =>
  to === null ? { type: 'transfer', call, number } : { type: 'transfer-to', call, to };

export function transferAccepted(phone: Phone, id: string): Step {
  const call = callById(phone, id);
  const transferring = call && underWay(call);
  if (transferring?.stage !== 'asked') return quiet(phone);
  return quiet(change(phone, id, { transfer: { ...transferring, stage: 'accepted' } }));
}

/** The far end has got there: nobody needs us any more. */
export function transferred(phone: Phone, id: string, at: number): Step {
  const call = callById(phone, id);
  if (!call || !isSentAway(call)) return quiet(phone);
  return andThen(arrived(phone, call, at), (now) => onCall(now, id, { type: 'finish' }, at));
}

function arrived(phone: Phone, call: Call, at: number): Step {
  const { with: to = null, to: number = '' } = underWay(call) ?? {};
  const settled = answerWaiting(phone, call, 'transferred', { ok: true, result: { call: call.id } });
  const told = andThen(settled, (now) =>
    withNotice(now, { code: 'transferred', params: { number: nameOf(phone, number) } }),
  );
  return to === null ? told : andThen(told, (now) => onCall(now, to, { type: 'finish' }, at));
}

/** Nobody was reached, or the far end does not let itself be sent: the call is ours again, as it was before. */
export function transferFailed(phone: Phone, id: string, reason: Reason, at: number): Step {
  const call = callById(phone, id);
  const transferring = call && underWay(call);
  if (!call || !transferring) return quiet(phone);
  const why = { code: reason.code, params: { number: nameOf(phone, transferring.to), ...reason.params } };
  const { back } = transferring;
  const settled = answerWaiting(phone, call, 'transferred', { ok: false, reason: why });
  const ours = change(settled.phone, id, { transfer: back.consulting, private: back.private });
  const told = andThen({ phone: ours, effects: settled.effects }, (now) => withNotice(now, why));
  return back.resumed && call.phase === 'held' && !isBusy(phone, id)
    ? andThen(told, (now) => onCall(now, id, { type: 'resume', request: null }, at))
    : told;
}

/** Another far end has taken the place of the one that was sent away. */
export const notSentAnyMore = (phone: Phone, id: string, at: number): Step =>
  transferFailed(phone, id, { code: 'wrong-state' }, at);

/** Its user is in the middle of something else. */
const isBusy = (phone: Phone, except: string): boolean =>
  phone.calls.some(
    ({ id, phase }) =>
      !conversationOf(phone, except).includes(id) && !['held', 'incoming', 'ending'].includes(phase),
  );

/**
 * A call is over. A far end that hangs up after we have sent it away has got there: PBXs that carry a transfer out
 * themselves say no more than that.
 */
export function callOver(phone: Phone, id: string, reason: Reason | null, at: number): Step {
  const call = callById(phone, id);
  const there = call && isSentAway(call) && reason === null && call.phase !== 'ending';
  return there
    ? andThen(arrived(phone, call, at), (now) => callEnded(now, id, null, at))
    : callEnded(phone, id, reason, at);
}

/** A private line, so that nothing of it shows at colleagues'; else the call's own. */
function lineToAskOn(phone: Phone, { lineKey }: Call): Offer<LineKeyConfig> {
  const own = lineKeyAt(phone, lineKey);
  const isPrivate = (key: LineKeyConfig): boolean => !key.shared && key.watched === null;
  const privates = phone.config.lineKeys.filter(isPrivate);
  const keys = own && isPrivate(own) ? [own, ...privates] : own ? [...privates, own] : privates;
  const free = keys.find((key) => lifted(phone, key) || seizable(phone, key).ok);
  if (free) return { ok: true, on: free };
  const offer = own && seizable(phone, own);
  return { ok: false, reason: offer && !offer.ok ? offer.reason : { code: 'wrong-state' } };
}

const lifted = (phone: Phone, { index }: LineKeyConfig): Call | undefined =>
  callsOnKey(phone, index).find(isLifted);

function change(phone: Phone, id: string, how: Partial<Call>): Phone {
  const call = callById(phone, id);
  return call ? replaceCall(phone, { ...call, ...how }) : phone;
}
