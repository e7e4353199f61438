import type { PhoneCommand } from '../phone/events.ts';
import type { Log } from '../phone/ports.ts';
import type { Station } from '../station.ts';
import { type Habits, isQuiet, nextMove } from './habits.ts';

export interface ColleagueOptions {
  readonly name: string;
  readonly station: Pick<Station, 'start' | 'command' | 'view' | 'subscribe' | 'stop'>;
  readonly habits: Habits;
  /** Milliseconds from one outing to the next; null: only when `plan` says. */
  readonly every: number | null;
  /** Milliseconds the line has to be idle before the colleague takes it. */
  readonly quietFor: number;
  readonly log: Log;
}

/** How often a colleague looks at the clock. */
const tick = 250;

/** Somebody with a real phone: the same station that Partyline is, and habits (habits.ts) instead of a person. */
export class Colleague {
  #dueAt: number | null = null;
  #busy = false;
  #clock: NodeJS.Timeout | null = null;
  #unsubscribe: () => void = () => {};

  constructor(private readonly options: ColleagueOptions) {
    if (options.every !== null) this.plan(options.every);
  }

  async start(): Promise<void> {
    const { station } = this.options;
    this.#unsubscribe = station.subscribe(() => void this.#consider());
    this.#clock = setInterval(() => void this.#consider(), tick);
    await station.start();
  }

  /** The next outing is due in so many milliseconds. */
  plan(inMs: number): void {
    this.#dueAt = Date.now() + inMs;
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    if (this.#clock) clearInterval(this.#clock);
    this.#clock = null;
    await this.options.station.stop();
  }

  async #consider(): Promise<void> {
    if (this.#busy || !this.#clock) return;
    const now = Date.now();
    const view = this.options.station.view();
    const due =
      this.#dueAt !== null && now >= this.#dueAt && isQuiet(view.lineKeys[0], now, this.options.quietFor);
    const move = nextMove(view, this.options.habits, due, now);
    if (!move) return;
    if (move.name === 'dial') this.#dueAt = this.options.every === null ? null : now + this.options.every;
    this.#busy = true;
    await this.#perform(move);
    this.#busy = false;
  }

  /** What does not work out is given up: a person would hang up too. */
  async #perform(move: PhoneCommand): Promise<void> {
    const { name, station, log } = this.options;
    log.debug({ name, move }, 'colleague');
    try {
      await station.command(move);
    } catch (error) {
      log.info({ name, move: move.name, error: String(error) }, 'colleague gives up');
      await this.#hangUpOwnCalls();
    }
  }

  async #hangUpOwnCalls(): Promise<void> {
    const { station } = this.options;
    const own = station
      .view()
      .calls.filter((call) => call.direction === 'outgoing' && call.state !== 'ending');
    await Promise.allSettled(own.map(({ id }) => station.command({ name: 'hangUp', params: { call: id } })));
  }
}
