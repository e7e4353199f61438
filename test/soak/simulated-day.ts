import { expect, vi } from 'vitest';
import { type Counts, liveObjects } from './census.ts';
import { type Hour, SimulatedOffice } from './simulated-office.ts';
import { type Trend, trendOf } from './trend.ts';

/** The registrations are looked after all the time: so many transactions more or less are under way. */
const chance = 8;

const warmUp = 3;

export interface Day {
  readonly hours: readonly Hour[];
  readonly before: Counts;
  readonly objects: { readonly before: Counts; readonly after: Counts };
  /** Bytes an hour, and bytes a call, once the rings of remembered messages are full of the day's own. */
  readonly perHour: Trend;
  readonly perCall: Trend;
}

/** So many hours of the simulated office, with the numbers printed. Real timers are in force again afterwards. */
export async function liveThrough(count: number, { heapIsJudged = true } = {}): Promise<Day> {
  // Real: what lets promises settle between one timer and the next.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  try {
    const office = new SimulatedOffice(heapIsJudged);
    await office.open();
    const before = office.counts();
    const objectsBefore = liveObjects();
    const hours: Hour[] = [];
    for (let number = 0; number < count; number += 1) {
      hours.push(await office.hour(number));
    }
    const objects = { before: objectsBefore, after: liveObjects() };
    await office.close();
    expect(vi.getTimerCount()).toBe(0);
    const judged = hours.slice(warmUp);
    const perHour = trendOf(judged.map(({ heap }, x) => ({ x, y: heap })));
    const perCall = trendOf(judged.map(({ heap, callsSoFar }) => ({ x: callsSoFar, y: heap })));
    console.table(
      hours.map(({ counts, heap, broken, ...rest }) => ({
        ...rest,
        broken: broken.length,
        heap: Math.round(heap / 1024),
      })),
    );
    console.table([before, ...hours.map(({ counts }) => counts)]);
    console.table(objects);
    return { hours, before, objects, perHour, perCall };
  } finally {
    vi.useRealTimers();
  }
}

/** Nothing is left over from any hour, and every call that could end well did. */
export function expectNothingLeft({ hours, before, objects }: Day): void {
  const { timers = 0 } = before;
  const { repeaters = 0, ...others } = objects.before;
  expect(objects.after).toEqual({ ...others, repeaters: expect.any(Number) });
  expect(objects.after.repeaters).toBeLessThanOrEqual(repeaters + chance);
  for (const { counts, broken, trouble, strayCalls } of hours) {
    expect(counts).toEqual({ ...before, timers: expect.any(Number) });
    expect(counts.timers).toBeLessThanOrEqual(timers + chance);
    if (trouble) expect(broken.length).toBeLessThanOrEqual(2);
    else expect({ broken, strayCalls }).toEqual({ broken: [], strayCalls: 0 });
  }
}
