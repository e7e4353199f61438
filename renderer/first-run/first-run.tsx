import { useState } from 'react';
import { Notices } from '../call/notices.tsx';
import { Problems } from '../call/problems.tsx';
import { ConnectForm } from './connect-form.tsx';
import { Welcome } from './welcome.tsx';
import './first-run.css';

/** No PBX yet: practise, or connect to one. */
export function FirstRun() {
  const [connecting, setConnecting] = useState(false);
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
