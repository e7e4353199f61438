/** RFC 3261, 17.1.1.1 and table 4; milliseconds. */
export const T1 = 500;
export const T2 = 4_000;
export const T4 = 5_000;
/** Timers B, F, H, J, L, M: how long a transaction may take, and how long repeats of it can still arrive. */
export const transactionTime = 64 * T1;

/** Repeats `send` after T1, 2*T1, ... (at most `longest` apart) until stopped; the first sending is the caller's. */
export class Repeater {
  private timer: NodeJS.Timeout | null = null;
  private interval = T1;

  constructor(
    private readonly send: () => void,
    private readonly longest: number,
  ) {
    this.schedule();
  }

  /** Timer E after a provisional response: from now on every T2. */
  slowDown(): void {
    this.interval = T2;
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.interval = Math.min(this.interval * 2, this.longest);
      this.schedule();
      this.send();
    }, this.interval);
  }
}
