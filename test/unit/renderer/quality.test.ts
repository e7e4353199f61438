import { describe, expect, it } from 'vitest';
import { type CallQuality, callQuality } from '../../../electron/contract/snapshot.ts';
import { graph, graphPath, heightOf } from '../../../renderer/quality/graph-path.ts';
import { extendedTrails, type Trails, trailMs } from '../../../renderer/quality/quality-trail.ts';
import {
  faultSentence,
  gradeOf,
  measuresOf,
  qualitySummary,
} from '../../../renderer/quality/quality-words.ts';
import { worstOf } from '../../../renderer/quality/worst-of.ts';
import { say } from '../../../renderer/words/words.ts';
import { aCall } from './views.ts';

const good: CallQuality = {
  mos: 4.3,
  lossPercent: 0,
  jitterMs: 5.6,
  remoteLossPercent: null,
  roundTripMs: null,
  concealedPercent: null,
  fault: null,
};

describe('how a call sounds', () => {
  it('is one of three words', () => {
    expect([4.4, 4, 3.9, 3.4, 3.3, 1].map((mos) => gradeOf({ mos }))).toEqual([
      'good',
      'good',
      'fair',
      'fair',
      'poor',
      'poor',
    ]);
  });

  it('tells only what was measured, with units', () => {
    expect(measuresOf(good, say).map(({ value }) => value)).toEqual(['4.3', '0 %', '6 ms']);
    const all = measuresOf(
      { ...good, remoteLossPercent: 0.25, roundTripMs: 21, concealedPercent: 12.4 },
      say,
    );
    expect(all.map(({ value }) => value)).toEqual(['4.3', '0 %', '0.3 %', '6 ms', '21 ms', '12 %']);
  });

  it('says for every fault whose it is and what to do', () => {
    const faults = callQuality.shape.fault.unwrap().options;
    const sentences = faults.map((fault) => faultSentence({ fault }, say));
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
    expect(new Set(sentences).size).toBe(faults.length);
    expect(faultSentence(good, say)).toBeNull();
  });

  it('is a few words in the history', () => {
    expect(qualitySummary(good, say)).toBe('Good');
    expect(qualitySummary({ ...good, mos: 3.5, lossPercent: 2.13 }, say)).toBe('Fair, 2.1 % lost');
  });

  it('is in a conference that of the worst who is talked with', () => {
    const call = (id: string, mos: number) => aCall({ id, quality: { ...good, mos } });
    expect(worstOf([call('a', 4), call('b', 3), aCall({ id: 'c' })])?.id).toBe('b');
    expect(worstOf([aCall(), { ...call('held', 1), state: 'held' }])).toBeNull();
  });
});

describe('the last minute', () => {
  const call = (mos: number) => aCall({ quality: { ...good, mos } });
  const grown = (trails: Trails, mos: number, now: number) => extendedTrails(trails, [call(mos)], now);

  it('grows once a second, forgets what is older, and goes with the call', () => {
    let trails: Trails = {};
    for (let now = 0; now <= trailMs + 5000; now += 500) trails = grown(trails, 4, now);
    const trail = trails.c1 ?? [];
    expect(trail.length).toBeGreaterThan(55);
    expect(trail.length).toBeLessThan(65);
    expect(trail[0]?.at).toBeGreaterThanOrEqual(5000 - 1000);
    expect(extendedTrails(trails, [], 99_000)).toEqual({});
  });

  it('stays the same object while nothing comes', () => {
    const trails = grown({}, 4, 0);
    expect(grown(trails, 4, 500)).toBe(trails);
  });

  it('is drawn from left to right, the best at the top, and holds the last score until now', () => {
    expect(heightOf(graph.highest)).toBe(0);
    expect(heightOf(graph.lowest)).toBe(graph.height);
    expect(heightOf(9)).toBe(0);
    expect(graphPath([], 0)).toBe('');
    const path = graphPath(
      [
        { at: 0, mos: 4.5 },
        { at: 30_000, mos: 1 },
      ],
      60_000,
    );
    expect(path).toBe('M0 0L120 56L240 56');
  });
});
