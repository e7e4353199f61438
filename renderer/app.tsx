import { CallPanel } from './call/call-panel.tsx';
import { FirstRun } from './first-run/first-run.tsx';
import { History } from './history/history.tsx';
import { ShortcutsSheet } from './keyboard/shortcuts-sheet.tsx';
import { LineKeys } from './line-keys/line-keys.tsx';
import { usePhone } from './phone-store.ts';
import { SettingsSheet } from './settings/settings-sheet.tsx';
import { StatusBar } from './status-bar/status-bar.tsx';
import { Announcer } from './words/announcer.tsx';
import './app.css';

export function App() {
  const phase = usePhone(({ snapshot }) => snapshot?.phase);
  return (
    <>
      {phase === 'first-run' && <FirstRun />}
      {phase === 'running' && <Desk />}
      <Announcer />
    </>
  );
}

/** Keys at the left, the panel in the middle, the history at the right if wanted, the status at the foot. */
function Desk() {
  return (
    <div className="desk">
      <LineKeys />
      <CallPanel />
      <History />
      <StatusBar />
      <ShortcutsSheet />
      <SettingsSheet />
    </div>
  );
}
