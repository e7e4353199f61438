import { type Call, isLifted, isSettled } from './calls/call.ts';
import { bargeIn, pickUp } from './calls/pick-up-step.ts';
import { record } from './calls/recording-step.ts';
import { clearTheWay } from './calls/way.ts';
import {
  conference,
  holdTogether,
  leaveConference,
  muteParty,
  resumeTogether,
} from './conference/conference-step.ts';
import { beginCallBack, stopCallBack } from './dialing/call-back-step.ts';
import { isToneString } from './dialing/number.ts';
import { numberToCall } from './dialing/numbering.ts';
import { typeDigits } from './dialing/typing-step.ts';
import type { Effect, Reply } from './effects.ts';
import type { PhoneCommand } from './events.ts';
import { takeLine } from './lines/seize-step.ts';
import {
  callById,
  callsOnKey,
  conferenceOf,
  conversationOf,
  extensionAt,
  lineKeyAt,
  type Phone,
} from './phone.ts';
import { confirm, refuse, replied } from './reply.ts';
import { configure } from './settings-step.ts';
import { declineTransfer, followTransfer } from './transfer/referral-step.ts';
import { completeTransfer, consult, transfer } from './transfer/transfer-step.ts';
import { underWay } from './transfer/transferring.ts';
import { andThen, onCall, replaceCall, type Step } from './transition.ts';

const done: Reply = { ok: true, result: { done: true } };

/** A command of a person or a script. Each ends in one `reply`, at once or when the call has got there. */
export function commandStep(phone: Phone, request: number, command: PhoneCommand, at: number): Step {
  switch (command.name) {
    case 'pickUp':
      return pickUp(phone, request, command.params.lineKey, at);
    case 'bargeIn':
      return bargeIn(phone, request, command.params.lineKey, at);
    case 'doNotDisturb':
      return replied({ ...phone, doNotDisturb: command.params.on }, request, done);
    case 'seize':
      return takeLine(phone, request, command.params.lineKey, null, at);
    case 'dial': {
      const numbered = numberToCall(phone, command.params.number);
      if (!numbered.ok) return refuse(phone, request, numbered.reason);
      return takeLine(phone, request, command.params.lineKey, numbered.number, at);
    }
    case 'callBack':
      return beginCallBack(phone, request, command.params, at);
    case 'stopCallBack':
      return stopCallBack(phone, request);
    case 'release':
      return release(phone, request, command.params.lineKey, at);
    case 'retry': {
      const { extension } = command.params;
      if (!extensionAt(phone, extension)) return refuse(phone, request, { code: 'unknown-extension-index' });
      return {
        phone,
        effects: [
          { type: 'register-now', extension },
          { type: 'reply', request, reply: done },
        ],
      };
    }
    case 'configure':
      return configure(phone, request, command.params.settings);
    case 'redial': {
      const { lineKey, number = phone.lastDialed } = command.params;
      if (number === null || !wasCalled(phone, number)) {
        return refuse(phone, request, { code: 'nothing-to-redial' });
      }
      return takeLine(phone, request, lineKey, number, at);
    }
    default: {
      const call = callById(phone, command.params.call);
      return call
        ? callCommand(phone, request, call, command, at)
        : refuse(phone, request, { code: 'unknown-call' });
    }
  }
}

type CallCommand = Extract<PhoneCommand, { readonly params: { readonly call: string } }>;

const wasCalled = ({ lastDialed, history }: Phone, number: string): boolean =>
  number === lastDialed ||
  history.some(({ direction, remote }) => direction === 'outgoing' && remote.number === number);

