/** Where something stands, in pixels. */
export interface Place {
  readonly left: number;
  readonly top: number;
}

/**
 * Where an arrow key leads among things that flow in rows of any length: the nearest above or below, the one before or
 * after. Null when the key is none of these, or leads out.
 */
export function nextInGrid(key: string, from: number, places: readonly Place[]): number | null {
  const here = places[from];
  if (!here) return null;
  const known = (to: number): number | null => (to >= 0 && to < places.length ? to : null);
  switch (key) {
    case 'ArrowLeft':
      return known(from - 1);
    case 'ArrowRight':
      return known(from + 1);
    case 'Home':
      return known(0);
    case 'End':
      return known(places.length - 1);
    case 'ArrowUp':
      return nearest(places, here, Math.max(...places.map(({ top }) => top).filter((top) => top < here.top)));
    case 'ArrowDown':
      return nearest(places, here, Math.min(...places.map(({ top }) => top).filter((top) => top > here.top)));
    default:
      return null;
  }
}

/** The place of the row at `top` that is nearest to `here`; null when there is no such row. */
function nearest(places: readonly Place[], { left }: Place, top: number): number | null {
  let best: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, place] of places.entries()) {
    if (place.top !== top || Math.abs(place.left - left) >= distance) continue;
    best = index;
    distance = Math.abs(place.left - left);
  }
  return best;
}
