import { utilityProcess } from 'electron';
import { createRelayClient } from '../media/relay-client.ts';
import type { Log, MediaPort } from '../phone/ports.ts';

/** The relay in a process of its own: whatever keeps the main process busy, no packet waits for it. */
export const startMediaProcess = (script: string, log: Log): MediaPort =>
  createRelayClient(() => utilityProcess.fork(script, [], { serviceName: 'Partyline audio' }), { log });
