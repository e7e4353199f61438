import { rm } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { profile } from '../contract/profile.ts';
import { readIfThere } from './read-if-there.ts';

/** What the phone was when it was last used: the practice PBX's station, or a PBX's. */
const rememberedStation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('practice') }),
  z.object({ kind: z.literal('pbx'), profile }),
]);
export type RememberedStation = z.infer<typeof rememberedStation>;

export interface StationMemory {
  /** Null: nothing remembered. Throws when what is there cannot be read. */
  recall(): Promise<RememberedStation | null>;
  remember(station: RememberedStation): Promise<void>;
  forget(): Promise<void>;
  readonly file: string;
}

export function createStationMemory(file: string): StationMemory {
  return {
    file,
    async recall() {
      const text = await readIfThere(file);
      return text === null ? null : rememberedStation.parse(JSON.parse(text));
    },
    // Readable by its owner only: it holds passwords.
    remember: (station) => writeFileAtomic(file, `${JSON.stringify(station, null, 2)}\n`, { mode: 0o600 }),
    forget: () => rm(file, { force: true }),
  };
}
