import type { CallView } from '../../electron/contract/snapshot.ts';
import { send } from '../commands.ts';
import { anyConnected, chooseLineKey } from '../line-keys/choose-line-key.ts';
import { addTo, chooseCall, setNumber, showHint, usePanel } from '../panel-store.ts';
import { currentCalls, usePhone } from '../phone-store.ts';
import { say } from '../words/words.ts';
import { type Consultation, companyOf } from './company.ts';

/** Takes a line and shows it: dial tone. */
export function seizeLine(lineKey: number): void {
  chooseCall(null);
  void send('seize', { lineKey });
}

/** Calls a number on a line key; the number leaves the field when the call is on its way. */
export function dialOn(lineKey: number, number: string): void {
  chooseCall(null);
  void send('dial', { lineKey, number }).then((done) => {
    if (!done) return;
    chooseCall(done.call);
    if (usePanel.getState().number === number) setNumber('');
  });
}

/** Calls what stands in the number field, on the line that suits. */
export function dialNumber(): void {
  const { number } = usePanel.getState();
  if (number !== '') callNumber(number);
}

/** Calls a number on the line that suits; on the `preferred` extension, if a line of it is free. */
export const callNumber = (number: string, preferred?: number): void =>
  onSuitingLine(preferred, (lineKey) => dialOn(lineKey, number));

/** Calls the number that was called last, on the line that suits; or another that was called, as it was then. */
export const redial = (number?: string, preferred?: number): void =>
  onSuitingLine(preferred, (lineKey) => {
    chooseCall(null);
    void send('redial', { lineKey, number }).then((done) => done && chooseCall(done.call));
  });

function onSuitingLine(preferred: number | undefined, go: (lineKey: number) => void): void {
  const { snapshot } = usePhone.getState();
  if (!snapshot) return;
  const key = chooseLineKey(snapshot, preferred);
  if (key) go(key.index);
  else showHint(say(anyConnected(snapshot) ? 'line.why.none-free' : 'line.why.none-connected'));
}

/** Takes over the call that a line key offers. */
export const pickUp = (lineKey: number): void => takePart('pickUp', lineKey);
/** Joins the conversation on a line key. */
export const bargeIn = (lineKey: number): void => takePart('bargeIn', lineKey);

function takePart(name: 'pickUp' | 'bargeIn', lineKey: number): void {
  chooseCall(null);
  void send(name, { lineKey }).then((done) => done && chooseCall(done.call));
}

export function answerCall(call: string): void {
  chooseCall(call);
  void send('answer', { call });
}

/** Resumes a call; the one that is talked on goes on hold by itself. */
export function resumeCall(call: string): void {
  chooseCall(call);
  void send('resume', { call });
}

/** Hands the far end over to a number, without asking there. */
export function transferCall(call: string, number: string): void {
  void send('transfer', { call, number });
}

/** Goes where the far end of a call wants to connect one. */
export function followTransfer(call: string): void {
  void send('followTransfer', { call }).then((done) => done && chooseCall(done.call));
}

/** Stays with the far end that wanted to connect one elsewhere. */
export const declineTransfer = (call: string): void => void send('declineTransfer', { call });

/** Calls a number while the call waits: to ask whether it may be handed over, or to have them join. */
export function consult(call: string, number: string, purpose: 'transfer' | 'add'): void {
  addTo(purpose === 'add' ? call : null);
  void send('consult', { call, number }).then((done) => done && chooseCall(done.call));
}

/** Hands the far end of one call over to that of the other. */
export const connectCalls = (call: string, to: string): void => void send('completeTransfer', { call, to });

export function bringTogether(call: string, other: string): void {
  addTo(null);
  // Before the answer comes: what is opened meanwhile stays open.
  chooseCall(call);
  void send('conference', { call, with: other });
}

/** Gives the asking up and goes back to the one who waits. */
export function backToWaiting({ waiting, asking }: Consultation): void {
  addTo(null);
  void send('hangUp', { call: asking.id }).then((done) => done && resumeCall(waiting.id));
}

export const leaveConference = (call: string): void => void send('leaveConference', { call });
export const muteParty = (call: string, on: boolean): void => void send('muteParty', { call, on });
export const recordCall = (call: string, on: boolean): void => void send('record', { call, on });
/** What stands in the number field of a lifted line. */
export const typeDigits = (call: string, digits: string): void => void send('typeDigits', { call, digits });

/** Holds a call; a conference as a whole, as resume and mute are. */
export const holdCall = (call: string): void => void send('hold', { call });

/** Holds a call so that no colleague can take it; on a line of one's own that is what hold is anyway. */
export function holdPrivately(call: string): void {
  const lineKeys = usePhone.getState().snapshot?.lineKeys ?? [];
  const lineKey = currentCalls().find(({ id }) => id === call)?.lineKey;
  if (lineKeys.some(({ index, shared }) => shared && index === lineKey)) {
    void send('hold', { call, private: true });
  } else holdCall(call);
}

export const doNotDisturb = (on: boolean): void => void send('doNotDisturb', { on });
export const silenceCall = (call: string): void => void send('silence', { call });
export const muteCall = (call: string, on: boolean): void => void send('mute', { call, on });
export const sendTones = (call: string, tones: string): void => void send('sendDtmf', { call, tones });

/** Ends a call with its whole conference. */
export function endCompany(call: CallView): void {
  for (const each of companyOf(currentCalls(), call)) endCall(each);
}

/** Ends what the call is doing: rejects, gives the line back or hangs up. */
export function endCall(call: CallView): void {
  if (call.state === 'ending') return;
  if (call.state === 'incoming') void send('reject', { call: call.id });
  else if (call.state === 'seizing') void send('release', { lineKey: call.lineKey });
  else void send('hangUp', { call: call.id });
}
