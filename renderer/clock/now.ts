import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(tick, 1000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

/** The time in ms, once a second, the same for all timers on the screen; at rest while there is none. */
export const useNow = (): number => useSyncExternalStore(listen, () => now);

/** The time in ms, but only as exact as a minute: what shows it is drawn anew once a minute. */
export const useMinute = (): number => useSyncExternalStore(listen, () => now - (now % 60_000));
