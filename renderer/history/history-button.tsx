import { openHistory, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { missedSince } from './record-words.ts';
import { useSeen } from './seen.ts';

/** Opens and closes the history, and counts the calls missed since one last looked. */
export function HistoryButton() {
  const say = useWords();
  const open = usePanel((panel) => panel.historyOpen);
  const seen = useSeen(({ until }) => until);
  const missed = usePhone(({ snapshot }) => missedSince(snapshot?.history ?? [], seen));
  return (
    <button
      type="button"
      id="history-button"
      className="status-item"
      aria-expanded={open}
      aria-label={missed > 0 ? say('history.missedOpen', { number: missed }) : say('history.open')}
      aria-keyshortcuts="Control+Y Meta+Y"
      title={say('history.open')}
      onClick={() => openHistory(!open)}
    >
      <Icon name={missed > 0 ? 'missed' : 'history'} />
      {missed > 0 && <span className="status-badge">{missed}</span>}
    </button>
  );
}
