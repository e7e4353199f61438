import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type LineKeyState, lineKeyState } from '../../../electron/contract/snapshot.ts';
import { chooseLineKey } from '../../../renderer/line-keys/choose-line-key.ts';
import {
  lineKeyDescription,
  lineKeyName,
  lineKeyWords,
  otherAppearances,
} from '../../../renderer/line-keys/line-key-words.ts';
import { pressOf, takesPart } from '../../../renderer/line-keys/press.ts';
import { stateLook } from '../../../renderer/line-keys/state-look.ts';
import { say } from '../../../renderer/words/words.ts';
import { aCall, aKey } from './views.ts';

const states = lineKeyState.options;

describe('how a line key looks', () => {
  it('9. one’s own call is green, a colleague’s red, what is held blinks; each has its shape, too', () => {
    const toneOf = (state: LineKeyState) => stateLook[state].tone;
    const local = states.filter((state) => state.startsWith('local'));
    const theirs = states.filter((state) => /^(remote|private)/.test(state) && state !== 'remote-undefined');
    expect(new Set(local.map(toneOf))).toEqual(new Set(['own']));
    expect(new Set(theirs.map(toneOf))).toEqual(new Set(['other']));
    const tokens = readFileSync('renderer/theme/tokens.css', 'utf8');
    /** In the light theme and in the dark one: the third number of OKLCH. */
    const hues = (name: string): number[] => {
      const value = new RegExp(`--${name}: light-dark\\((.*)\\);`).exec(tokens)?.[1] ?? '';
      return [...value.matchAll(/oklch\(\S+ \S+ (\d+)\)/g)].map(([, hue]) => Number(hue));
    };
    expect(hues('own-fill')).toEqual([150, 152]);
    expect(hues('other-fill')).toEqual([27, 27]);
    const blinking = states.filter((state) => stateLook[state].motion === 'slow');
    expect(blinking).toEqual(['local-held', 'remote-held', 'call-back-active']);
  });

  it('9. never colour alone: no two states share both shape and words', () => {
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
    ['remote-progressing', 'Bob', '555 1234', 'Bob is calling 555 1234'],
    ['register-failed', null, null, 'Not connected'],
  ] as const)('%s with %s and %s: %s', (state, who, farEnd, words) => {
    expect(lineKeyWords(aKey({ state, who, with: farEnd }), say)).toBe(words);
  });

  it('of a watched colleague does not say twice who it is', () => {
    const watched = aKey({ kind: 'watch', watched: '5051', label: 'Dora', who: 'Dora', with: 'Ann' });
    expect(lineKeyWords({ ...watched, state: 'remote-ringing' }, say)).toBe('Ringing: Ann');
    expect(lineKeyWords({ ...watched, state: 'remote-active', with: null }, say)).toBe('In a call');
    expect(lineKeyName(watched, 'Free', say)).toBe('Line key 1, watching Dora: Free');
    const another = { number: null, state: 'remote-active', who: 'Dora', with: 'Bob', since: null } as const;
    expect(lineKeyName({ ...watched, appearances: [another, { ...another }] }, 'With Ann', say)).toBe(
      'Line key 1, watching Dora: With Ann. Also: With Bob',
    );
  });

  it('tells private hold from hold', () => {
    const held = { state: 'local-held', who: 'Ann', with: null } as const;
    expect(lineKeyWords(held, say)).toBe('On hold: Ann');
    expect(lineKeyWords({ ...held, privately: true }, say)).toBe('Private hold: Ann');
  });

  it('tells every call on it, the most pressing first', () => {
    const appearance = { number: 0, with: null, since: null };
    const held = { ...appearance, state: 'remote-held', who: 'Bob' } as const;
    const talking = { ...appearance, number: 1, state: 'remote-active', who: 'Carla' } as const;
    const key = aKey({ shared: true, state: 'remote-held', who: 'Bob', appearances: [held, talking] });
    expect(otherAppearances(key)).toEqual([talking]);
    expect(lineKeyName(key, 'Held by Bob', say)).toMatch(/: Held by Bob\. Also: Carla is talking$/);
    expect(otherAppearances({ ...key, appearances: [held] })).toEqual([]);
  });

  it('says why a colleague’s call can be neither picked up nor joined', () => {
    const key = aKey({ state: 'private-held', since: '2026-01-01T00:00:00Z', cannot: 'Only Bob can.' });
    expect(lineKeyDescription(key, say)).toMatch(/^Since .+\. Only Bob can\.$/);
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
    const can = { seize: false, pickUp: false, bargeIn: false };
    const press = pressOf(aKey({ state: 'remote-active', who: 'Bob', label: '5041', can }), [], '');
    expect(press.does === 'explain' && say(press.why, press.params)).toBe(
      'Bob is on 5041. Wait until it is free, or use another line.',
    );
  });

  const can = { seize: false, pickUp: false, bargeIn: false };
  const colleague = aKey({ index: 2, shared: true, who: 'Bob', can });

  it('picks up what a colleague holds for anybody', () => {
    const held = { ...colleague, state: 'remote-held' as const };
    expect(pressOf({ ...held, can: { ...can, pickUp: true } }, [], '')).toEqual({
      does: 'pickUp',
      lineKey: 2,
    });
    expect(pressOf(held, [], '').does).toBe('explain');
    expect(pressOf({ ...colleague, state: 'private-held' }, [], '').does).toBe('explain');
  });

  it('never joins a conversation: it opens the menu, where one may', () => {
    const talking = { ...colleague, state: 'remote-active' as const, can: { ...can, bargeIn: true } };
    expect(pressOf(talking, [], '')).toEqual({ does: 'menu', lineKey: 2 });
    expect(pressOf(talking, [], '5051')).toEqual({ does: 'menu', lineKey: 2 });
  });

  it('of a watched colleague calls, picks up, or says that there is a call', () => {
    const watched = aKey({ kind: 'watch', watched: '5051', label: 'Dora', can });
    expect(pressOf(watched, [], '')).toEqual({ does: 'call', number: '5051' });
    const ringing = { ...watched, state: 'remote-ringing' as const, can: { ...can, pickUp: true } };
    expect(pressOf(ringing, [], '')).toEqual({ does: 'pickUp', lineKey: 1 });
    const busy = pressOf({ ...watched, state: 'remote-active' }, [], '');
    expect(busy.does === 'explain' && say(busy.why, busy.params)).toMatch(/^Dora is in a call/);
  });

  it('with a call of our own on the key is about that call, whatever a colleague holds there', () => {
    const both = { ...colleague, state: 'local-active' as const, can: { ...can, pickUp: true } };
    expect(pressOf(both, [aCall({ lineKey: 2 })], '')).toEqual({ does: 'show', call: 'c1' });
    expect(takesPart(both, 'pickUp')).toBe(false);
  });

  it('offers to register a failed line again', () => {
    expect(pressOf(aKey({ state: 'register-failed', extension: 2 }), [], '')).toMatchObject({ retry: 2 });
  });

  it('never does nothing', () => {
    for (const state of states) {
      const press = pressOf(aKey({ state }), [], '');
      if (press.does === 'explain') expect(say(press.why, press.params)).not.toMatch(/[{}]|^line\./);
      else expect(press.does).toMatch(/seize|answer|resume|show|pickUp/);
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

  it('is one of the extension that is asked for, if that is free, and never a watching one', () => {
    const second = aKey({ index: 3, extension: 2, shared: true });
    expect(chooseLineKey({ lineKeys: [own, second], calls: [] }, 2)?.index).toBe(3);
    expect(chooseLineKey({ lineKeys: [own, { ...second, state: 'disabled' }], calls: [] }, 2)?.index).toBe(2);
    expect(chooseLineKey({ lineKeys: [aKey({ kind: 'watch', watched: '5051' })], calls: [] })).toBeNull();
  });

  it('is none when none is free', () => {
    const lineKeys = [aKey({ state: 'remote-active' }), aKey({ state: 'registering' })];
    expect(chooseLineKey({ lineKeys, calls: [] })).toBeNull();
  });
});
