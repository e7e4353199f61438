export interface NetworkWatchOptions {
  /** The address that this machine would now send to the PBX from; null: there is no way to it. */
  route(): Promise<string | null>;
  /** The route is another one than before, or there is one again; called with each change. */
  changed(address: string): void;
  /** The machine has slept, or its clock has been set: timers and bindings may be out of date. */
  woken(): void;
}

/** Milliseconds between two looks. */
const interval = 1_000;
/** So much more or less of the wall clock between two looks is no longer a busy moment. */
const jump = 5_000;

/**
 * Notices other networks and sleep. The kernel's own choice of address towards the PBX is asked for once a second: it
 * alone knows about interfaces, routes and tunnels together, and no operating system tells Node when it changes. Sleep
 * shows as a jump of the wall clock, whether or not the timers' clock stands still meanwhile (it does on Linux).
 */
export class NetworkWatch {
  private readonly timer: NodeJS.Timeout;
  private lastLook = Date.now();
  private looking = false;
  private closed = false;

  /** `last`: the route known already. */
  constructor(
    private readonly options: NetworkWatchOptions,
    private last: string | null,
  ) {
    this.timer = setInterval(() => this.tick(), interval);
  }

  /** Looks at once: something is known to have happened. */
  async look(): Promise<void> {
    if (this.looking || this.closed) return;
    this.looking = true;
    const route = await this.options.route().catch(() => null);
    this.looking = false;
    if (this.closed || route === this.last) return;
    this.last = route;
    if (route !== null) this.options.changed(route);
  }

  /** What was changed to could not be used: the next look tells again. */
  forget(): void {
    this.last = null;
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  private tick(): void {
    const now = Date.now();
    const jumped = Math.abs(now - this.lastLook - interval) > jump;
    this.lastLook = now;
    if (jumped) this.options.woken();
    void this.look();
  }
}
