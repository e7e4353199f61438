import { create } from 'zustand';

const place = 'history-seen';

/** Until when (ms since the epoch) the user has seen which calls were missed; remembered by the window. */
export const useSeen = create<{ readonly until: number }>(() => ({
  until: Number(localStorage.getItem(place) ?? 0),
}));

export function seenUntil(until: number): void {
  localStorage.setItem(place, String(until));
  useSeen.setState({ until });
}
