import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { queryObjects } from 'node:v8';
import { Dialog, Transaction } from 'sip.js/lib/core/index.js';
import { IncomingCall } from '../../electron/sip/calls/incoming-call.ts';
import { OutgoingCall } from '../../electron/sip/calls/outgoing-call.ts';
import { Repeater } from '../../electron/sip/transactions/timers.ts';

/** Counts of things by their names. */
export type Counts = Readonly<Record<string, number>>;

const counted = {
  dialogs: Dialog,
  'sip.js transactions': Transaction,
  // One each transaction of ours.
  repeaters: Repeater,
  'incoming calls': IncomingCall,
  'outgoing calls': OutgoingCall,
};

/** How many calls, transactions and the like the heap holds, whoever holds on to them. */
export function liveObjects(): Counts {
  return Object.fromEntries(
    Object.entries(counted).map(([name, type]) => [name, queryObjects(type, { format: 'count' })]),
  );
}

export const listenersOf = (emitter: EventEmitter): number =>
  emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);

/** What this process has open, from `begin` on. */
export class OpenThings {
  private readonly sockets = new Set<EventEmitter>();

  private readonly opened = (message: unknown): void => {
    const { socket } = message as { socket: EventEmitter };
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  };

  begin(): void {
    subscribe('udp.socket', this.opened);
  }

  end(): void {
    unsubscribe('udp.socket', this.opened);
  }

  counts(): Counts {
    const resources = process.getActiveResourcesInfo();
    const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);
    return {
      'UDP sockets': this.sockets.size,
      'listeners on them': sum([...this.sockets].map(listenersOf)),
      'listeners on the process': listenersOf(process),
      timers: resources.filter((name) => name === 'Timeout').length,
      'other resources': resources.filter((name) => name !== 'Timeout').length,
      ...(process.platform === 'linux' ? { 'open files': readdirSync('/proc/self/fd').length } : {}),
    };
  }
}
