/** A clock that only moves when told, chance that can be repeated, and a network that loses, delays and repeats. */
export class World {
  now = Date.UTC(2026, 0, 1);
  /** No packet is lost any more. */
  calm = false;
  readonly log: string[] = [];
  private readonly agenda: { at: number; order: number; run: () => void }[] = [];
  private order = 0;

  constructor(
    private seed: number,
    private readonly loss: number,
  ) {}

  /** mulberry32: between 0 and 1. */
  chance(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  happens = (probability: number): boolean => this.chance() < probability;
  upTo = (limit: number): number => Math.floor(this.chance() * limit);
  oneOf<T>(items: readonly T[]): T | undefined {
    return items[this.upTo(items.length)];
  }

  note(line: string): void {
    this.log.push(`${((this.now - Date.UTC(2026, 0, 1)) / 1000).toFixed(2)} ${line}`);
  }

  later(ms: number, run: () => void): void {
    this.order += 1;
    const entry = { at: this.now + ms, order: this.order, run };
    let place = this.agenda.length;
    while (place > 0 && (this.agenda[place - 1]?.at ?? 0) > entry.at) place -= 1;
    this.agenda.splice(place, 0, entry);
  }

  /** Lets everything happen that is due within `ms`. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (let next = this.agenda[0]; next && next.at <= until; next = this.agenda[0]) {
      this.agenda.shift();
      this.now = next.at;
      next.run();
    }
    this.now = until;
  }

  /** What a message takes from one end to the other, in ms; null: lost. */
  private hop(): number | null {
    if (!this.calm && this.happens(this.loss)) return null;
    return 1 + this.upTo(this.calm ? 20 : 300);
  }

  /**
   * A request over UDP (RFC 3261, 17.1.2): repeated with growing intervals for `ms`, handled once by the other end, whose
   * answer is lost and repeated likewise. `answered` gets null when none came in time; where packets are lost, one request
   * in fifty finds the way there or back closed for good.
   */
  request<A>(ms: number, handle: () => A | null, answered: (answer: A | null) => void): void {
    const closed = !this.calm && this.loss > 0 && this.happens(0.02) ? this.oneOf(['there', 'back']) : null;
    let handled: { answer: A | null } | null = null;
    let over = false;
    const finish = (answer: A | null): void => {
      if (over) return;
      over = true;
      answered(answer);
    };
    for (const at of [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]) {
      if (at >= ms) break;
      this.later(at, () => {
        if (over) return;
        const there = this.hop();
        if (there === null || closed === 'there') return;
        this.later(there, () => {
          handled ??= { answer: handle() };
          const { answer } = handled;
          const back = this.hop();
          if (answer !== null && back !== null && closed !== 'back') this.later(back, () => finish(answer));
        });
      });
    }
    this.later(ms, () => finish(null));
  }
}
