import { describe, expect, it } from 'vitest';
import type { CallView, LineKeyView } from '../../../electron/contract/snapshot.ts';
import { type Habits, isQuiet, nextMove, type View } from '../../../electron/practice-pbx/habits.ts';

const bob: Habits = {
  answersAfter: 12_000,
  patience: 600_000,
  outing: { number: '5061', ringsFor: 20_000, talksFor: 10_000, holdsFor: 6_000, resumesFor: 3_000 },
};
const ann: Habits = {
  answersAfter: 2_000,
  patience: 600_000,
  outing: { number: '5031', ringsFor: 25_000, talksFor: 12_000, holdsFor: null, resumesFor: 0 },
};

const at = (ms: number): string => new Date(ms).toISOString();
const call = (over: Partial<CallView>): CallView => ({
  id: 'c1',
  lineKey: 1,
  direction: 'outgoing',
  state: 'active',
  remote: { number: '5061', name: null },
  since: at(0),
  connectedSince: at(0),
  muted: false,
  heldByRemote: false,
  granted: false,
  silenced: false,
  private: false,
  joined: [],
  media: true,
  digits: '',
  transfer: null,
  conference: null,
  partyMuted: false,
  recording: null,
  codec: null,
  encrypted: false,
  opus: null,
  quality: null,
  ...over,
});
const incoming = (over: Partial<CallView> = {}): CallView =>
  call({ id: 'i1', direction: 'incoming', state: 'incoming', connectedSince: null, ...over });
const key = (state: LineKeyView['state'], since: string | null = at(0)): LineKeyView => ({
  index: 1,
  kind: 'line',
  watched: null,
  appearances: [],
  can: { seize: true, pickUp: false, bargeIn: false },
  cannot: null,
  extension: 1,
  label: '5041',
  shared: true,
  state,
  who: null,
  with: null,
  since,
  calls: [],
  reason: null,
});
const view = (calls: CallView[], state: LineKeyView['state'] = 'idle'): View => ({
  calls,
  lineKeys: [key(state)],
});

const move = (habits: Habits, seen: View, now: number, due = false): string | null =>
  nextMove(seen, habits, due, now)?.name ?? null;

describe('a colleague', () => {
  it.each([
    ['lets the call ring', [incoming()], 11_999, null],
    ['answers in the end', [incoming()], 12_000, 'answer'],
    ['first ends its own call', [call({}), incoming()], 12_000, 'hangUp'],
    ['lets the caller talk', [incoming({ state: 'active', connectedSince: at(0) })], 599_999, null],
    ['has no time for ever', [incoming({ state: 'active', connectedSince: at(0) })], 600_000, 'hangUp'],
    ['lets its own call ring', [call({ state: 'ringing', connectedSince: null })], 19_999, null],
    ['does not wait for ever', [call({ state: 'ringing', connectedSince: null })], 20_000, 'hangUp'],
    ['talks', [call({})], 9_999, null],
    ['then holds', [call({})], 10_000, 'hold'],
    ['stays on hold', [call({ state: 'held' })], 5_999, null],
    ['comes back', [call({ state: 'held' })], 6_000, 'resume'],
    ['has another word', [call({ since: at(16_000) })], 18_999, null],
    ['and hangs up', [call({ since: at(16_000) })], 19_000, 'hangUp'],
    ['does nothing while its call ends', [call({ state: 'ending' })], 99_000, null],
  ] as const)('%s', (_what, calls, now, expected) => {
    expect(move(bob, view([...calls]), now)).toBe(expected);
  });

  it('hangs up after talking when it never holds', () => {
    const own = call({ remote: { number: '5031', name: null } });
    expect(move(ann, view([own]), 11_999)).toBeNull();
    expect(move(ann, view([own]), 12_000)).toBe('hangUp');
  });

  it.each([
    ['calls when it is time', 'idle', [], true, 'dial'],
    ['not before', 'idle', [], false, null],
    ['not while a colleague has the line', 'remote-active', [], true, null],
    ['not while it has a call', 'idle', [incoming()], true, null],
  ] as const)('%s', (_what, state, calls, due, expected) => {
    expect(move(bob, view([...calls], state), 0, due)).toBe(expected);
  });

  it('calls the number it means, on its key', () => {
    expect(nextMove(view([]), bob, true, 0)).toEqual({
      name: 'dial',
      params: { lineKey: 1, number: '5061' },
    });
  });
});

describe('a quiet line', () => {
  it.each([
    [key('idle'), 10_000, true],
    [key('idle'), 9_999, false],
    [key('idle', null), 0, true],
    [key('remote-held'), 60_000, false],
    [undefined, 60_000, false],
  ])('%o at %i: %s', (seen, now, expected) => {
    expect(isQuiet(seen, now, 10_000)).toBe(expected);
  });
});

it('stays where it was sent by a transfer', () => {
  const carol: Habits = { answersAfter: 5_000, patience: 600_000, outing: null };
  const sentTo = (over: Partial<CallView>) => call({ remote: { number: '5041', name: null }, ...over });
  for (const habits of [ann, carol]) {
    expect(move(habits, view([sentTo({ state: 'ringing', connectedSince: null })]), 99_000)).toBeNull();
    expect(move(habits, view([sentTo({})]), 599_999)).toBeNull();
    expect(move(habits, view([sentTo({})]), 600_000)).toBe('hangUp');
  }
});

it('does not leave while somebody has joined the own call', () => {
  const joined = call({ joined: [{ number: '5031', name: 'User-A' }] });
  expect(move(bob, view([call({})]), 10_000)).toBe('hold');
  expect(move(bob, view([joined]), 10_000)).toBeNull();
  expect(move(bob, view([joined]), 600_000)).toBe('hangUp');
});
