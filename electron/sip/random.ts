import { randomFillSync } from 'node:crypto';

/** Where unguessable ids (RFC 3261, 19.3) and jitter come from. */
export interface Random {
  /** 16 lower-case hex digits. */
  token(): string;
  /** 0 <= x < 1. */
  fraction(): number;
}

/** The system's generator is asked for many numbers at once: a call of it costs as much as reading a message. */
const pool = Buffer.alloc(2_048);
let used = pool.length;

/** Takes `count` random bytes out of the pool, each only once; returns where they begin. */
function take(count: number): number {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return used - count;
}

export const cryptoRandom: Random = {
  token() {
    const at = take(8);
    return pool.toString('hex', at, at + 8);
  },
  fraction: () => pool.readUInt32BE(take(4)) / 2 ** 32,
};

/** In the manner of the SPA phones: `52dab65d-21d02a8d@192.168.0.4`. */
export function createCallId(random: Random, address: string): string {
  const token = random.token();
  return `${token.slice(0, 8)}-${token.slice(8)}@${address}`;
}

export const createBranch = (random: Random): string => `z9hG4bK-${random.token()}`;
