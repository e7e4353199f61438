import pino from 'pino';
import type { Log } from './phone/ports.ts';

export interface LogOptions {
  /** A file beside standard error's place; null writes to standard error. */
  readonly file: string | null;
  readonly level: 'debug' | 'info' | 'warn';
}

/** One line of JSON an entry. Credentials never reach it: SIP headers are logged by name only. */
export function createLog({ file, level }: LogOptions): Log {
  const destination = pino.destination({ dest: file ?? 2, sync: true, mkdir: true, mode: 0o600 });
  return pino({ level, base: null, redact: ['*.password', '*.profile'] }, destination);
}
