import { type Dialect, profile } from '../../electron/contract/profile.ts';
import type { LineKeyState } from '../../electron/contract/snapshot.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createStation, type Station } from '../../electron/station.ts';
import { loopback, portBlock } from './ports.ts';
import type { Rig } from './rig.ts';

export interface StationHere {
  readonly pbxPort: number;
  readonly dialect: Dialect;
  /** Its own extension, on key 1; the password is `pw` and the user. */
  readonly user: string;
  /** The shared extension, on keys 2 and 3. */
  readonly shared?: { readonly userId: string; readonly sharedUserId: string; readonly password: string };
  /** What it says in every call, over and over, and where what it hears is written (8 kHz mu-law WAV). */
  readonly sound?: { readonly says: string; readonly heard: string };
}

/** A whole station, core and all, in this process and without a window. */
export async function stationHere(
  rig: Rig,
  { pbxPort, dialect, user, shared, sound }: StationHere,
): Promise<Station> {
  const localPort = await portBlock();
  const media = createFileMedia(sound ? { audioIn: sound.says, audioOut: sound.heard, loop: true } : {});
  const station = createStation({
    profile: profile.parse({
      pbx: { address: loopback, port: pbxPort, dialect },
      station: { name: `Station ${user}`, localAddress: loopback },
      extensions: [
        { userId: user, password: `pw${user}`, localPort },
        ...(shared ? [{ ...shared, localPort: localPort + 1 }] : []),
      ],
      lineKeys: [
        { extension: 1, label: user },
        ...(shared ? [2, 3].map(() => ({ extension: 2, label: shared.sharedUserId })) : []),
      ],
    }),
    media,
    log: silentLog,
    version: '0',
  });
  rig.use({ stop: () => media.close() });
  rig.use({ stop: () => station.stop() });
  await station.start();
  return station;
}

/** Resolves when something holds of what the station shows. */
export function until(what: string, at: Station, holds: () => boolean, ms = 20_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      unsubscribe();
    };
    const look = (): void => {
      if (!holds()) return;
      done();
      resolve();
    };
    const unsubscribe = at.subscribe(look);
    const timer = setTimeout(() => {
      done();
      reject(new Error(`not in ${ms} ms: ${what}. Now: ${JSON.stringify(at.view().lineKeys)}`));
    }, ms);
    look();
  });
}

/** Resolves when a line key (1-based) is in a state. */
export const shows = (at: Station, key: number, state: LineKeyState, ms?: number): Promise<void> =>
  until(`key ${key} ${state}`, at, () => at.view().lineKeys[key - 1]?.state === state, ms);

export const callOf = (at: Station): string => at.view().calls[0]?.id ?? '';
