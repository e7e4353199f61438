import { describe, expect, it } from 'vitest';
import { lineAnnouncements } from '../../../renderer/words/line-announcement.ts';
import { say } from '../../../renderer/words/words.ts';
import { aKey } from './views.ts';

const free = aKey({ label: '5041', shared: true });
const talking = { ...free, state: 'remote-active', who: 'Bob', with: null } as const;

describe('what a screen reader is told of colleagues', () => {
  it('who takes, holds and leaves a shared line', () => {
    expect(lineAnnouncements([free], [talking], say)).toEqual(['5041: Bob is talking']);
    const held = { ...talking, state: 'remote-held' } as const;
    expect(lineAnnouncements([talking], [held], say)).toEqual(['5041: Held by Bob']);
    expect(lineAnnouncements([held], [free], say)).toEqual(['5041 is free']);
  });

  it('nothing twice, and nothing of what passes: dialing, ringing', () => {
    expect(lineAnnouncements([talking], [{ ...talking, since: '2026-01-01T00:00:00Z' }], say)).toEqual([]);
    expect(lineAnnouncements([free], [{ ...talking, state: 'remote-seized' }], say)).toEqual([]);
  });

  it('nothing of private lines and watched extensions', () => {
    expect(lineAnnouncements([free], [{ ...talking, kind: 'watch' }], say)).toEqual([]);
    expect(lineAnnouncements([free], [{ ...talking, shared: false }], say)).toEqual([]);
  });

  it('not more than anybody can follow', () => {
    const indexes = [1, 2, 3, 4, 5, 6];
    const before = indexes.map((index) => ({ ...free, index }));
    const after = indexes.map((index) => ({ ...talking, index }));
    expect(lineAnnouncements(before, after, say)).toHaveLength(3);
  });
});
