import { describe, expect, it } from 'vitest';
import { step } from '../../../electron/phone/step.ts';
import { type ModelOptions, runModel } from './model/run.ts';
import { PhoneUnderTest } from './phone-under-test.ts';

/** The same ones each time; `npm run model` runs ten thousand others. */
const sequences = 1000;

describe('four stations and a PBX on a network that loses, delays and repeats', () => {
  it(`agree on every line after each of ${sequences} random sequences (seeds 1 to ${sequences})`, {
    timeout: 300_000,
  }, () => {
    for (let seed = 1; seed <= sequences; seed += 1) expect(runModel({ seed })).toBeNull();
  });

  const found = (broken: Omit<ModelOptions, 'seed'>): boolean => {
    for (let seed = 1; seed <= 100; seed += 1) if (runModel({ seed, ...broken }) !== null) return true;
    return false;
  };

  it.each<[string, Omit<ModelOptions, 'seed'>]>([
    ['a PBX that grants a line twice', { grantsTwice: true }],
    [
      'a station that takes a refusal for a grant',
      {
        core: (phone, event, at) =>
          step(
            phone,
            event.type === 'seize-refused' && !event.silent
              ? { type: 'seize-granted', call: event.call }
              : event,
            at,
          ),
      },
    ],
    [
      'a station that does not say when its call is over',
      {
        core: (phone, event, at) => {
          const next = step(phone, event, at);
          const said = next.effects.filter(
            (effect) => effect.type !== 'publish' || effect.dialog.state !== 'terminated',
          );
          return { ...next, effects: said };
        },
      },
    ],
    [
      'a station that does not believe a full NOTIFY',
      {
        core: (phone, event, at) =>
          step(phone, event.type === 'appearances' ? { ...event, full: false } : event, at),
      },
    ],
  ])('find %s out', { timeout: 60_000 }, (_, broken) => {
    expect(found(broken)).toBe(true);
  });
});

describe('two stations that seize one line at once', () => {
  it('get it once in each of 1000 times, and the other calls nobody', () => {
    for (let time = 0; time < 1000; time += 1) {
      const stations = ['Ann', 'Bob'].map(() => PhoneUnderTest.onTheAir());
      for (const station of stations)
        station.command({ name: 'dial', params: { lineKey: 2, number: '5051' } });
      // The PBX hears one of them first, and its word to the loser comes before its refusal, or after it.
      const [winner, loser] = time % 2 === 0 ? stations : stations.toReversed();
      if (!winner || !loser) throw new Error('two stations are needed');
      winner.take({ type: 'seize-granted', call: 'c1' });
      const answers = [
        () => loser.colleague('trying'),
        () => loser.take({ type: 'seize-refused', call: 'c1', silent: false }),
      ];
      for (const answer of time % 4 < 2 ? answers : answers.toReversed()) answer();
      expect(winner.asked()).toEqual(['seize 2/0 trying', 'invite c1 5051']);
      expect(loser.asked()).toEqual(['seize 2/0 trying']);
      expect(loser.refusal(1)).toBe('line-in-use');
      expect(loser.key(2)).toMatchObject({ state: 'remote-seized', who: 'Bob', calls: [] });
    }
  });
});
