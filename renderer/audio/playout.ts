import type { PlayoutReport } from '../../electron/contract/commands.ts';

/** Running totals of WebRTC's statistics (W3C webrtc-stats) that a report is the difference of. */
export interface PlayoutTotals {
  /** Samples. */
  readonly concealed: number;
  readonly received: number;
  /** Seconds, summed over the samples played. */
  readonly bufferDelay: number;
  readonly emitted: number;
  /** Of what the microphone gives now, 0 to 1; null: there is none. */
  readonly inputLevel: number | null;
}

const numberIn = (entry: Record<string, unknown>, name: string): number => {
  const value = entry[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
};

/** Reads what concerns us out of a statistics report; null before anything has been played. */
export function readPlayout(stats: Iterable<Record<string, unknown>>): PlayoutTotals | null {
  let inbound: Record<string, unknown> | null = null;
  let inputLevel: number | null = null;
  for (const entry of stats) {
    if (entry.type === 'inbound-rtp' && entry.kind === 'audio') inbound = entry;
    if (entry.type === 'media-source' && entry.kind === 'audio') inputLevel = numberIn(entry, 'audioLevel');
  }
  if (!inbound) return null;
  return {
    concealed: numberIn(inbound, 'concealedSamples') - numberIn(inbound, 'silentConcealedSamples'),
    received: numberIn(inbound, 'totalSamplesReceived'),
    bufferDelay: numberIn(inbound, 'jitterBufferDelay'),
    emitted: numberIn(inbound, 'jitterBufferEmittedCount'),
    inputLevel,
  };
}

const share = (part: number, whole: number): number =>
  whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;

/** What happened between two looks. */
export function playoutBetween(call: string, before: PlayoutTotals, now: PlayoutTotals): PlayoutReport {
  const emitted = now.emitted - before.emitted;
  return {
    call,
    concealed: share(now.concealed - before.concealed, now.received - before.received),
    bufferMs: emitted > 0 ? Math.max(0, (1000 * (now.bufferDelay - before.bufferDelay)) / emitted) : 0,
    inputLevel: now.inputLevel,
  };
}
