import {
  answerCall,
  bargeIn,
  bringTogether,
  callNumber,
  connectCalls,
  doNotDisturb,
  endCall,
  holdCall,
  holdPrivately,
  pickUp,
  resumeCall,
  seizeLine,
  silenceCall,
} from '../call/call-actions.ts';
import { send } from '../commands.ts';
import { usePhone } from '../phone-store.ts';
import { aimAt } from '../reach/reach-actions.ts';
import type { KeyMenuDeed } from './key-menu-items.ts';

/** Does what was chosen from a line key's menu. */
export function performDeed(deed: KeyMenuDeed): void {
  switch (deed.do) {
    case 'answer':
      answerCall(deed.call);
      break;
    case 'silence':
      silenceCall(deed.call);
      break;
    case 'resume':
      resumeCall(deed.call);
      break;
    case 'hold':
      holdCall(deed.call);
      break;
    case 'holdPrivately':
      holdPrivately(deed.call);
      break;
    case 'end':
      endCall(deed.call);
      break;
    case 'pickUp':
      pickUp(deed.lineKey);
      break;
    case 'bargeIn':
      bargeIn(deed.lineKey);
      break;
    case 'seize':
      seizeLine(deed.lineKey);
      break;
    case 'call':
      callNumber(deed.number);
      break;
    case 'callBack':
      void send('callBack', { lineKey: deed.lineKey, number: deed.number });
      break;
    case 'stopCallBack':
      void send('stopCallBack', {});
      break;
    case 'aim':
    case 'connect':
    case 'bringTogether':
      performForCall(deed.do, deed.call, deed.lineKey);
      break;
    case 'retry':
      void send('retry', { extension: deed.extension });
      break;
    case 'doNotDisturb':
      doNotDisturb(deed.on);
      break;
  }
}

/** Of the call in the panel with whom a key stands for. */
function performForCall(how: 'aim' | 'connect' | 'bringTogether', call: string, lineKey: number): void {
  const { lineKeys = [], calls = [] } = usePhone.getState().snapshot ?? {};
  if (how === 'aim') {
    const key = lineKeys.find(({ index }) => index === lineKey);
    if (key) aimAt({ call, purpose: 'transfer', typed: '', chosen: null, marked: null }, key);
    return;
  }
  const other = calls.find((each) => each.lineKey === lineKey && each.state === 'held' && each.id !== call);
  if (!other) return;
  if (how === 'connect') connectCalls(call, other.id);
  else bringTogether(call, other.id);
}
