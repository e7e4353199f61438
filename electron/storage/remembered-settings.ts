import writeFileAtomic from 'write-file-atomic';
import { type SettingsChange, settingsChange } from '../contract/settings.ts';
import { readIfThere } from './read-if-there.ts';

/** What the user has changed of the settings: beside the station, for it outlives it. */
export interface SettingsMemory {
  /** Nothing when nothing is remembered. Throws when what is there cannot be read. */
  recall(): Promise<SettingsChange>;
  remember(settings: SettingsChange): Promise<void>;
  readonly file: string;
}

export function createSettingsMemory(file: string): SettingsMemory {
  /** One after the other: the last that was asked for is the one that stays. */
  let writing: Promise<unknown> = Promise.resolve();
  return {
    file,
    async recall() {
      const text = await readIfThere(file);
      return text === null ? {} : settingsChange.parse(JSON.parse(text));
    },
    remember(settings) {
      const text = `${JSON.stringify(settings, null, 2)}\n`;
      const written = writing.then(() => writeFileAtomic(file, text, { mode: 0o600 }));
      writing = written.catch(() => undefined);
      return written;
    },
  };
}
