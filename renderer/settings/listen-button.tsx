import { createContext, useContext, useEffect, useRef, useState } from 'react';
import type { TryRing } from '../audio/call-audio.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';

/** How a ring is heard before it is chosen, given in main.tsx. */
export const TryRingContext = createContext<TryRing>(() => () => {});

/** Lets a ring be heard, once; pressed again, it stops. During a call there is something else to listen to. */
export function ListenButton({ ring, name }: { readonly ring: number; readonly name: string }) {
  const say = useWords();
  const tryRing = useContext(TryRingContext);
  const inCall = usePhone(({ snapshot }) => (snapshot?.calls.length ?? 0) > 0);
  const [listening, setListening] = useState(false);
  const stop = useRef<() => void>(() => {});
  // Another ring, or none: what sounds is not what one would choose.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ring is what it is about
  useEffect(() => () => stop.current(), [ring]);
  const listen = (): void => {
    setListening(true);
    stop.current = tryRing(ring, () => setListening(false));
  };
  return (
    <button
      type="button"
      className="listen popover-action"
      aria-label={say('settings.listenTo', {
        action: say(listening ? 'settings.stop' : 'settings.listen'),
        name,
      })}
      disabled={inCall}
      onClick={listening ? () => stop.current() : listen}
    >
      {say(listening ? 'settings.stop' : 'settings.listen')}
    </button>
  );
}
