import type * as crypto from 'node:crypto';
import { xorshift } from '../integration/rough-network.ts';

/** node:crypto but for its chance (electron/sip/random.ts): the same day every time. PARTYLINE_SOAK_SEED: another day. */
export async function seededCrypto(original: () => Promise<typeof crypto>): Promise<object> {
  const random = xorshift(Number(process.env.PARTYLINE_SOAK_SEED ?? 5_060));
  const randomFillSync = (bytes: Uint8Array): Uint8Array => {
    for (const at of bytes.keys()) bytes[at] = Math.floor(random() * 256);
    return bytes;
  };
  return { ...(await original()), randomFillSync };
}
