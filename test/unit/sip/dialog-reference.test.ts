import { describe, expect, it } from 'vitest';
import {
  invitePurpose,
  readDialogReference,
  refersTo,
} from '../../../electron/sip/calls/dialog-reference.ts';

describe('a Replaces or Join value', () => {
  it.each([
    // RFC 3891, 6.1 and RFC 3911, 7.1
    [
      '98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff',
      '98732@sip.example.com',
      'ff87ff',
      'r33th4x0r',
    ],
    ['12adf2f34456gs5;to-tag=12345;from-tag=54321', '12adf2f34456gs5', '12345', '54321'],
    ['87134@171.161.34.23;to-tag=24796;from-tag=0', '87134@171.161.34.23', '24796', '0'],
    [' a"<(b)>[c]?{d}:/\\@h ; TO-TAG = x~1 ; from-tag=y.2 ', 'a"<(b)>[c]?{d}:/\\@h', 'x~1', 'y.2'],
    ['i@h;to-tag=a;from-tag=b;why="one; \\" two, three";at=[::1]', 'i@h', 'a', 'b'],
  ])('%s is read', (value, callId, toTag, fromTag) => {
    expect(readDialogReference(value)).toEqual({ callId, toTag, fromTag, earlyOnly: false });
  });

  it('may be meant for an early dialog only', () => {
    expect(readDialogReference('i;to-tag=a;from-tag=b;early-only')).toMatchObject({ earlyOnly: true });
    expect(readDialogReference('i;Early-Only;to-tag=a;from-tag=b')).toMatchObject({ earlyOnly: true });
  });

  it.each([
    '',
    ';to-tag=a;from-tag=b',
    'i@h',
    'i@h;to-tag=a',
    'i@h;from-tag=b',
    'i@h;to-tag;from-tag=b',
    'i@h;to-tag=;from-tag=b',
    'i@h;to-tag="a";from-tag=b',
    'i@h;to-tag=a;to-tag=a;from-tag=b',
    'i@h;to-tag=a;from-tag=b;from-tag=c',
    'i@h@j;to-tag=a;from-tag=b',
    'i h;to-tag=a;from-tag=b',
    'i@h;to-tag=a;from-tag=b;',
    'i@h;to-tag=a;from-tag=b x',
    'i@h;to-tag=a;from-tag=b, j@h;to-tag=c;from-tag=d',
  ])('%s is none', (value) => {
    expect(readDialogReference(value)).toBeNull();
  });
});

describe('the purpose of an INVITE', () => {
  const purpose = (headers: Partial<Record<'Replaces' | 'Join', string[]>>) =>
    invitePurpose((name) => headers[name] ?? []);
  const one = 'i@h;to-tag=a;from-tag=b';

  it('is a new call, a replacement or a join', () => {
    expect(purpose({})).toEqual({ kind: 'new' });
    expect(purpose({ Replaces: [one] })).toMatchObject({ kind: 'replaces', dialog: { callId: 'i@h' } });
    expect(purpose({ Join: [one] })).toMatchObject({ kind: 'join', dialog: { toTag: 'a' } });
  });

  it('is never two at once, and never what cannot be read', () => {
    expect(purpose({ Replaces: [one, one] })).toEqual({ kind: 'malformed' });
    expect(purpose({ Join: [one, one] })).toEqual({ kind: 'malformed' });
    expect(purpose({ Replaces: [one], Join: [one] })).toEqual({ kind: 'malformed' });
    expect(purpose({ Join: ['i@h'] })).toEqual({ kind: 'malformed' });
  });
});

describe('the dialog that is named', () => {
  const dialog = { callId: 'i@h', localTag: 'ours', remoteTag: 'theirs' };
  const names = (callId: string, toTag: string, fromTag: string) => ({
    callId,
    toTag,
    fromTag,
    earlyOnly: false,
  });

  it('has our tag as to-tag', () => {
    expect(refersTo(names('i@h', 'ours', 'theirs'), dialog)).toBe(true);
    expect(refersTo(names('i@h', 'theirs', 'ours'), dialog)).toBe(false);
    expect(refersTo(names('I@h', 'ours', 'theirs'), dialog)).toBe(false);
    expect(refersTo(names('i@h', 'ours', 'others'), dialog)).toBe(false);
  });

  it('has a tag of 0 where the far end has none (RFC 2543)', () => {
    expect(refersTo(names('i@h', 'ours', '0'), { ...dialog, remoteTag: '' })).toBe(true);
    expect(refersTo(names('i@h', 'ours', '0'), { ...dialog, remoteTag: '0' })).toBe(true);
    expect(refersTo(names('i@h', 'ours', '0'), dialog)).toBe(false);
  });
});
