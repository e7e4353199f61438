import os from 'node:os';
import path from 'node:path';

/** Partyline's folder among the user's caches; it may not exist yet, and all in it can be deleted. */
export function cacheFolder() {
  const home = os.homedir();
  if (process.platform === 'win32') {
    return path.join(process.env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'), 'Partyline', 'Cache');
  }
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Caches', 'partyline');
  return path.join(process.env.XDG_CACHE_HOME || path.join(home, '.cache'), 'partyline');
}
