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

  it('transfers, conferences and recordings, by name', () => {
    const talking = withCall({});
    const transfer = { state: 'transferring', with: null, to: '5051' } as const;
    expect(announcements(talking, withCall({ transfer }), say)).toEqual(['Ann: On the way to Ann']);
    const elsewhere = { ...transfer, to: '5059' };
    expect(announcements(talking, withCall({ transfer: elsewhere }), say)).toEqual([
      'Ann: On the way to 5059',
    ]);
    const conference = withCall({ conference: 'c1' });
    expect(announcements(talking, conference, say)).toEqual(['Ann is in the conference']);
    expect(announcements(conference, withCall({ state: 'held' }), say)).toEqual([
      'Ann on hold',
      'Ann is out of the conference',
    ]);
    // It ends with the call of another, or with hers: neither is Ann taken out.
    expect(announcements(conference, talking, say)).toEqual([]);
    expect(announcements(conference, withCall({ state: 'ending' }), say)).toEqual([]);
    expect(announcements(conference, withCall({ conference: 'c1', partyMuted: true }), say)).toEqual([
      'Nobody hears Ann',
    ]);
    const recording = withCall({ recording: { since: '2026-01-01T00:00:00Z', file: '/a.wav' } });
    expect(announcements(talking, recording, say)).toEqual(['The call with Ann is being recorded']);
    expect(announcements(recording, talking, say)).toEqual(['The recording of Ann has ended']);
  });

  it('whose fault it is that a call sounds bad, once', () => {
    const quality = {
      mos: 2,
      lossPercent: 9,
      jitterMs: 9,
      remoteLossPercent: null,
      roundTripMs: null,
      concealedPercent: null,
      fault: 'microphone',
    } as const;
    const silent = withCall({ quality });
    expect(announcements(withCall({}), silent, say)).toEqual([
      'Your microphone gives nothing. Check that it is not muted.',
    ]);
    expect(announcements(silent, withCall({ quality: { ...quality, mos: 2.1 } }), say)).toEqual([]);
    expect(announcements(silent, withCall({ quality: { ...quality, fault: null } }), say)).toEqual([]);
  });

  it('that the far end wants to connect one with somebody', () => {
    const asked = withCall({ referredTo: { number: '5061', name: 'Carol' } });
    expect(announcements(withCall({}), asked, say)).toEqual(['Ann wants to connect you with Carol.']);
    expect(announcements(asked, asked, say)).toEqual([]);
    expect(announcements(asked, withCall({}), say)).toEqual([]);
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
