import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/**
 * Writes a capture whole or not at all, readable by its owner only: it tells who has called whom. Throws when the path
 * is relative (to what, its giver could not know), names something that is no file, or cannot be written.
 */
export async function writeTraceFile(path: string, capture: Buffer): Promise<void> {
  if (!isAbsolute(path)) throw new Error('the path must begin at the root');
  const found = await stat(path).catch(() => null);
  // A device would be replaced by a file.
  if (found && !found.isFile()) throw new Error('that is no file');
  await writeFileAtomic(path, capture, { mode: 0o600 });
}
