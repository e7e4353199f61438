import { type KeyboardEvent, type RefObject, useRef, useState } from 'react';

/** Where an arrow key leads in a grid of `count` places with `columns` columns; null when it is no such key or leads out. */
export function nextPlace(key: string, place: number, count: number, columns: number): number | null {
  const step: Readonly<Record<string, number>> = {
    ArrowUp: -columns,
    ArrowDown: columns,
    ArrowLeft: -1,
    ArrowRight: 1,
  };
  const to = key === 'Home' ? 0 : key === 'End' ? count - 1 : place + (step[key] ?? Number.NaN);
  return to >= 0 && to < count ? to : null;
}

interface Roving<E extends HTMLElement> {
  readonly container: RefObject<E | null>;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly tabIndexOf: (place: number) => 0 | -1;
  readonly onFocusOf: (place: number) => () => void;
}

/** One tab stop for a group of buttons; the arrow keys move inside it (WAI-ARIA APG, "Managing focus"). */
export function useRoving<E extends HTMLElement>(
  count: number,
  columns: number,
  /** Which of the buttons belong to the group. */
  selector = 'button',
): Roving<E> {
  const container = useRef<E>(null);
  const [current, setCurrent] = useState(0);
  const stop = Math.min(current, count - 1);
  return {
    container,
    onKeyDown(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const to = nextPlace(event.key, stop, count, columns);
      if (to === null) return;
      event.preventDefault();
      event.stopPropagation();
      container.current?.querySelectorAll<HTMLElement>(selector)[to]?.focus();
    },
    tabIndexOf: (place) => (place === stop ? 0 : -1),
    onFocusOf: (place) => () => setCurrent(place),
  };
}
