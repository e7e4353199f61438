import { describe, expect, it } from 'vitest';
import { playoutReport } from '../../../electron/contract/commands.ts';
import { playoutBetween, readPlayout } from '../../../renderer/audio/playout.ts';

const inbound = (change: Record<string, unknown> = {}) => ({
  type: 'inbound-rtp',
  kind: 'audio',
  concealedSamples: 0,
  silentConcealedSamples: 0,
  totalSamplesReceived: 0,
  jitterBufferDelay: 0,
  jitterBufferEmittedCount: 0,
  ...change,
});
const microphone = { type: 'media-source', kind: 'audio', audioLevel: 0.25 };

const totals = (...stats: Record<string, unknown>[]) => {
  const read = readPlayout(stats);
  if (!read) throw new Error('nothing read');
  return read;
};

describe('how a call is played', () => {
  it('is what happened since the last look', () => {
    const before = totals(inbound({ totalSamplesReceived: 48_000, concealedSamples: 480 }), microphone);
    const now = totals(
      inbound({
        totalSamplesReceived: 96_000,
        concealedSamples: 2_880,
        jitterBufferDelay: 1_440,
        jitterBufferEmittedCount: 48_000,
      }),
      microphone,
    );
    const report = playoutBetween('c1', before, now);
    expect(report).toEqual({ call: 'c1', concealed: 0.05, bufferMs: 30, inputLevel: 0.25 });
    expect(playoutReport.safeParse(report).success).toBe(true);
  });

  it('does not count silence in place of silence', () => {
    const before = totals(inbound());
    const now = totals(
      inbound({ totalSamplesReceived: 48_000, concealedSamples: 48_000, silentConcealedSamples: 48_000 }),
    );
    expect(playoutBetween('c1', before, now).concealed).toBe(0);
  });

  it('is unknown before anything has come, and tells when there is no microphone', () => {
    expect(readPlayout([microphone])).toBeNull();
    expect(totals(inbound()).inputLevel).toBeNull();
  });

  it('bears totals that began anew, and what is no number', () => {
    const before = totals(inbound({ totalSamplesReceived: 96_000, concealedSamples: 960 }));
    const now = totals(inbound({ totalSamplesReceived: Number.NaN, concealedSamples: 'many' }));
    expect(playoutReport.safeParse(playoutBetween('c1', before, now)).success).toBe(true);
  });
});
