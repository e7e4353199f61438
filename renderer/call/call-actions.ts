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
  const { snapshot } = usePhone.getState();
  if (number === '' || !snapshot) return;
  const key = chooseLineKey(snapshot);
  if (key) dialOn(key.index, number);
  else showHint(say(anyConnected(snapshot) ? 'line.why.none-free' : 'line.why.none-connected'));
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
