import { describe, expect, it } from 'vitest';
import { callState } from '../../../electron/contract/snapshot.ts';
import { callerName, callerNumber, callSentence } from '../../../renderer/call/call-words.ts';
import { type DeckState, deckOf } from '../../../renderer/call/deck.ts';
import { callToAnswer, focusedCall } from '../../../renderer/call/focused-call.ts';
import { registrationProblems } from '../../../renderer/call/registration-problems.ts';
import { registrationSummary } from '../../../renderer/status-bar/registration-summary.ts';
import { say } from '../../../renderer/words/words.ts';
import { aCall, anExtension } from './views.ts';

describe('the call in the panel', () => {
  const held = aCall({ id: 'held', state: 'held' });
  const active = aCall({ id: 'active' });
  const incoming = aCall({ id: 'incoming', state: 'incoming' });

  it('is the one that needs hands first', () => {
    expect(focusedCall([held, incoming, active], null)).toBe(active);
    expect(focusedCall([held, incoming], null)).toBe(incoming);
    expect(focusedCall([], null)).toBeNull();
  });

  it('is the chosen one while it lives', () => {
    expect(focusedCall([held, active], 'held')).toBe(held);
    expect(focusedCall([{ ...held, state: 'ending' }, active], 'held')).toBe(active);
    expect(focusedCall([active], 'gone')).toBe(active);
  });

  it('Enter answers the ringing one, also beside a conversation', () => {
    expect(callToAnswer([active, incoming], active)).toBe(incoming);
    expect(callToAnswer([active], active)).toBeNull();
    const second = aCall({ id: 'second', state: 'incoming' });
    expect(callToAnswer([incoming, second], second)).toBe(second);
  });
});

describe('the two big keys', () => {
  const idle: DeckState = {
    call: null,
    canDial: false,
    canRedial: false,
    asking: null,
    referred: false,
    reach: null,
  };

  it.each([
    ['incoming', 'answer', 'reject'],
    ['active', 'hold', 'hangUp'],
    ['held', 'resume', 'hangUp'],
    ['ringing', 'hold', 'hangUp'],
    ['seizing', 'call', 'hangUp'],
  ] as const)('%s: %s and %s', (state, next, end) => {
    const deck = deckOf({ ...idle, call: aCall({ state }), canDial: true });
    expect([deck.next.action, deck.end.action]).toEqual([next, end]);
  });

  it('call only when there is a number', () => {
    expect(deckOf(idle).next).toMatchObject({ action: 'call', enabled: false });
    expect(deckOf({ ...idle, canDial: true, canRedial: true }).next).toMatchObject({
      action: 'call',
      enabled: true,
    });
  });

  it('redial on the empty field, also of a lifted line', () => {
    const again = { ...idle, canRedial: true };
    expect(deckOf(again).next).toMatchObject({ action: 'redial', enabled: true });
    expect(deckOf({ ...again, call: aCall({ state: 'seizing' }) }).next.action).toBe('redial');
  });

  it('finish what the asking was for: a transfer while it still rings, a conference once answered', () => {
    const asked = (state: 'ringing' | 'active', asking: 'transfer' | 'add') =>
      deckOf({ ...idle, call: aCall({ state }), asking }).next;
    expect(asked('ringing', 'transfer')).toMatchObject({ action: 'completeTransfer', enabled: true });
    expect(asked('active', 'transfer')).toMatchObject({ action: 'completeTransfer', tone: 'go' });
    expect(asked('ringing', 'add')).toMatchObject({ action: 'bringTogether', enabled: false });
    expect(asked('active', 'add')).toMatchObject({ action: 'bringTogether', enabled: true });
  });

  it('reach who is sought, and hang-up stays where it was', () => {
    const seeking = (purpose: 'transfer' | 'add', who: 'nobody' | 'number' | 'call') =>
      deckOf({ ...idle, call: aCall(), reach: { purpose, who } });
    expect(seeking('transfer', 'nobody').next).toMatchObject({ action: 'transferNow', enabled: false });
    expect(seeking('transfer', 'number').next).toMatchObject({ action: 'transferNow', enabled: true });
    expect(seeking('transfer', 'call').next.action).toBe('connect');
    expect(seeking('add', 'number').next.action).toBe('callToAdd');
    expect(seeking('add', 'call').next.action).toBe('bringTogether');
    expect(seeking('add', 'call').end).toMatchObject({ action: 'hangUp', enabled: true });
  });

  it.each(['active', 'held'] as const)('connect one as the far end of a call that is %s wishes', (state) => {
    const { next, end } = deckOf({ ...idle, call: aCall({ state }), referred: true });
    expect(next).toMatchObject({ action: 'followTransfer', tone: 'go', enabled: true });
    expect(end.action).toBe('hangUp');
  });

  it('can only hang up on a call that is on its way elsewhere', () => {
    const transfer = { state: 'transferring', with: null, to: '5051' } as const;
    const { next, end } = deckOf({ ...idle, call: aCall({ state: 'held', transfer }) });
    expect([next.enabled, end.enabled]).toEqual([false, true]);
  });

  it('can end every call that is not ending already', () => {
    for (const state of callState.options) {
      expect(deckOf({ ...idle, call: aCall({ state }) }).end.enabled).toBe(state !== 'ending');
    }
  });
});

describe('the words of a call', () => {
  it('names the caller, else the number, else says that it is unknown', () => {
    expect(callerName(aCall(), say)).toBe('Ann');
    expect(callerName(aCall({ remote: { number: '5051', name: null } }), say)).toBe('5051');
    expect(callerName(aCall({ remote: { number: '', name: null } }), say)).toBe('Unknown caller');
  });

  it('does not say the number twice', () => {
    expect(callerNumber(aCall())).toBe('5051');
    expect(callerNumber(aCall({ remote: { number: '5051', name: '5051' } }))).toBeNull();
    expect(callerNumber(aCall({ remote: { number: '5051', name: null } }))).toBeNull();
  });

  it('tells apart what is the same state', () => {
    const sentences = [
      aCall(),
      aCall({ muted: true }),
      aCall({ heldByRemote: true }),
      aCall({ state: 'seizing' }),
      aCall({ state: 'seizing', granted: true }),
      aCall({ state: 'incoming' }),
      aCall({ state: 'incoming', silenced: true }),
    ].map(callSentence);
    expect(new Set(sentences).size).toBe(sentences.length);
  });
});

describe('registrations', () => {
  const shared = anExtension({ index: 2, sharedUserId: '5041' });
  const failed = { registration: 'failed', reason: 'The PBX is silent.' } as const;

  it('are told once for the same reason', () => {
    expect(registrationProblems([anExtension(failed), { ...shared, ...failed }])).toEqual([
      { numbers: ['5031', '5041'], extensions: [1, 2], sentence: 'The PBX is silent.' },
    ]);
  });

  it('are told apart for different reasons', () => {
    const wrong = { ...shared, ...failed, reason: 'Wrong password.' };
    expect(registrationProblems([anExtension(failed), wrong])).toHaveLength(2);
  });

  it('show the worst first', () => {
    expect(registrationSummary([anExtension(), { ...shared, ...failed }])).toEqual({
      state: 'failed',
      numbers: ['5041'],
    });
    expect(registrationSummary([anExtension(), shared])).toEqual({
      state: 'registered',
      numbers: ['5031', '5041'],
    });
    expect(registrationSummary([])).toEqual({ state: 'unregistered', numbers: [] });
  });
});
