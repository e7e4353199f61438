import { create } from 'zustand';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { followPhone } from '../phone-store.ts';

/** How a call sounded at a moment (ms since the epoch). */
export interface Sample {
  readonly at: number;
  readonly mos: number;
}
export type Trails = Readonly<Record<string, readonly Sample[]>>;

/** What the graph shows. */
export const trailMs = 60_000;
/** Measures come once a second; a snapshot for another reason brings nothing new. */
const pauseMs = 900;

/** The trails after a snapshot: those of the calls there are, with what they tell now, and nothing too old. */
export function extendedTrails(trails: Trails, calls: readonly CallView[], now: number): Trails {
  let grown = false;
  const next = Object.fromEntries(
    calls.flatMap(({ id, quality }) => {
      const old = trails[id] ?? [];
      const last = old.at(-1);
      if (quality === null || (last && now - last.at < pauseMs)) return old.length > 0 ? [[id, old]] : [];
      grown = true;
      const kept = old.filter(({ at }) => now - at <= trailMs);
      return [[id, [...kept, { at: now, mos: quality.mos }]]];
    }),
  );
  return grown || Object.keys(next).length !== Object.keys(trails).length ? next : trails;
}

/** The last minute of each call's quality: nothing the phone keeps, for nobody asks for it later. */
export const useTrails = create<{ readonly trails: Trails }>(() => ({ trails: {} }));

export const followQuality = (): (() => void) =>
  followPhone(({ calls }) =>
    useTrails.setState(({ trails }) => ({ trails: extendedTrails(trails, calls, Date.now()) })),
  );
