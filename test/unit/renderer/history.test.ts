import { describe, expect, it } from 'vitest';
import { type CallRecord, callRecord } from '../../../electron/contract/snapshot.ts';
import { missedSince, recordIcon, recordWords } from '../../../renderer/history/record-words.ts';
import { timeAgo } from '../../../renderer/words/duration.ts';
import { say } from '../../../renderer/words/words.ts';

const ended = '2026-01-05T12:00:00Z';
const aRecord = (change: Partial<CallRecord> = {}): CallRecord => ({
  id: 'r1',
  extension: 1,
  label: '5041',
  direction: 'incoming',
  remote: { number: '5051', name: 'Ann' },
  outcome: 'answered',
  by: null,
  began: ended,
  connected: ended,
  ended,
  quality: null,
  recording: null,
  ...change,
});

describe('a call in the history', () => {
  it('that a colleague answered is not missed, and says who it was', () => {
    const elsewhere = aRecord({ outcome: 'answered-elsewhere', by: 'Bob' });
    expect(recordWords(elsewhere, say)).toBe('Answered by Bob');
    expect(recordWords({ ...elsewhere, by: null }, say)).toBe('Answered by a colleague');
    expect(recordIcon(elsewhere)).not.toBe(recordIcon(aRecord({ outcome: 'missed' })));
    expect(missedSince([elsewhere], 0)).toBe(0);
  });

  it('has words for every outcome, both ways, and no two the same', () => {
    const all = callRecord.shape.outcome.options.flatMap((outcome) => [
      recordWords(aRecord({ outcome }), say),
      recordWords(aRecord({ outcome, direction: 'outgoing' }), say),
    ]);
    for (const words of all) expect(words).not.toMatch(/[{}]|^history\./);
    // Missed, failed and answered elsewhere are the same both ways.
    expect(new Set(all).size).toBe(all.length - 3);
  });

  it('counts as missed until it has been seen', () => {
    const missed = aRecord({ outcome: 'missed' });
    expect(missedSince([missed, aRecord()], 0)).toBe(1);
    expect(missedSince([missed], Date.parse(ended))).toBe(0);
  });
});

describe('when it was', () => {
  const minutesLater = (minutes: number) => timeAgo(ended, Date.parse(ended) + minutes * 60_000);

  it('is relative for a day, then the date', () => {
    expect(minutesLater(0)).toBe('this minute');
    expect(minutesLater(5)).toMatch(/^5 min/);
    expect(minutesLater(125)).toMatch(/^2 hr/);
    expect(minutesLater(26 * 60)).toMatch(/Jan/);
  });

  it('is never in the future, though clocks differ', () => {
    expect(minutesLater(-3)).toBe('this minute');
  });
});
