import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../electron/contract/snapshot.ts';
import type { Reach } from '../../../renderer/panel-store.ts';
import { reachOf } from '../../../renderer/reach/reach.ts';
import { targetsFor } from '../../../renderer/reach/targets.ts';
import { aCall, aKey, anExtension, aSnapshot } from './views.ts';

const at = '2026-01-05T12:00:00Z';
const past = (number: string, name: string | null): CallRecord => ({
  id: number,
  extension: 1,
  label: '5031',
  direction: 'incoming',
  remote: { number, name },
  outcome: 'answered',
  by: null,
  began: at,
  connected: at,
  ended: at,
  quality: null,
  recording: null,
});
const ann = aCall({ id: 'ann', remote: { number: '5551234', name: 'Ann' } });
const bob = aCall({ id: 'bob', lineKey: 2, state: 'held', remote: { number: '5559', name: 'Bob' } });
const snapshot = aSnapshot({
  extensions: [anExtension(), anExtension({ index: 2, sharedUserId: '5041' })],
  lineKeys: [
    aKey(),
    aKey({ index: 2, extension: 2, label: 'Sales', shared: true }),
    aKey({ index: 3, kind: 'watch', watched: '5051', label: 'Dora' }),
  ],
  calls: [ann],
  history: [
    past('5551234', 'Ann'),
    past('777', 'Cara'),
    past('5051', 'D. Duck'),
    past('', null),
    past('5031', null),
  ],
});
const names = (typed = '', calls = [ann]) =>
  targetsFor({ ...snapshot, calls }, ann, typed).map(({ name, number }) => name ?? number);

describe('who is at hand for a call', () => {
  it('is on the keys and in the history, nobody twice, nor ourselves, nor the caller', () => {
    expect(names()).toEqual(['Sales', 'Dora', 'Cara']);
  });

  it('is first of all who waits in another call', () => {
    expect(names('', [ann, bob])).toEqual(['Bob', 'Sales', 'Dora', 'Cara']);
    expect(names('', [ann, aCall({ id: 'in', state: 'incoming' })])).toEqual(['Sales', 'Dora', 'Cara']);
  });

  it('is found by a part of the name or number', () => {
    expect(names('OR')).toEqual(['Dora']);
    expect(names('50')).toEqual(['Sales', 'Dora']);
    expect(names('50 51')).toEqual(['Dora']);
    expect(names('nobody')).toEqual([]);
  });
});

describe('who is meant', () => {
  const reach = (change: Partial<Reach> = {}): Reach => ({
    call: 'ann',
    purpose: 'transfer',
    typed: '',
    chosen: null,
    marked: null,
    ...change,
  });
  const meant = (change: Partial<Reach>) => reachOf(snapshot, ann, reach(change))?.target?.number ?? null;

  it('is the number that was typed, in any writing', () => {
    expect(meant({ typed: '555 99' })).toBe('55599');
    expect(meant({ typed: '' })).toBeNull();
  });

  it('is the first who fits a name, and a name that nobody here has is one of the PBX', () => {
    expect(meant({ typed: 'ca' })).toBe('777');
    expect(meant({ typed: 'frontdesk' })).toBe('frontdesk');
  });

  it('is who was pointed at before all, by the arrow keys or otherwise', () => {
    const [, dora = null, cara = null] = targetsFor(snapshot, ann);
    expect(meant({ typed: 'Dora', chosen: dora })).toBe('5051');
    expect(meant({ typed: '', marked: 2 })).toBe(cara?.number);
    expect(meant({ typed: '', marked: 99 })).toBeNull();
  });

  it('is nobody any more when the call has moved on', () => {
    expect(reachOf(snapshot, { ...ann, state: 'ending' }, reach())).toBeNull();
    expect(reachOf(snapshot, bob, reach())).toBeNull();
    const away = { ...ann, transfer: { state: 'transferring', with: null, to: '1' } } as const;
    expect(reachOf(snapshot, away, reach())).toBeNull();
  });

  it('can be added to a conference, but a conference cannot be handed over', () => {
    const conference = { ...ann, conference: 'ann' };
    const together = { ...snapshot, calls: [conference] };
    expect(reachOf(together, conference, reach())).toBeNull();
    expect(reachOf(together, conference, reach({ purpose: 'add' }))).not.toBeNull();
  });
});
