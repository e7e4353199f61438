import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Memory of this process without its garbage; bytes. */
export function usedMemory(): NodeJS.MemoryUsage {
  collect();
  return process.memoryUsage();
}

/** What lives on the heap but for compiled code, of which there is more the longer a program runs; bytes. */
export function usedByObjects(): number {
  const { heapUsed } = usedMemory();
  const code = getHeapCodeStatistics();
  return heapUsed - code.code_and_metadata_size - code.bytecode_and_metadata_size;
}
