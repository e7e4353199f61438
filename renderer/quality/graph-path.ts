import { type Sample, trailMs } from './quality-trail.ts';

export const graph = { width: 240, height: 56, lowest: 1, highest: 4.5 } as const;

/** Where a score stands in the graph. */
export const heightOf = (mos: number): number => {
  const share = (mos - graph.lowest) / (graph.highest - graph.lowest);
  return round(graph.height * (1 - Math.min(1, Math.max(0, share))));
};

/** The last minute as the `d` of a path, now at the right edge. A score holds until the next one. */
export function graphPath(samples: readonly Sample[], now: number): string {
  const placeOf = (at: number): number => round(graph.width * (1 - Math.min(1, (now - at) / trailMs)));
  const points = samples.map(({ at, mos }) => `${placeOf(at)} ${heightOf(mos)}`);
  const last = samples.at(-1);
  if (!last) return '';
  return `M${[...points, `${graph.width} ${heightOf(last.mos)}`].join('L')}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
