/** How far a source is trusted: `full` is the PBX itself, `little` whoever else may send requests, `none` nobody reads. */
export type Trust = 'full' | 'little' | 'none';

export interface Limit {
  /** Tokens that come back each second, and how many there are at most. */
  readonly perSecond: number;
  readonly burst: number;
}

export interface Limits {
  /** Datagrams of one source address. */
  readonly datagrams: Readonly<Record<Exclude<Trust, 'none'>, Limit>>;
  /** New calls of one source address: the most costly thing that a datagram can ask for. */
  readonly calls: Readonly<Record<Exclude<Trust, 'none'>, Limit>>;
  /** Datagrams of all sources of little trust together: source addresses are easily forged. */
  readonly strangers: Limit;
}

/**
 * A PBX with 48 keys to light sends a few hundred line states at once, and after an outage again; a phone that is rung
 * more often than its owner can look has other troubles.
 */
export const officeLimits: Limits = {
  datagrams: { full: { perSecond: 2_000, burst: 4_000 }, little: { perSecond: 50, burst: 100 } },
  calls: { full: { perSecond: 50, burst: 200 }, little: { perSecond: 1, burst: 5 } },
  strangers: { perSecond: 200, burst: 200 },
};

/** Sources remembered one by one; the one silent for longest is forgotten first. */
const mostSources = 1_024;

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets: who sends more than is good for us is not heard for the moment. Its memory is bounded. */
export class RateLimit {
  private readonly datagrams = new Map<string, Bucket>();
  private readonly calls = new Map<string, Bucket>();
  private readonly strangers: Bucket;

  /** `now`: milliseconds, any origin. */
  constructor(
    private readonly limits: Limits,
    private readonly now: () => number,
  ) {
    this.strangers = { tokens: limits.strangers.burst, at: now() };
  }

  /** Whether a datagram of this source may be read. */
  admitsDatagram(source: string, trust: Exclude<Trust, 'none'>): boolean {
    if (trust === 'little' && !this.take(this.strangers, this.limits.strangers)) return false;
    return this.takeOf(this.datagrams, source, this.limits.datagrams[trust]);
  }

  /** Whether a new call of this source may be looked at. */
  admitsCall(source: string, trust: Exclude<Trust, 'none'>): boolean {
    return this.takeOf(this.calls, source, this.limits.calls[trust]);
  }

  private takeOf(buckets: Map<string, Bucket>, source: string, limit: Limit): boolean {
    const bucket = buckets.get(source) ?? { tokens: limit.burst, at: this.now() };
    // A Map keeps the order of insertion: the source seen last goes to the end.
    buckets.delete(source);
    buckets.set(source, bucket);
    const [oldest] = buckets.size > mostSources ? buckets.keys() : [];
    if (oldest !== undefined) buckets.delete(oldest);
    return this.take(bucket, limit);
  }

  private take(bucket: Bucket, { perSecond, burst }: Limit): boolean {
    const now = this.now();
    bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(now - bucket.at, 0) * perSecond) / 1000);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
