import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { loopback } from './ports.ts';

/**
 * The station of issue and guide: User-A with her own 5031 on the first line key and the shared 5041 on the second,
 * at `localPort` and the port after it.
 */
export const userA = (pbxPort: number, localPort: number): ProfileInput => ({
  pbx: { address: loopback, port: pbxPort, dialect: 'spa9000' },
  station: { name: 'User-A', displayName: 'User-A', localAddress: loopback },
  extensions: [
    { userId: '5031', password: 'pw5031', localPort },
    { userId: '5031', sharedUserId: '5041', password: 'pw5031', localPort: localPort + 1 },
  ],
  lineKeys: [
    { extension: 1, label: '5031' },
    { extension: 2, label: '5041' },
  ],
});

/** Writes a profile (or something that should be one) and returns the file's path. */
export async function profileFile(folder: string, profile: ProfileInput | string): Promise<string> {
  const file = join(folder, 'profile.json');
  await writeFile(file, typeof profile === 'string' ? profile : JSON.stringify(profile, null, 2));
  return file;
}
