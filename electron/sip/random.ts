import { randomBytes } from 'node:crypto';

/** Where unguessable ids (RFC 3261, 19.3) and jitter come from. */
export interface Random {
  /** 16 lower-case hex digits. */
  token(): string;
  /** 0 <= x < 1. */
  fraction(): number;
}

export const cryptoRandom: Random = {
  token: () => randomBytes(8).toString('hex'),
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
};

/** In the manner of the SPA phones: `52dab65d-21d02a8d@192.168.0.4`. */
export function createCallId(random: Random, address: string): string {
  const token = random.token();
  return `${token.slice(0, 8)}-${token.slice(8)}@${address}`;
}

export const createBranch = (random: Random): string => `z9hG4bK-${random.token()}`;
