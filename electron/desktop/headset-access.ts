import { dialog, type HIDDevice, type Session } from 'electron';
import { text } from '../words.ts';
import { isOwnPage } from './security.ts';

/** HID Usage Tables: Telephony Devices. */
const telephonyPage = 0x0b;

/**
 * The window may have the buttons and lamps of headsets, and of nothing else that is plugged in. The user has pressed
 * "Connect a headset" before it asks; of several headsets the user says which.
 */
export function grantHeadsets(session: Session): void {
  session.setDevicePermissionHandler(
    ({ deviceType, origin, device }) =>
      deviceType === 'hid' && isOwnPage(origin) && 'collections' in device && isHeadset(device),
  );
  session.on('select-hid-device', (event, { deviceList, frame }, choose) => {
    event.preventDefault();
    const headsets = frame && isOwnPage(frame.url) ? deviceList.filter(isHeadset) : [];
    void chosenOf(headsets).then((headset) => choose(headset?.deviceId ?? null));
  });
}

const isHeadset = ({ collections }: HIDDevice): boolean =>
  collections.some(({ usagePage }) => usagePage === telephonyPage);

async function chosenOf(headsets: readonly HIDDevice[]): Promise<HIDDevice | undefined> {
  if (headsets.length < 2) return headsets[0];
  const { response } = await dialog.showMessageBox({
    message: text('headset.which'),
    buttons: [...headsets.map(({ name }) => name), text('headset.none')],
    cancelId: headsets.length,
  });
  return headsets[response];
}