function callCommand(phone: Phone, request: number, call: Call, command: CallCommand, at: number): Step {
  const wrongState = refuse(phone, request, { code: 'wrong-state' });
  switch (command.name) {
    case 'answer':
      if (call.phase !== 'incoming' && call.phase !== 'answering') return wrongState;
      return andThen(clearTheWay(phone, call.id, at), (now) =>
        onCall(now, call.id, { type: 'answer', request }, at),
      );
    case 'reject':
      if (call.phase !== 'incoming') return wrongState;
      return finish(phone, request, call, at);
    case 'hangUp':
      return finish(phone, request, call, at);
    case 'hold': {
      if (underWay(call)) return wrongState;
      const together = conferenceOf(phone, call.id);
      if (together && isSettled(call)) return holdTogether(phone, request, call, together, at);
      const asPrivate = command.params.private === true && call.appearance !== null;
      if (call.phase === 'held') {
        return confirm(replaceCall(phone, { ...call, private: asPrivate }), request, call);
      }
      if (call.phase !== 'active' && call.phase !== 'holding') return wrongState;
      return onCall(phone, call.id, { type: 'hold', request, private: asPrivate }, at);
    }
    case 'resume':
      if (underWay(call)) return wrongState;
      if (call.phase === 'active') return confirm(phone, request, call);
      if (call.phase !== 'held' && call.phase !== 'resuming') return wrongState;
      return andThen(clearTheWay(phone, call.id, at), (now) => {
        const together = conferenceOf(now, call.id);
        return together
          ? resumeTogether(now, request, call, together, at)
          : onCall(now, call.id, { type: 'resume', request }, at);
      });
    case 'mute': {
      const { on } = command.params;
      if (call.phase === 'ending') return wrongState;
      // In a conference our user is muted towards everyone.
      const all = phone.calls.filter(({ id }) => conversationOf(phone, call.id).includes(id));
      const muted = all.reduce((now, each) => replaceCall(now, { ...each, muted: on }), phone);
      const effects = all.map(({ id }): Effect => ({ type: 'mute', call: id, on }));
      return andThen({ phone: muted, effects }, (now) => confirm(now, request, call));
    }
    case 'sendDtmf': {
      const { tones } = command.params;
      if (!isToneString(tones)) return refuse(phone, request, { code: 'bad-tones' });
      // Early media may ask for digits too (a calling card, an auto-attendant that answers with 183).
      if (!['active', 'ringing'].includes(call.phase)) return wrongState;
      const dialed = replaceCall(phone, { ...call, digits: (call.digits + tones).slice(-64) });
      const { dtmf } = phone.settings;
      const sent: Effect =
        dtmf === 'info'
          ? { type: 'info-digits', call: call.id, tones }
          : { type: 'dtmf', call: call.id, tones, way: dtmf };
      return andThen({ phone: dialed, effects: [sent] }, (now) => confirm(now, request, call));
    }
    case 'typeDigits':
      if (!isLifted(call)) return wrongState;
      return typeDigits(phone, request, call, command.params.digits, at);
    case 'transfer':
      return transfer(phone, request, call, command.params.number, at);
    case 'consult':
      return consult(phone, request, call, command.params.number, at);
    case 'completeTransfer':
      return completeTransfer(phone, request, call, command.params.to, at);
    case 'followTransfer':
      return followTransfer(phone, request, call, at);
    case 'declineTransfer':
      return declineTransfer(phone, request, call);
    case 'record':
      return record(phone, request, call, command.params.on, at);
    case 'conference': {
      const other = callById(phone, command.params.with);
      return other
        ? conference(phone, request, call, other, at)
        : refuse(phone, request, { code: 'unknown-call' });
    }
    case 'leaveConference':
      return leaveConference(phone, request, call, at);
    case 'muteParty':
      return muteParty(phone, request, call, command.params.on);
    case 'silence':
      if (call.phase !== 'incoming') return wrongState;
      return confirm(replaceCall(phone, { ...call, silenced: true }), request, call);
  }
}

function release(phone: Phone, request: number, lineKey: number, at: number): Step {
  if (!lineKeyAt(phone, lineKey)) return refuse(phone, request, { code: 'unknown-line-key' });
  const lifted = callsOnKey(phone, lineKey).find(isLifted);
  if (!lifted) return refuse(phone, request, { code: 'wrong-state' });
  return andThen(onCall(phone, lifted.id, { type: 'finish' }, at), (now) => replied(now, request, done));
}

const finish = (phone: Phone, request: number, call: Call, at: number): Step =>
  andThen(onCall(phone, call.id, { type: 'finish' }, at), (now) => confirm(now, request, call));
