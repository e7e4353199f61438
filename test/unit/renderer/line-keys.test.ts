import { describe, expect, it } from 'vitest';
import { lineKeyState } from '../../../electron/contract/snapshot.ts';
import { chooseLineKey } from '../../../renderer/line-keys/choose-line-key.ts';
import { lineKeyWords } from '../../../renderer/line-keys/line-key-words.ts';
import { pressOf } from '../../../renderer/line-keys/press.ts';
import { stateLook } from '../../../renderer/line-keys/state-look.ts';
import { say } from '../../../renderer/words/words.ts';
import { aCall, aKey } from './views.ts';

const states = lineKeyState.options;

describe('how a line key looks', () => {
  it('no two states share both shape and words', () => {
    const looks = states.map((state) => `${stateLook[state].glyph} ${lineKeyWords(aKey({ state }), say)}`);
    expect(new Set(looks).size).toBe(states.length);
  });

  it("a colleague's states never have the shape of one's own, but for hold, which blinks in both", () => {
    const shapesOf = (tone: string) =>
      states.filter((state) => stateLook[state].tone === tone).map((state) => stateLook[state].glyph);
    const shared = shapesOf('own').filter((glyph) => shapesOf('other').includes(glyph));
    expect(shared).toEqual(['pause']);
  });
});

describe('what a line key says', () => {
  it.each([
    ['idle', null, null, 'Free'],
    ['local-progressing', '5051', null, 'Calling 5051'],
    ['local-ringing', 'Ann, 555 1234', null, 'Ringing: Ann, 555 1234'],
    ['local-active', 'Ann', null, 'You with Ann'],
    ['remote-seized', 'Bob', null, 'Bob is dialing'],
    ['remote-ringing', 'Bob', null, 'Ringing at Bob’s'],
    ['remote-active', 'Bob', '555 1234', 'Bob with 555 1234'],
    ['remote-active', 'Bob', null, 'Bob is talking'],
    ['remote-active', null, null, 'In use'],
    ['remote-held', 'Bob', '555 1234', 'Held by Bob'],
    ['private-held', 'Bob', null, 'Bob, private'],
    ['register-failed', null, null, 'Not connected'],
  ] as const)('%s with %s and %s: %s', (state, who, farEnd, words) => {
    expect(lineKeyWords(aKey({ state, who, with: farEnd }), say)).toBe(words);
  });

  it('has words for every state, with nothing left to fill in', () => {
    for (const state of states) {
      for (const who of [null, 'Bob']) {
        expect(lineKeyWords(aKey({ state, who }), say)).not.toMatch(/[{}]|^line\./);
      }
    }
  });
});

describe('what pressing a line key means', () => {
  it('takes a free line, and calls on it when a number has been typed', () => {
    expect(pressOf(aKey(), [], '')).toEqual({ does: 'seize', lineKey: 1 });
    expect(pressOf(aKey(), [], '5051')).toEqual({ does: 'dial', lineKey: 1, number: '5051' });
  });

  it('asks the PBX for a line of which nothing is known: it grants it, or it has no agent to refuse it', () => {
    const unknown = aKey({ state: 'remote-undefined', shared: true });
    expect(pressOf(unknown, [], '')).toEqual({ does: 'seize', lineKey: 1 });
    expect(chooseLineKey({ lineKeys: [unknown], calls: [] })?.index).toBe(1);
  });

  it('answers, resumes or shows the call of this key that is in this state', () => {
    const calls = [
      aCall({ id: 'elsewhere', lineKey: 2, state: 'incoming' }),
      aCall({ id: 'held', state: 'held' }),
      aCall({ id: 'ringing', state: 'incoming' }),
      aCall({ id: 'talking', state: 'active' }),
    ];
    expect(pressOf(aKey({ state: 'local-ringing' }), calls, '')).toEqual({ does: 'answer', call: 'ringing' });
    expect(pressOf(aKey({ state: 'local-held' }), calls, '')).toEqual({ does: 'resume', call: 'held' });
    expect(pressOf(aKey({ state: 'local-active' }), calls, '')).toEqual({ does: 'show', call: 'talking' });
  });

  it('explains why a line cannot be used, by name where it is known', () => {
    const press = pressOf(aKey({ state: 'remote-active', who: 'Bob', label: '5041' }), [], '');
    expect(press.does === 'explain' && say(press.why, press.params)).toBe(
      'Bob is on 5041. Wait until it is free, or use another line.',
    );
  });

  it('offers to register a failed line again', () => {
    expect(pressOf(aKey({ state: 'register-failed', extension: 2 }), [], '')).toMatchObject({ retry: 2 });
  });

  it('never does nothing', () => {
    for (const state of states) {
      const press = pressOf(aKey({ state }), [], '');
      if (press.does === 'explain') expect(say(press.why, press.params)).not.toMatch(/[{}]|^line\./);
      else expect(press.does).toMatch(/seize|answer|resume|show/);
    }
  });
});

describe('the line key that a number goes out on', () => {
  const shared = aKey({ index: 1, shared: true });
  const own = aKey({ index: 2 });

  it('is the private one first', () => {
    expect(chooseLineKey({ lineKeys: [shared, own], calls: [] })?.index).toBe(2);
  });

  it('is a shared one when the private one is taken', () => {
    const lineKeys = [shared, { ...own, state: 'local-active' as const }];
    expect(chooseLineKey({ lineKeys, calls: [] })?.index).toBe(1);
  });

  it('is the lifted one before all', () => {
    const lineKeys = [{ ...shared, state: 'local-seized' as const }, own];
    const calls = [aCall({ state: 'seizing', lineKey: 1 })];
    expect(chooseLineKey({ lineKeys, calls })?.index).toBe(1);
  });

  it('is none when none is free', () => {
    const lineKeys = [aKey({ state: 'remote-active' }), aKey({ state: 'registering' })];
    expect(chooseLineKey({ lineKeys, calls: [] })).toBeNull();
  });
});
