import { useEffect, useState } from 'react';
import { usePhone } from '../phone-store.ts';
import { announcements } from './announcement.ts';
import { say } from './words.ts';

/** Tells screen readers what changes; nothing to be seen. */
export function Announcer() {
  const [spoken, setSpoken] = useState('');
  useEffect(
    () =>
      usePhone.subscribe(({ snapshot }, { snapshot: before }) => {
        const said = snapshot && before ? announcements(before, snapshot, say) : [];
        if (said.length > 0) setSpoken(said.join('. '));
      }),
    [],
  );
  return (
    <div className="unseen" aria-live="assertive">
      {spoken}
    </div>
  );
}
