import { send } from '../commands.ts';
import { followPhone, usePhone } from '../phone-store.ts';
import type { HeadsetDeed } from './headset-deeds.ts';
import { Headsets } from './headsets.ts';

/** Joins the headsets' buttons and lamps to the phone. */
export function startHeadsets(): Headsets {
  const headsets = new Headsets(navigator.hid, carryOut);
  followPhone((phone) => headsets.follow(phone));
  return headsets;
}

function carryOut(deed: HeadsetDeed): void {
  switch (deed.name) {
    case 'mute':
      void send('mute', { call: deed.call, on: deed.on });
      return;
    case 'redial': {
      const key = usePhone.getState().snapshot?.lineKeys.find(({ can }) => can.seize);
      if (key) void send('redial', { lineKey: key.index });
      return;
    }
    default:
      void send(deed.name, { call: deed.call });
  }
}
