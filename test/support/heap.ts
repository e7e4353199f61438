import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Memory of this process without its garbage; bytes. */
export function usedMemory(): NodeJS.MemoryUsage {
  collect();
  return process.memoryUsage();
}
