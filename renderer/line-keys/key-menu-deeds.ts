import {
  answerCall,
  bargeIn,
  callNumber,
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
    case 'retry':
      void send('retry', { extension: deed.extension });
      break;
    case 'doNotDisturb':
      doNotDisturb(deed.on);
      break;
  }
}
