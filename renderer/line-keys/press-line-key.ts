import type { LineKeyView } from '../../electron/contract/snapshot.ts';
import { answerCall, callNumber, dialOn, pickUp, resumeCall, seizeLine } from '../call/call-actions.ts';
import { chooseCall, openKeyMenu, showHint, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { say } from '../words/words.ts';
import { pressOf } from './press.ts';

/** Carries out what the press of a line key means now. */
export function pressLineKey(key: LineKeyView): void {
  const press = pressOf(key, usePhone.getState().snapshot?.calls ?? [], usePanel.getState().number);
  openKeyMenu(null);
  switch (press.does) {
    case 'seize':
      seizeLine(press.lineKey);
      break;
    case 'pickUp':
      pickUp(press.lineKey);
      break;
    case 'menu':
      openKeyMenu(press.lineKey);
      break;
    case 'dial':
      dialOn(press.lineKey, press.number);
      break;
    case 'call':
      callNumber(press.number);
      break;
    case 'answer':
      answerCall(press.call);
      break;
    case 'resume':
      resumeCall(press.call);
      break;
    case 'show':
      chooseCall(press.call);
      break;
    case 'explain': {
      const why = key.cannot ?? say(press.why, press.params);
      showHint(key.reason ? `${why} ${key.reason}` : why, press.retry);
      break;
    }
  }
}
