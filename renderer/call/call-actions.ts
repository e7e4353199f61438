import type { CallView } from '../../electron/contract/snapshot.ts';
import { send } from '../commands.ts';
import { anyConnected, chooseLineKey } from '../line-keys/choose-line-key.ts';
import { chooseCall, setNumber, showHint, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { say } from '../words/words.ts';

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
export function callNumber(number: string, preferred?: number): void {
  const { snapshot } = usePhone.getState();
  if (!snapshot) return;
  const key = chooseLineKey(snapshot, preferred);
  if (key) dialOn(key.index, number);
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

export function resumeCall(call: string): void {
  chooseCall(call);
  void send('resume', { call });
}

export const holdCall = (call: string): void => void send('hold', { call });

/** Holds a call so that no colleague can take it; on a line of one's own that is what hold is anyway. */
export function holdPrivately(call: string): void {
  const { lineKeys = [], calls = [] } = usePhone.getState().snapshot ?? {};
  const lineKey = calls.find(({ id }) => id === call)?.lineKey;
  if (lineKeys.some(({ index, shared }) => shared && index === lineKey)) {
    void send('hold', { call, private: true });
  } else holdCall(call);
}

export const doNotDisturb = (on: boolean): void => void send('doNotDisturb', { on });
export const silenceCall = (call: string): void => void send('silence', { call });
export const muteCall = (call: string, on: boolean): void => void send('mute', { call, on });
export const sendTones = (call: string, tones: string): void => void send('sendDtmf', { call, tones });

/** Ends what the call is doing: rejects, gives the line back or hangs up. */
export function endCall(call: CallView): void {
  if (call.state === 'ending') return;
  if (call.state === 'incoming') void send('reject', { call: call.id });
  else if (call.state === 'seizing') void send('release', { lineKey: call.lineKey });
  else void send('hangUp', { call: call.id });
}
