/** Longer behind than this, in milliseconds, ticks are skipped: the machine slept or the process was stopped. */
const maxBehind = 100;

/** Ticks at a steady rate that does not drift: a late tick makes the next one sooner. */
export class Pacer {
  readonly #tick: () => void;
  #timer: NodeJS.Timeout | undefined;
  #period = 0;
  #due = 0;

  constructor(tick: () => void) {
    this.#tick = tick;
  }

  /** `period` in milliseconds; the same period again changes nothing. */
  start(period: number): void {
    if (this.#timer && period === this.#period) return;
    this.stop();
    this.#period = period;
    this.#due = performance.now();
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const now = performance.now();
    this.#due += this.#period;
    if (now - this.#due > maxBehind) this.#due = now;
    this.#timer = setTimeout(
      () => {
        this.#arm();
        this.#tick();
      },
      Math.max(0, this.#due - now),
    );
  }
}
