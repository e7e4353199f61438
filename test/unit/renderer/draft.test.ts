import { describe, expect, it } from 'vitest';
import { type Draft, draftOf, profileOf } from '../../../renderer/first-run/draft.ts';
import { anExtension, aSnapshot } from './views.ts';

const draft = (change: Partial<Draft> = {}): Draft => ({
  address: '192.168.0.1',
  port: '6060',
  extension: '5031',
  password: 'pw',
  stationName: 'Front desk',
  shared: [{ id: 1, number: '5041' }],
  dialect: 'spa9000',
  ...change,
});

describe('the profile from the form', () => {
  it('has an extension, a port and a line key for the user and for each shared line', () => {
    expect(profileOf(draft())).toMatchObject({
      profile: {
        pbx: { address: '192.168.0.1', port: 6060, dialect: 'spa9000' },
        station: { name: 'Front desk' },
        extensions: [
          { userId: '5031', password: 'pw', localPort: 5060 },
          { userId: '5031', sharedUserId: '5041', password: 'pw', localPort: 5061 },
        ],
        lineKeys: [
          { extension: 1, label: '5031' },
          { extension: 2, label: '5041' },
        ],
      },
    });
  });

  it('forgives blanks around, an empty port and empty rows', () => {
    const result = profileOf(
      draft({
        address: ' pbx ',
        port: '',
        shared: [
          { id: 1, number: ' ' },
          { id: 2, number: ' 5042 ' },
        ],
      }),
    );
    expect(result).toMatchObject({
      profile: { pbx: { address: 'pbx', port: 6060 }, extensions: [{}, { sharedUserId: '5042' }] },
    });
  });

  it('says how the PBX speaks; Broadsoft’s phones speak as the shared extension itself', () => {
    expect(profileOf(draft({ dialect: 'bla' }))).toMatchObject({
      profile: { pbx: { dialect: 'bla' }, extensions: [{}, { userId: '5031', sharedUserId: '5041' }] },
    });
    expect(profileOf(draft({ dialect: 'sca' }))).toMatchObject({
      profile: {
        pbx: { dialect: 'sca' },
        extensions: [{ userId: '5031' }, { userId: '5041', sharedUserId: '5041' }],
      },
    });
  });

  it('has as many shared lines as anybody names', () => {
    const shared = Array.from({ length: 34 }, (_, id) => ({ id, number: String(6000 + id) }));
    expect(profileOf(draft({ shared }))).toMatchObject({
      profile: { extensions: { length: 35 }, lineKeys: { length: 35 } },
    });
  });
});

describe('a mistake', () => {
  it.each([
    [{ address: '' }, { address: 'setup.error.address' }],
    [{ address: 'my pbx' }, { address: 'setup.error.address' }],
    [{ port: '70000' }, { port: 'setup.error.port' }],
    [{ port: 'sixty' }, { port: 'setup.error.port' }],
    [{ port: '60.5' }, { port: 'setup.error.port' }],
    [{ extension: '' }, { extension: 'setup.error.extension' }],
    [{ extension: 'a@b' }, { extension: 'setup.error.extension' }],
    [{ password: 'x'.repeat(129) }, { password: 'setup.error.password' }],
    [{ stationName: 'a\nb' }, { stationName: 'setup.error.stationName' }],
    [{ shared: [{ id: 7, number: '50 41' }] }, { 'shared-7': 'setup.error.shared' }],
    [{ shared: [{ id: 7, number: '5031' }] }, { 'shared-7': 'setup.error.sharedTwice' }],
    [
      {
        shared: [
          { id: 1, number: '' },
          { id: 2, number: '5041' },
          { id: 3, number: '5041' },
        ],
      },
      { 'shared-3': 'setup.error.sharedTwice' },
    ],
  ] satisfies [Partial<Draft>, object][])('%j is told at its field', (change, errors) => {
    expect(profileOf(draft(change))).toEqual({ errors });
  });
});

describe('the form after a PBX was left', () => {
  const pbx = { address: '10.0.0.1', port: 5062, dialect: 'bla' } as const;
  const left = aSnapshot({
    station: { name: 'Front desk', displayName: 'Kim', pbx, practice: false },
    extensions: [
      anExtension({ userId: '5077' }),
      anExtension({ index: 2, userId: '5077', sharedUserId: '5041' }),
    ],
  });
  const empty = draft({
    address: '',
    extension: '',
    password: '',
    stationName: '',
    shared: [{ id: 1, number: '' }],
  });

  it('holds all that is known of it, so that only what was wrong is typed anew', () => {
    expect(draftOf(left, empty)).toEqual({
      address: '10.0.0.1',
      port: '5062',
      extension: '5077',
      password: '',
      stationName: 'Front desk',
      shared: [{ id: 2, number: '5041' }],
      dialect: 'bla',
    });
  });

  it('stays as it was typed for this PBX, with its password, and after practice', () => {
    const typed = draft({ address: ' 10.0.0.1', extension: '5077', password: 'guess' });
    expect(draftOf(left, typed)).toBe(typed);
    expect(draftOf({ ...left, station: { name: '', displayName: '', pbx, practice: true } }, empty)).toBe(
      empty,
    );
  });
});
