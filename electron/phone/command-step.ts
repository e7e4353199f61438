import { type Call, isLifted } from './call.ts';
import type { Reply } from './effects.ts';
import type { PhoneCommand } from './events.ts';
import { dialable, isToneString } from './number.ts';
import { callById, callsOnKey, extensionAt, lineKeyAt, type Phone } from './phone.ts';
import { bargeIn, pickUp } from './pick-up-step.ts';
import { confirm, refuse, replied } from './reply.ts';
import { takeLine } from './seize-step.ts';
import { completeTransfer, consult, transfer } from './transfer-step.ts';
import { underWay } from './transferring.ts';
import { andThen, onCall, replaceCall, type Step } from './transition.ts';
import { clearTheWay } from './way.ts';

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
      const number = dialable(command.params.number);
      if (number === null)
        return refuse(phone, request, { code: 'bad-number', params: { number: command.params.number } });
      return takeLine(phone, request, command.params.lineKey, number, at);
    }
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
    case 'redial':
    case 'configure':
      return refuse(phone, request, { code: 'wrong-state' });
    default: {
      const call = callById(phone, command.params.call);
      return call
        ? callCommand(phone, request, call, command, at)
        : refuse(phone, request, { code: 'unknown-call' });
    }
  }
}

type CallCommand = Exclude<
  PhoneCommand,
  {
    name:
      | 'redial'
      | 'configure'
      | 'seize'
      | 'dial'
      | 'release'
      | 'retry'
      | 'pickUp'
      | 'bargeIn'
      | 'doNotDisturb';
  }
>;

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
      return andThen(clearTheWay(phone, call.id, at), (now) =>
        onCall(now, call.id, { type: 'resume', request }, at),
      );
    case 'mute': {
      const { on } = command.params;
      if (call.phase === 'ending') return wrongState;
      const muted = replaceCall(phone, { ...call, muted: on });
      return andThen({ phone: muted, effects: [{ type: 'mute', call: call.id, on }] }, (now) =>
        confirm(now, request, call),
      );
    }
    case 'sendDtmf': {
      const { tones } = command.params;
      if (!isToneString(tones)) return refuse(phone, request, { code: 'bad-tones' });
      // Early media may ask for digits too (a calling card, an auto-attendant that answers with 183).
      if (!['active', 'ringing'].includes(call.phase)) return wrongState;
      const dialed = replaceCall(phone, { ...call, digits: (call.digits + tones).slice(-64) });
      return andThen(
        { phone: dialed, effects: [{ type: 'dtmf', call: call.id, tones, way: 'auto' }] },
        (now) => confirm(now, request, call),
      );
    }
    case 'transfer':
      return transfer(phone, request, call, command.params.number, at);
    case 'consult':
      return consult(phone, request, call, command.params.number, at);
    case 'completeTransfer':
      return completeTransfer(phone, request, call, command.params.to, at);
    case 'typeDigits':
    case 'conference':
    case 'leaveConference':
    case 'muteParty':
    case 'record':
      return wrongState;
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
