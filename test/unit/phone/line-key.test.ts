import { describe, expect, it } from 'vitest';
import type { AppearanceDialog, DialogState } from '../../../electron/phone/lines/dialog.ts';
import { PhoneUnderTest } from './phone-under-test.ts';

describe('a line key before anything is known', () => {
  it('looks registering, then free when private and unknown when shared', () => {
    const tested = new PhoneUnderTest();
    expect(tested.view.lineKeys.map(({ state }) => state)).toEqual([
      'registering',
      'registering',
      'registering',
    ]);
    tested.take({ type: 'registered', extension: 1, fresh: true });
    tested.take({ type: 'registered', extension: 2, fresh: true });
    expect(tested.view.lineKeys.map(({ state }) => state)).toEqual([
      'idle',
      'remote-undefined',
      'remote-undefined',
    ]);
  });

  it('says why a registration failed', () => {
    const tested = new PhoneUnderTest();
    tested.take({ type: 'register-failed', extension: 2, reason: { code: 'wrong-password' } });
    expect(tested.key(1).state).toBe('registering');
    expect(tested.key(2)).toMatchObject({ state: 'register-failed', reason: 'wrong-password' });
    expect(tested.view.extensions[1]).toMatchObject({ registration: 'failed', reasonCode: 'wrong-password' });
  });

  it('knows nothing of a shared line any more once its registration is lost', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.colleague('confirmed');
    expect(tested.key(2).state).toBe('remote-active');
    tested.take({ type: 'register-failed', extension: 2, reason: { code: 'pbx-unreachable' } });
    expect(tested.key(2).state).toBe('register-failed');
    tested.take({ type: 'registered', extension: 2, fresh: true });
    expect(tested.key(2)).toMatchObject({ state: 'remote-undefined', who: null });
  });
});

describe("a colleague's dialog on the wire is a state of the key (facts 2.2)", () => {
  const cases: [DialogState, Partial<AppearanceDialog>, string][] = [
    ['trying', {}, 'remote-seized'],
    ['proceeding', {}, 'remote-progressing'],
    ['early', { direction: 'initiator' }, 'remote-progressing'],
    ['early', { direction: 'recipient' }, 'remote-ringing'],
    ['confirmed', {}, 'remote-active'],
    ['confirmed', { held: true }, 'remote-held'],
    ['confirmed', { held: true, exclusive: true }, 'private-held'],
    ['terminated', {}, 'idle'],
  ];
  it.each(cases)('%s %j -> %s', (state, change, expected) => {
    const tested = PhoneUnderTest.onTheAir();
    tested.colleague(state, change);
    expect(tested.key(2).state).toBe(expected);
    expect(tested.key(3).state).toBe('idle');
  });

  it('names who is on it and with whom, and since when', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.now += 5000;
    tested.colleague('confirmed', { remote: { number: '5551234', name: null } });
    expect(tested.key(2)).toMatchObject({
      who: 'Bob',
      with: '5551234',
      since: '2026-01-01T00:00:05.000Z',
    });
    tested.now += 5000;
    tested.colleague('confirmed', { remote: { number: '5551234', name: null } });
    expect(tested.key(2).since).toBe('2026-01-01T00:00:05.000Z');
  });

  it('finds the key by its appearance', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.colleague('confirmed', { appearance: 1 });
    expect(tested.view.lineKeys.map(({ state }) => state)).toEqual(['idle', 'idle', 'remote-active']);
  });

  it('is gone when a full NOTIFY does not list it', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.colleague('confirmed');
    tested.take({ type: 'appearances', extension: 2, full: true, dialogs: [] });
    expect(tested.key(2).state).toBe('idle');
  });

  it('shows an appearance beyond those that our keys would take, too', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.colleague('confirmed', { appearance: 7 });
    expect(tested.view.lineKeys.map(({ state }) => state)).toEqual(['idle', 'idle', 'remote-active']);
  });
});
