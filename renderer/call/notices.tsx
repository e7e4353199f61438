import type { Notice } from '../../electron/contract/snapshot.ts';
import { send } from '../commands.ts';
import { dismissHint, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';

const noNotices: readonly Notice[] = [];

/** What has just happened: told by the phone, or the answer to a press. Each goes by itself. */
export function Notices() {
  const say = useWords();
  const notices = usePhone(({ snapshot }) => snapshot?.notices) ?? noNotices;
  const hints = usePanel((panel) => panel.hints);
  // What comes of a press may be told by the phone as well, and what happens twice need not be read twice.
  const untold = notices.filter(
    ({ sentence }, place) =>
      !hints.some((hint) => hint.sentence === sentence) &&
      !notices.slice(place + 1).some((later) => later.sentence === sentence),
  );
  return (
    <div className="notices" role="status">
      {untold.map(({ id, sentence }) => (
        <p className="notice" key={id}>
          {sentence}
        </p>
      ))}
      {hints.map(({ id, sentence, retry }) => (
        <div className="notice" key={id}>
          <p>{sentence}</p>
          {retry !== null && (
            <button
              type="button"
              className="word-button"
              onClick={() => {
                dismissHint(id);
                void send('retry', { extension: retry });
              }}
            >
              {say('problem.retry')}
            </button>
          )}
          <button
            type="button"
            className="notice-close"
            aria-label={say('problem.dismiss')}
            onClick={() => dismissHint(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
