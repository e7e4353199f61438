import { monitorEventLoopDelay } from 'node:perf_hooks';
import { threadTime } from '../support/thread-time.ts';
import type { StationUnderAttack } from './station-under-attack.ts';

export interface Report {
  readonly cases: number;
  readonly answers: number;
  readonly calls: number;
  /** Nothing may get as far as the last line of defence. */
  readonly caught: readonly string[];
  /** Milliseconds: the longest single datagram, and the worst stall of the event loop. */
  readonly longest: number;
  readonly worstStall: number;
  /** Milliseconds that this thread ran in one turn of the event loop: its worst stall, had we had the machine for ourselves. */
  readonly busiest: number;
  /** How the longest datagram began. */
  readonly slowest: string;
  readonly ownCallAlive: boolean;
}

/** Puts every datagram in, a few in each turn of the event loop as a busy socket would, so that its stalls can be seen. */
export async function attack(station: StationUnderAttack, datagrams: Iterable<Buffer>): Promise<Report> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let [cases, busiest, used] = [0, 0, threadTime()];
  for (const datagram of datagrams) {
    station.hit(datagram);
    cases += 1;
    if (cases % 4 !== 0) continue;
    await new Promise((resolve) => setImmediate(resolve));
    const now = threadTime();
    busiest = Math.max(busiest, now - used);
    used = now;
  }
  delay.disable();
  return {
    cases,
    answers: station.answers,
    calls: station.calls,
    caught: station.caught,
    longest: station.longest,
    worstStall: delay.max / 1e6,
    busiest,
    slowest: station.slowest,
    ownCallAlive: await station.ownCallIsAlive(),
  };
}

export const summary = (name: string, report: Report): string =>
  `${name}: ${report.cases} cases, ${report.answers} answers, ${report.calls} calls rang; ${report.caught.length} throws; ` +
  `longest datagram ${report.longest.toFixed(1)} ms, worst stall ${report.worstStall.toFixed(1)} ms, busiest turn ${report.busiest.toFixed(1)} ms of processor time; own call ${report.ownCallAlive ? 'alive' : 'LOST'}; slowest: ${JSON.stringify(report.slowest)}`;
