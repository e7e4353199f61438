import { type PointerEvent, useRef } from 'react';

const longMs = 500;
/** Pixels that a finger may stray. */
const slack = 8;

/** A finger or a mouse button that stays down: `onLong` is called then, and `wasLong` says so to the click that follows. */
export function useLongPress(onLong: () => void) {
  const held = useRef<{ timer: ReturnType<typeof setTimeout>; x: number; y: number } | null>(null);
  const long = useRef(false);
  const release = (): void => {
    clearTimeout(held.current?.timer);
    held.current = null;
  };
  return {
    wasLong: (): boolean => long.current,
    handlers: {
      onPointerDown({ button, clientX: x, clientY: y }: PointerEvent) {
        release();
        long.current = false;
        if (button !== 0) return;
        const timer = setTimeout(() => {
          long.current = true;
          onLong();
        }, longMs);
        held.current = { timer, x, y };
      },
      onPointerMove({ clientX, clientY }: PointerEvent) {
        if (!held.current) return;
        const { x, y } = held.current;
        if (Math.abs(clientX - x) > slack || Math.abs(clientY - y) > slack) release();
      },
      onPointerUp: release,
      onPointerCancel: release,
      onPointerLeave: release,
    },
  };
}
