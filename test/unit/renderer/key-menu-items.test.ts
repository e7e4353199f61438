import { describe, expect, it } from 'vitest';
import type { CallRecord, CallView, LineKeyView } from '../../../electron/contract/snapshot.ts';
import { keyMenuItems } from '../../../renderer/line-keys/key-menu-items.ts';
import { say } from '../../../renderer/words/words.ts';
import { aCall, aKey } from './views.ts';

const can = { seize: false, pickUp: false, bargeIn: false };
const words = (key: LineKeyView, calls: readonly CallView[] = [], quiet = false): string[] =>
  keyMenuItems(key, calls, { doNotDisturb: quiet, history: [] }, say).map((item) => item.words);

describe('the menu of a line key', () => {
  it('of a free line: take it', () => {
    expect(words(aKey())).toEqual(['Take the line', 'Do not disturb']);
  });

  it('of a call that rings here: answer, silence; silenced, only answer', () => {
    const key = aKey({ state: 'local-ringing', can });
    const call = aCall({ state: 'incoming' });
    expect(words(key, [call])).toEqual(['Answer Ann', 'Silence this ring', 'Do not disturb']);
    expect(words(key, [{ ...call, silenced: true }])).toEqual(['Answer Ann', 'Do not disturb']);
  });

  it('of our call: hold, and hold privately on a shared line only', () => {
    const key = aKey({ state: 'local-active', can });
    expect(words(key, [aCall()])).toEqual(['Hold Ann', 'Hang up on Ann', 'Do not disturb']);
    expect(words({ ...key, shared: true }, [aCall()])).toContain('Hold Ann privately');
  });

  it('of a colleague’s call: pick up or join it, by name', () => {
    const held = aKey({ state: 'remote-held', who: 'Bob', can: { ...can, pickUp: true } });
    expect(words(held)).toEqual(['Pick up Bob’s call', 'Do not disturb']);
    const talking = aKey({ state: 'remote-active', who: 'Bob', can: { ...can, bargeIn: true } });
    expect(words(talking)).toEqual(['Join Bob’s call', 'Do not disturb']);
  });

  it('of two calls: all that can be done with both, each by its own name', () => {
    const appearance = { number: 1, state: 'remote-held', who: 'Bob', with: null, since: null } as const;
    const key = aKey({
      state: 'local-held',
      who: 'Ann',
      appearances: [appearance],
      can: { ...can, pickUp: true },
    });
    expect(words(key, [aCall({ state: 'held' }), aCall({ id: 'c9', lineKey: 2 })])).toEqual([
      'Resume Ann',
      'Hang up on Ann',
      'Pick up Bob’s call',
      'Do not disturb',
    ]);
  });

  it('for the call in hand: hand it to who is there, or bring the two together', () => {
    const inHand = aCall();
    const offers = (key: LineKeyView, calls: readonly CallView[], call = inHand): string[] =>
      keyMenuItems(key, calls, { doNotDisturb: false, history: [] }, say, call)
        .filter(({ deed }) => ['aim', 'connect', 'bringTogether'].includes(deed.do))
        .map((item) => item.words);
    const dora = aKey({ index: 3, kind: 'watch', watched: '5052', label: 'Dora', can });
    const bob = aCall({ id: 'c2', lineKey: 2, state: 'held', remote: { number: '1', name: 'Bob' } });
    expect(offers(dora, [inHand])).toEqual(['Transfer Ann to Dora…']);
    expect(offers(aKey({ index: 2 }), [inHand, bob])).toEqual([
      'Connect Ann with Bob',
      'Bring Ann and Bob together',
    ]);
    expect(offers(aKey({ index: 2 }), [inHand])).toEqual([]);
    expect(offers(aKey({ shared: true }), [inHand])).toEqual([]);
    const conference = { ...inHand, conference: 'c1' };
    expect(offers(aKey({ index: 2 }), [conference, bob], conference)).toEqual(['Bring Ann and Bob together']);
    expect(offers(dora, [conference], conference)).toEqual([]);
  });

  it('what the key itself offers comes before what it means for the call in hand', () => {
    const inHand = aCall({ state: 'held' });
    const key = aKey({
      index: 2,
      label: '5041',
      shared: true,
      state: 'remote-active',
      who: 'Bob',
      can: { ...can, bargeIn: true },
    });
    const items = keyMenuItems(key, [inHand], { doNotDisturb: false, history: [] }, say, inHand);
    expect(items.slice(0, 2).map((item) => item.words)).toEqual(['Join Bob’s call', 'Transfer Ann to 5041…']);
  });

  it('of a watched colleague: call', () => {
    expect(words(aKey({ kind: 'watch', watched: '5051', label: 'Dora', can }))[0]).toBe('Call Dora');
  });

  it('of a line that is not connected: connect again', () => {
    expect(words(aKey({ state: 'register-failed', can }))).toEqual(['Connect again', 'Do not disturb']);
  });

  it('of a line on which a call was in vain: call back; while that lasts: stop it', () => {
    const last: CallRecord = {
      id: 'c1',
      extension: 1,
      label: '5031',
      direction: 'outgoing',
      remote: { number: '5051', name: null },
      outcome: 'unanswered',
      by: null,
      began: '',
      quality: null,
      recording: null,
      connected: null,
      ended: '',
    };
    const wordsAfter = (key: LineKeyView, history: CallRecord[]) =>
      keyMenuItems(key, [], { doNotDisturb: false, history }, say).map((item) => item.words);
    expect(wordsAfter(aKey(), [last])).toEqual([
      'Take the line',
      'Call 5051 until it is free',
      'Do not disturb',
    ]);
    expect(wordsAfter(aKey(), [{ ...last, outcome: 'answered' }, last])).not.toContain(
      'Call 5051 until it is free',
    );
    expect(wordsAfter(aKey({ extension: 2 }), [last])).not.toContain('Call 5051 until it is free');
    expect(wordsAfter(aKey({ state: 'call-back-active', who: '5051' }), [last])).toEqual([
      'Take the line',
      'Stop calling back',
      'Do not disturb',
    ]);
  });

  it('says whether the phone rings', () => {
    expect(keyMenuItems(aKey(), [], { doNotDisturb: true, history: [] }, say).at(-1)).toEqual({
      words: 'Do not disturb',
      deed: { do: 'doNotDisturb', on: false },
      checked: true,
    });
  });
});
