import { useState } from 'react';
import { Notices } from '../call/notices.tsx';
import { Problems } from '../call/problems.tsx';
import { ConnectForm } from './connect-form.tsx';
import { useDraft } from './draft.ts';
import { Welcome } from './welcome.tsx';
import './first-run.css';

/** No PBX yet: practise, or connect to one; whoever has just left one goes on at the form. */
export function FirstRun() {
  const [connecting, setConnecting] = useState(() => useDraft.getState().address !== '');
  return (
    <main className="first-run">
      <Problems />
      <div className="first-run-stage">
        {connecting ? (
          <ConnectForm onBack={() => setConnecting(false)} />
        ) : (
          <Welcome onConnect={() => setConnecting(true)} />
        )}
      </div>
      <Notices />
    </main>
  );
}
