import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import english from '../../../assets/locales/en.json';
import { reasonCodes, troubles } from '../../../electron/contract/reasons.ts';
import { dialPlanMistakes } from '../../../electron/phone/dialing/dial-plan-text.ts';
import { say } from '../../../electron/words.ts';

const root = join(import.meta.dirname, '../../..');

/** What a reason may name (contract/reasons.ts, `params`). */
const reasonParams = [
  'address',
  'port',
  'wanted',
  'used',
  'file',
  'field',
  'position',
  'detail',
  'mistake',
  'trouble',
  'status',
  'phrase',
  'number',
  'who',
];

function paths(node: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(node).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[prefix + name, value]] : [...paths(value, `${prefix}${name}.`)],
    ),
  );
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));
}

const texts = paths(english);
const code = [...sources('renderer'), ...sources('electron/desktop')].join('\n');
/** Dotted names in quotes whose first part is a part of the words: 'call.state.held'. */
const used = [...code.matchAll(/['"`]((?:[a-z]\w*)(?:\.[\w-]+)+)['"`]/g)]
  .flatMap(([, key = '']) => key)
  .filter((key) => Object.hasOwn(english, key.split('.')[0] ?? ''));
/** Names with a part that is only known when the program runs: `call.action.${action}`. */
const families = [...code.matchAll(/`((?:[a-z]\w*\.)+)\$\{/g)].map(([, family = '']) => family);

describe('the reasons', () => {
  it.each(reasonCodes)('%s has a sentence that says what to do', (reason) => {
    const sentence = texts.get(`reason.${reason}`);
    expect(sentence).toMatch(/^[A-Z“].*[.!]$/);
  });

  it('have no sentence without a code', () => {
    const codes = Object.keys(english.reason).filter((key) => !/_(by|because)$/.test(key));
    expect(codes.sort()).toEqual([...reasonCodes].sort());
  });

  it('have words for every mistake in a dial plan', () => {
    expect(Object.keys(english.dialPlan).sort()).toEqual([...dialPlanMistakes].sort());
    const sentence = say({
      code: 'dial-plan-malformed',
      params: { position: 3, field: 'q)', mistake: 'no-digit' },
    });
    expect(sentence).toBe(
      'The dial plan has a mistake at character 3 (“q)”): this is no digit. It is not used; correct it.',
    );
  });

  it('have words for every trouble that they name', () => {
    expect(Object.keys(english.trouble).sort()).toEqual([...troubles].sort());
    const recording = (trouble: string) =>
      say({ code: 'recording-failed', params: { file: '/rec/a.wav', trouble, detail: 'EIO: i/o error' } });
    expect(recording('disk-full')).toBe(
      'The recording could not be written in /rec/a.wav: the disk is full. Choose another folder in the settings.',
    );
    expect(recording('other')).toContain(': the system says “EIO: i/o error”. ');
    expect(say({ code: 'media-failed', params: { trouble: 'audio-process' } })).toContain(
      ': the program that',
    );
  });

  it('say why no sound was agreed on, where that is known', () => {
    expect(say({ code: 'not-acceptable', params: { trouble: 'no-codec' } })).toContain(
      ': the two sides have no codec in common. ',
    );
    expect(say({ code: 'not-acceptable', params: { status: 488, phrase: 'Not Acceptable Here' } })).toBe(
      english.reason['not-acceptable'],
    );
  });

  it('name only what a reason can carry', () => {
    const named = Object.values(english.reason).flatMap((sentence) =>
      [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name),
    );
    expect(named.filter((name) => !reasonParams.includes(name ?? ''))).toEqual([]);
  });
});

describe('the texts of the window', () => {
  it('are all there', () => {
    expect(used.length).toBeGreaterThan(80);
    expect(used.filter((key) => !texts.has(key))).toEqual([]);
    expect(families.filter((family) => ![...texts.keys()].some((key) => key.startsWith(family)))).toEqual([]);
  });

  it('are all used', () => {
    const known = (key: string): boolean =>
      /^(reason|dialPlan|trouble)\./.test(key) ||
      used.includes(key) ||
      families.some((family) => key.startsWith(family));
    expect([...texts.keys()].filter((key) => !known(key))).toEqual([]);
  });

  it('are not empty and have no stray braces or blanks', () => {
    for (const [key, text] of texts) {
      expect(text, key).toMatch(/\S/);
      expect(text.replace(/\{\{\w+\}\}/g, 'x'), key).not.toMatch(/[{}]|^\s|\s$|\s{2}/);
    }
  });
});
