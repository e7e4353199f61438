import { expect, it, vi } from 'vitest';
import { expectNothingLeft, liveThrough } from '../soak/simulated-day.ts';

vi.mock('node:dgram', () => import('../soak/memory-dgram.ts'));
vi.mock('node:crypto', async (original) => (await import('../soak/seeded-crypto.ts')).seededCrypto(original));

it('leaves nothing behind in two simulated hours with an outage and a change of address', async () => {
  const day = await liveThrough(2, { heapIsJudged: false });
  expectNothingLeft(day);
  expect(day.hours.map(({ trouble }) => trouble)).toEqual([true, true]);
}, 300_000);
