import { afterAll, beforeAll, expect, it } from 'vitest';
import { usedByObjects, usedMemory } from '../support/heap.ts';
import { type Counts, liveObjects, OpenThings } from './census.ts';
import { RealOffice } from './real-office.ts';
import { type Point, surely, trendOf } from './trend.ts';

/** How long it takes, rests aside. */
const minutes = Number(process.env.PARTYLINE_SOAK_MINUTES ?? 30);
/** So often everybody rests until all transactions are forgotten: then the heap holds what stays. */
const restEvery = Math.max(1, Math.min(5, Math.floor(minutes / 6)));
/** Minutes in which rings fill and code is compiled: not judged. */
const warmUp = Math.min(5, Math.floor(minutes / 3));
/** Bytes that a call may leave behind at most: V8's notes on compiled code grow too; a forgotten call is a kilobyte. */
const tolerated = 128;
/** The registrations are looked after all the time: so many transactions more or less are under way. */
const chance = 8;

const openThings = new OpenThings();
const office = new RealOffice();

beforeAll(async () => {
  openThings.begin();
  await office.open();
});
afterAll(async () => {
  await office.close();
  openThings.end();
});

const census = (): Counts => ({ ...openThings.counts(), ...liveObjects() });
const kib = (bytes: number): number => Math.round(bytes / 1024);

function tellMemory(minute: number): void {
  const objects = kib(usedByObjects());
  const { heapUsed, arrayBuffers, rss } = usedMemory();
  const memory = { objects, heap: kib(heapUsed), buffers: kib(arrayBuffers), rss: kib(rss) };
  console.log(`soak: ${JSON.stringify({ minute, calls: office.calls, ...memory, ...openThings.counts() })}`);
}

it(`leaves nothing behind in ${minutes} minutes at five calls a second`, async () => {
  await office.callFor(2_000);
  await office.rest();
  const before = census();
  const points: (Point & { readonly minute: number })[] = [];
  const started = office.calls;
  for (let minute = 1; minute <= minutes; minute += 1) {
    await office.callFor(60_000);
    tellMemory(minute);
    if (minute % restEvery !== 0 && minute !== minutes) continue;
    await office.rest();
    tellMemory(minute);
    if (minute >= warmUp) points.push({ x: office.calls, y: usedByObjects(), minute });
  }
  const after = census();

  console.table({ before, after });
  const perCall = trendOf(points);
  const perMinute = trendOf(points.map(({ minute, y }) => ({ x: minute, y })));
  console.log(
    `soak: ${office.calls - started} calls, ${((office.calls - started) / minutes / 60).toFixed(2)} a second; at rest ` +
      `${perCall.slope.toFixed(1)} ± ${(2 * perCall.error).toFixed(1)} bytes a call, ` +
      `${(perMinute.slope / 1024).toFixed(2)} ± ${((2 * perMinute.error) / 1024).toFixed(2)} KiB a minute`,
  );
  const { timers = 0, repeaters = 0 } = before;
  expect(after).toEqual({ ...before, timers: expect.any(Number), repeaters: expect.any(Number) });
  expect(after.timers).toBeLessThanOrEqual(timers + chance);
  expect(after.repeaters).toBeLessThanOrEqual(repeaters + chance);
  expect(surely(perCall)).toBeLessThan(tolerated);
});
