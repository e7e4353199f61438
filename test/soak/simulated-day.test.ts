import { expect, it, vi } from 'vitest';
import { expectNothingLeft, liveThrough } from './simulated-day.ts';
import { surely, type Trend } from './trend.ts';

vi.mock('node:dgram', () => import('./memory-dgram.ts'));
vi.mock('node:crypto', async (original) => (await import('./seeded-crypto.ts')).seededCrypto(original));

/** PARTYLINE_SOAK_HOURS sets another number. */
const hours = Number(process.env.PARTYLINE_SOAK_HOURS ?? 24);
/** Bytes that a call may leave behind: less than the smallest object with its id. */
const tolerated = 64;

it(`leaves nothing behind in ${hours} simulated hours`, async () => {
  const day = await liveThrough(hours);
  const text = ({ slope, error }: Trend): string => `${slope.toFixed(0)} ± ${(2 * error).toFixed(0)} bytes`;
  console.log(`soak: ${text(day.perHour)} an hour, ${text(day.perCall)} a call`);
  expectNothingLeft(day);
  expect(surely(day.perCall)).toBeLessThan(tolerated);
});
