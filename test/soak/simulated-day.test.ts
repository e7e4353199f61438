import { expect, it, vi } from 'vitest';
import { expectNothingLeft, liveThrough } from './simulated-day.ts';
import { surely, type Trend } from './trend.ts';

vi.mock('node:dgram', () => import('./memory-dgram.ts'));
vi.mock('node:crypto', async (original) => (await import('./seeded-crypto.ts')).seededCrypto(original));

/** PARTYLINE_SOAK_HOURS sets another number. */
const hours = Number(process.env.PARTYLINE_SOAK_HOURS ?? 24);
/**
 * Bytes an hour, which is two thousand REGISTERs and some thirty calls. V8's notes for undoing its optimizations grow by
 * half of it (a comparison of heap snapshots twelve hours apart shows nothing else).
 */
const tolerated = 32_768;

it(`leaves nothing behind in ${hours} simulated hours`, async () => {
  const day = await liveThrough(hours);
  const text = ({ slope, error }: Trend): string => `${slope.toFixed(0)} ± ${(2 * error).toFixed(0)} bytes`;
  console.log(`soak: ${text(day.perHour)} an hour, ${text(day.perCall)} a call`);
  expectNothingLeft(day);
  expect(surely(day.perHour)).toBeLessThan(tolerated);
});
