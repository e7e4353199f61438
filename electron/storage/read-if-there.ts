import { readFile } from 'node:fs/promises';

/** The text of a file; null when there is none. Throws when it cannot be read. */
export const readIfThere = (file: string): Promise<string | null> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
