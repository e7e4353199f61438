import type { LineKeyView } from '../../electron/contract/snapshot.ts';
import { answerCall, callNumber, dialOn, pickUp, resumeCall, seizeLine } from '../call/call-actions.ts';
import { chooseCall, dragCall, openKeyMenu, showHint, usePanel } from '../panel-store.ts';
import { currentCalls } from '../phone-store.ts';
import { aimAt, currentReach } from '../reach/reach-actions.ts';
import { say } from '../words/words.ts';
import { pressOf } from './press.ts';

/** A call dropped on a line key is to go to whom the key stands for; how is still to be said. */
export function dropOnLineKey(key: LineKeyView): void {
  const { dragged } = usePanel.getState();
  dragCall(null);
  if (dragged === null) return;
  aimAt({ call: dragged, purpose: 'transfer', typed: '', chosen: null, marked: null }, key);
}

/** Carries out what the press of a line key means now. */
export function pressLineKey(key: LineKeyView): void {
  const press = pressOf(key, currentCalls(), usePanel.getState().number);
  openKeyMenu(null);
  // While somebody is sought, a key means "that one"; but who rings there is answered.
  const reach = currentReach();
  if (reach && press.does !== 'answer') {
    aimAt(reach, key);
    return;
  }
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
