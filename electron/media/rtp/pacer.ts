/** Longer behind than this, in milliseconds, ticks are skipped: the machine slept or the process was stopped. */
const maxBehind = 100;

/**
 * Ticks at a steady rate that does not drift: a late tick makes the next one sooner. Each says whether ticks before it
 * were skipped.
 */
export class Pacer {
  readonly #tick: (skipped: boolean) => void;
  #timer: NodeJS.Timeout | undefined;
  #period = 0;
  #due = 0;

  constructor(tick: (skipped: boolean) => void) {
    this.#tick = tick;
  }

  /** `period` in milliseconds; the same period again changes nothing. */
  start(period: number): void {
    if (this.#timer && period === this.#period) return;
    this.stop();
    this.#period = period;
    this.#due = performance.now() + period;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, this.#due - performance.now()));
  }

  #fire(): void {
    const now = performance.now();
    this.#due += this.#period;
    const skipped = now - this.#due > maxBehind;
    if (skipped) this.#due = now;
    this.#arm();
    this.#tick(skipped);
  }
}
