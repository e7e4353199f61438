import { readFileSync } from 'node:fs';

/**
 * Milliseconds that this thread has run: what a stall of its event loop would be if it had a processor to itself, however
 * busy the machine is. Where the kernel does not tell, all threads of the process count, V8's helpers too. The kernel
 * brings it up to date some 250 times a second.
 */
export function threadTime(): number {
  if (process.platform === 'linux') {
    const [nanoseconds = ''] = readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1);
    return Number(nanoseconds) / 1e6;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
