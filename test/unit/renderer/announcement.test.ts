import { describe, expect, it } from 'vitest';
import { announcements } from '../../../renderer/words/announcement.ts';
import { say } from '../../../renderer/words/words.ts';
import { aCall, anExtension, aSnapshot } from './views.ts';

const withCall = (change: Parameters<typeof aCall>[0]) => aSnapshot({ calls: [aCall(change)] });

describe('what a screen reader is told', () => {
  it('a call that comes in, with its line', () => {
    expect(announcements(aSnapshot(), withCall({ state: 'incoming' }), say)).toEqual([
      'Incoming call from Ann on 5031',
    ]);
  });

  it('every step of a call, once', () => {
    const ringing = withCall({ state: 'ringing' });
    const active = withCall({ state: 'active' });
    expect(announcements(ringing, active, say)).toEqual(['Connected with Ann']);
    expect(announcements(active, active, say)).toEqual([]);
    expect(announcements(active, withCall({ muted: true }), say)).toEqual(['Muted']);
    expect(announcements(active, withCall({ heldByRemote: true }), say)).toEqual(['Ann has put you on hold']);
    expect(announcements(active, aSnapshot(), say)).toEqual(['Call with Ann ended']);
  });

  it('dial tone', () => {
    const asking = withCall({ state: 'seizing' });
    expect(announcements(aSnapshot(), asking, say)).toEqual([]);
    expect(announcements(asking, withCall({ state: 'seizing', granted: true }), say)).toEqual([
      'Dial tone on 5031',
    ]);
  });

  it('a registration that fails, and why', () => {
    const failed = aSnapshot({
      extensions: [anExtension({ registration: 'failed', reason: 'The PBX refused the password.' })],
    });
    expect(announcements(aSnapshot(), failed, say)).toEqual([
      '5031 not connected. The PBX refused the password.',
    ]);
    expect(announcements(failed, aSnapshot(), say)).toEqual(['5031 registered']);
  });
});
