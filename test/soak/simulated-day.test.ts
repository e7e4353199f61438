import { expect, it, vi } from 'vitest';
import { expectNothingLeft, liveThrough } from './simulated-day.ts';
import { surely, type Trend } from './trend.ts';

vi.mock('node:dgram', () => import('./memory-dgram.ts'));

/** PARTYLINE_SOAK_HOURS sets another number. */
const hours = Number(process.env.PARTYLINE_SOAK_HOURS ?? 24);
/** Bytes an hour, which is two thousand REGISTERs and some thirty calls: V8's notes on compiled code are half of it. */
const tolerated = 10_240;

it(`leaves nothing behind in ${hours} simulated hours`, async () => {
  const day = await liveThrough(hours);
  const text = ({ slope, error }: Trend): string => `${slope.toFixed(0)} ± ${(2 * error).toFixed(0)} bytes`;
  console.log(`soak: ${text(day.perHour)} an hour, ${text(day.perCall)} a call`);
  expectNothingLeft(day);
  expect(surely(day.perHour)).toBeLessThan(tolerated);
});
