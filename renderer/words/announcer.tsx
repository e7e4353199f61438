import { useEffect, useState } from 'react';
import type { LineKeyView } from '../../electron/contract/snapshot.ts';
import { usePhone } from '../phone-store.ts';
import { announcements } from './announcement.ts';
import { lineAnnouncements } from './line-announcement.ts';
import { say } from './words.ts';

/** Milliseconds in which what colleagues do is gathered before it is said. */
const gather = 1000;

/** Tells screen readers what changes; nothing to be seen. */
export function Announcer() {
  const [spoken, setSpoken] = useState('');
  const [aside, setAside] = useState('');
  useEffect(
    () =>
      usePhone.subscribe(({ snapshot }, { snapshot: before }) => {
        const said = snapshot && before ? announcements(before, snapshot, say) : [];
        if (said.length > 0) setSpoken(said.join('. '));
      }),
    [],
  );
  useEffect(() => followLines((sentences) => setAside(sentences.join('. '))), []);
  return (
    <>
      <div className="unseen" aria-live="assertive">
        {spoken}
      </div>
      <div className="unseen" aria-live="polite">
        {aside}
      </div>
    </>
  );
}

/** Tells what has become of the shared lines, once in a while however often they change; returns how to stop. */
function followLines(tell: (sentences: readonly string[]) => void): () => void {
  let told: readonly LineKeyView[] = usePhone.getState().snapshot?.lineKeys ?? [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    timer = undefined;
    const now = usePhone.getState().snapshot?.lineKeys ?? [];
    const sentences = lineAnnouncements(told, now, say);
    told = now;
    if (sentences.length > 0) tell(sentences);
  };
  const unsubscribe = usePhone.subscribe(({ snapshot }, { snapshot: before }) => {
    if (snapshot?.lineKeys !== before?.lineKeys) timer ??= setTimeout(look, gather);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
