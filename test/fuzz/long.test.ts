import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { attack, summary } from './attack.ts';
import { malformed } from './malformed.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import { seeds } from './seeds.ts';
import { StationUnderAttack } from './station-under-attack.ts';

// Mutated host names must not be looked up out there.
vi.mock('node:dns/promises', () => ({ lookup: () => Promise.reject(new Error('no names here')) }));

/** PARTYLINE_FUZZ_CASES and PARTYLINE_FUZZ_SEED set others. */
const cases = Number(process.env.PARTYLINE_FUZZ_CASES ?? 1_000_000);
const seed = Number(process.env.PARTYLINE_FUZZ_SEED ?? 20_261_122);

let station: StationUnderAttack;
beforeEach(async () => {
  station = new StationUnderAttack();
  await station.start();
});
afterEach(() => station.stop());

async function expectUnharmed(name: string, datagrams: Iterable<Buffer>): Promise<void> {
  const report = await attack(station, datagrams);
  console.log(summary(name, report));
  expect(report.caught.slice(0, 3)).toEqual([]);
  expect(report.ownCallAlive).toBe(true);
  expect(report.busiest).toBeLessThan(50);
}

it('withstands every field spoilt in every way', () =>
  expectUnharmed(
    'malformed',
    (function* () {
      for (const { datagram } of malformed(station.place)) yield datagram;
    })(),
  ));

it(`withstands ${cases} mutations (seed ${seed})`, () => {
  const random = new Random(seed);
  return expectUnharmed(
    'mutated',
    (function* () {
      for (let index = 0; index < cases; index += 1) {
        if (index % 50_000 === 0) console.log(`${index} of ${cases}`, ...station.caught.slice(-1));
        yield mutate(Buffer.from(random.pick(seeds(station.place, `l${index}`))), random);
      }
    })(),
  );
});
