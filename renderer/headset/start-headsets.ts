import { answerCall, endCompany, holdCall, muteCall, redial, resumeCall } from '../call/call-actions.ts';
import { currentCalls, followPhone } from '../phone-store.ts';
import type { HeadsetDeed } from './headset-deeds.ts';
import { Headsets } from './headsets.ts';

/** Joins the headsets' buttons and lamps to the phone, as long as there is this page. */
export function startHeadsets(): Headsets {
  const headsets = new Headsets(navigator.hid, carryOut);
  const stop = followPhone((phone) => headsets.follow(phone));
  addEventListener('pagehide', () => {
    stop();
    void headsets.close();
  });
  return headsets;
}

/** A button does what the same key of the panel does. */
function carryOut(deed: HeadsetDeed): void {
  switch (deed.name) {
    case 'answer':
      answerCall(deed.call);
      break;
    case 'hold':
      holdCall(deed.call);
      break;
    case 'resume':
      resumeCall(deed.call);
      break;
    case 'mute':
      muteCall(deed.call, deed.on);
      break;
    case 'hangUp': {
      const call = currentCalls().find(({ id }) => id === deed.call);
      if (call) endCompany(call);
      break;
    }
    case 'redial':
      redial();
      break;
  }
}
