import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attack, type Report, summary } from '../fuzz/attack.ts';
import { malformed } from '../fuzz/malformed.ts';
import { mutate } from '../fuzz/mutate.ts';
import { Random } from '../fuzz/random.ts';
import { seeds } from '../fuzz/seeds.ts';
import { StationUnderAttack } from '../fuzz/station-under-attack.ts';

// Mutated host names must not be looked up out there.
vi.mock('node:dns/promises', () => ({ lookup: () => Promise.reject(new Error('no names here')) }));

let station: StationUnderAttack;
beforeEach(async () => {
  station = new StationUnderAttack();
  await station.start();
});
afterEach(() => station.stop());

function expectUnharmed(report: Report): void {
  expect(report.caught.slice(0, 3)).toEqual([]);
  expect(report.ownCallAlive).toBe(true);
  // Who answers nothing any more is not unharmed.
  expect(report.answers).toBeGreaterThan(report.cases / 100);
  expect(report.busiest).toBeLessThan(50);
}

describe('a station with a call of its own, and malformed datagrams from its PBX', () => {
  it('withstands every field spoilt in every way', async () => {
    const report = await attack(
      station,
      (function* () {
        for (const { datagram } of malformed(station.place)) yield datagram;
      })(),
    );
    console.log(summary('malformed', report));
    expect(report.cases).toBeGreaterThanOrEqual(4_500);
    expectUnharmed(report);
  }, 300_000);

  it('withstands 5,000 mutations (npm run fuzz: a million)', async () => {
    const random = new Random(20_261_122);
    const report = await attack(
      station,
      (function* () {
        for (let index = 0; index < 5_000; index += 1) {
          yield mutate(Buffer.from(random.pick(seeds(station.place, `s${index}`))), random);
        }
      })(),
    );
    console.log(summary('mutated', report));
    expectUnharmed(report);
  }, 300_000);
});
