import { join } from 'node:path';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { openControlSocket } from '../../electron/control/control-socket.ts';
import { createFileMedia, type FileMediaOptions } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createStationHost } from '../../electron/station-host.ts';
import { Control } from './control.ts';
import { profileFile } from './profiles.ts';
import type { Rig } from './rig.ts';

/** A station in this process, driven over its control socket; without a profile it has no PBX. Ends with the rig. */
export async function serveStation(
  rig: Rig,
  profile: ProfileInput | null,
  sound: FileMediaOptions = {},
): Promise<Control> {
  const folder = await rig.folder();
  const media = createFileMedia(sound);
  const host = createStationHost({
    media,
    log: silentLog,
    version: '0',
    profileFile: profile && (await profileFile(folder, profile)),
    memory: null,
    settings: null,
    practicePbx: null,
  });
  rig.use({ stop: () => media.close() });
  rig.use({ stop: () => host.stop() });
  await host.start();
  const path = join(folder, 'control');
  const socket = await openControlSocket(path, host);
  rig.use({ stop: () => socket.close() });
  return rig.use(await Control.open(path, { hasEnded: false, output: '' }));
}
