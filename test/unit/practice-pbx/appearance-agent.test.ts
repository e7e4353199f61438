import { describe, expect, it } from 'vitest';
import type { AppearanceDialog, PlacedDialog } from '../../../electron/phone/lines/dialog.ts';
import {
  type AgentEffect,
  type AgentEvent,
  allFree,
  stepAgent,
} from '../../../electron/practice-pbx/appearance-agent.ts';

const alice = '127.0.0.1:23001';
const bob = '127.0.0.1:23002';
const carol = '127.0.0.1:23003';

const placed = (state: AppearanceDialog['state'], over: Partial<AppearanceDialog> = {}): PlacedDialog => ({
  appearance: 0,
  dialog: {
    id: '201',
    direction: 'initiator',
    state,
    held: false,
    exclusive: false,
    local: { number: '5031', name: 'User-A' },
    remote: null,
    ...over,
  },
});
const says = (station: string, it: PlacedDialog): AgentEvent => ({
  type: 'published',
  extension: '5041',
  station,
  placed: it,
});
const seize = placed('trying');
const second = placed('trying', { id: '202' });
const early = placed('early');
const talking = placed('confirmed');
const held = placed('confirmed', { held: true });
const privatelyHeld = placed('confirmed', { held: true, exclusive: true });
const over = placed('terminated');
const rings = placed('early', { direction: 'recipient' });
const answers = placed('confirmed', { direction: 'recipient' });

/** Runs all events and returns the last step's effects. */
function lastEffects(...events: AgentEvent[]): readonly AgentEffect[] {
  let state = allFree;
  let effects: readonly AgentEffect[] = [];
  for (const event of events) ({ state, effects } = stepAgent(state, event));
  return effects;
}
const verdict = (...events: AgentEvent[]) => lastEffects(...events)[0]?.type;
const tells = (...events: AgentEvent[]) =>
  lastEffects(...events).flatMap((it) => (it.type === 'fan-out' ? [it.placed.dialog.state] : []));

describe('the shared-line agent', () => {
  it.each([
    ['a free appearance can be seized', [says(alice, seize)], 'grant', ['trying']],
    ['its holder may repeat the seize', [says(alice, seize), says(alice, seize)], 'grant', ['trying']],
    ['of two seizes the second is refused', [says(alice, seize), says(bob, seize)], 'refuse', []],
    ['progress of the holder passes on', [says(alice, seize), says(alice, early)], 'grant', ['early']],
    ['answer of the holder passes on', [says(alice, seize), says(alice, talking)], 'grant', ['confirmed']],
    ['nobody else may speak for it', [says(alice, seize), says(bob, talking)], 'refuse', []],
    ['nobody else can end it', [says(alice, talking), says(bob, over)], 'grant', []],
    ['then it is still taken', [says(alice, talking), says(bob, over), says(bob, seize)], 'refuse', []],
    ['the holder ends it', [says(alice, talking), says(alice, over)], 'grant', ['terminated']],
    ['then it is free again', [says(alice, seize), says(alice, over), says(bob, seize)], 'grant', ['trying']],
    ['ending a free one is news to nobody', [says(alice, over)], 'grant', []],
    ['a held one may be picked up', [says(alice, held), says(bob, talking)], 'grant', ['confirmed']],
    [
      'once picked up, its old end is news to nobody',
      [says(alice, held), says(bob, talking), says(alice, over)],
      'grant',
      [],
    ],
    [
      'and it is the new holder’s',
      [says(alice, held), says(bob, talking), says(alice, over), says(alice, seize)],
      'refuse',
      [],
    ],
    ['a held one cannot be seized', [says(alice, held), says(bob, seize)], 'refuse', []],
    ['nor picked up once more', [says(alice, held), says(bob, talking), says(carol, talking)], 'refuse', []],
    [
      'the late end of an earlier call does not free the next one',
      [
        says(alice, held),
        says(bob, talking),
        says(bob, over),
        says(alice, second),
        says(alice, over),
        says(bob, seize),
      ],
      'refuse',
      [],
    ],
    [
      'a privately held one cannot be picked up',
      [says(alice, privatelyHeld), says(bob, talking)],
      'refuse',
      [],
    ],
    ['nor can a resumed one', [says(alice, held), says(alice, talking), says(bob, talking)], 'refuse', []],
    ['every sharer may ring', [says(alice, rings), says(bob, rings)], 'grant', []],
    ['any sharer may answer', [says(alice, rings), says(bob, answers)], 'grant', ['confirmed']],
    ['the first answer stands', [says(alice, answers), says(bob, answers)], 'refuse', []],
    ['a ringing one cannot be seized', [says(alice, rings), says(bob, seize)], 'refuse', []],
    [
      'who stops ringing later disturbs nobody',
      [says(alice, rings), says(bob, rings), says(bob, over)],
      'grant',
      [],
    ],
  ] as const)('%s', (_what, events, expected, told) => {
    expect(verdict(...events)).toBe(expected);
    expect(tells(...events)).toEqual(told);
  });

  it('keeps appearances and extensions apart', () => {
    const other = { ...seize, appearance: 1 };
    expect(verdict(says(alice, seize), says(bob, other))).toBe('grant');
    expect(verdict(says(alice, seize), { ...says(bob, seize), extension: '5042' } as AgentEvent)).toBe(
      'grant',
    );
  });

  it('passes the dialog on unchanged, to everybody but its station', () => {
    expect(lastEffects(says(alice, seize))).toEqual([
      { type: 'grant' },
      { type: 'fan-out', extension: '5041', except: alice, placed: seize },
    ]);
  });

  it('releases what a station held before it booted, and tells it the rest', () => {
    const second = { ...talking, appearance: 1 };
    const effects = lastEffects(says(alice, held), says(bob, second), {
      type: 'announced',
      extension: '5041',
      station: alice,
    });
    expect(effects).toMatchObject([
      { type: 'grant' },
      {
        type: 'fan-out',
        except: alice,
        placed: { appearance: 0, dialog: { state: 'terminated', held: false } },
      },
      { type: 'tell-all', station: alice, placed: [second] },
    ]);
  });

  it('releases what a station held when its registration is gone', () => {
    const gone: AgentEvent = { type: 'gone', extension: '5041', station: alice };
    expect(tells(says(alice, seize), gone)).toEqual(['terminated']);
    expect(verdict(says(alice, seize), gone, says(bob, seize))).toBe('grant');
    expect(tells(says(bob, seize), gone)).toEqual([]);
  });

  it('grants exactly one of many simultaneous seizes, in whatever order they come', () => {
    for (let first = 0; first < 8; first += 1) {
      const order = Array.from({ length: 8 }, (_, i) => `127.0.0.1:${23_000 + ((first + i) % 8)}`);
      let state = allFree;
      const granted = order.filter((station) => {
        const step = stepAgent(state, says(station, seize));
        state = step.state;
        return step.effects[0]?.type === 'grant';
      });
      expect(granted).toEqual([order[0]]);
    }
  });

  it('never changes the state it was given', () => {
    const { state } = stepAgent(allFree, says(alice, seize));
    const before = structuredClone(state);
    stepAgent(state, says(alice, over));
    expect(state).toEqual(before);
    expect(allFree.size).toBe(0);
  });
});
