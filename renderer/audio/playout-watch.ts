import type { PlayoutReport } from '../../electron/contract/commands.ts';
import { type PlayoutTotals, playoutBetween, readPlayout } from './playout.ts';

const every = 1000;

/** Tells once a second how a call is played, while it is heard. */
export class PlayoutWatch {
  readonly #call: string;
  readonly #stats: () => Promise<RTCStatsReport | null>;
  readonly #report: (report: PlayoutReport) => void;
  #timer: number | undefined;
  #before: PlayoutTotals | null = null;

  constructor(
    call: string,
    stats: () => Promise<RTCStatsReport | null>,
    report: (report: PlayoutReport) => void,
  ) {
    this.#call = call;
    this.#stats = stats;
    this.#report = report;
  }

  listen(on: boolean): void {
    if (on === (this.#timer !== undefined)) return;
    window.clearInterval(this.#timer);
    this.#before = null;
    this.#timer = on ? window.setInterval(() => void this.#look(), every) : undefined;
  }

  async #look(): Promise<void> {
    const stats = await this.#stats().catch(() => null);
    if (this.#timer === undefined) return;
    const now = stats && readPlayout(stats.values());
    // A leg that was connected anew counts from nothing.
    if (now && this.#before && now.received >= this.#before.received) {
      this.#report(playoutBetween(this.#call, this.#before, now));
    }
    this.#before = now;
  }
}
