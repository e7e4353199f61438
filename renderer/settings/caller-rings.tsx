import type { Settings } from '../../electron/contract/settings.ts';
import type { CallRecord } from '../../electron/contract/snapshot.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { RingChoice } from './ring-choice.tsx';
import { setCallerRing } from './set-caller-ring.ts';

const noHistory: readonly CallRecord[] = [];

/** The callers who have a ring of their own. They come here from the history. */
export function CallerRings({ rings }: { readonly rings: Settings['callerRings'] }) {
  const say = useWords();
  const history = usePhone(({ snapshot }) => snapshot?.history) ?? noHistory;
  const callers = Object.keys(rings);
  if (callers.length === 0) return <p className="setting-about">{say('settings.noCallerRings')}</p>;
  const nameOf = (number: string): string =>
    history.find(({ remote }) => remote.number === number && remote.name)?.remote.name ?? number;
  return (
    <ul className="caller-rings">
      {callers.map((number) => (
        <li key={number}>
          <RingChoice label={nameOf(number)} number={number} lineKey={1} />
          <button
            type="button"
            className="row-remove"
            aria-label={say('settings.removeCallerRing', { who: nameOf(number) })}
            onClick={() => setCallerRing(number, null)}
          >
            <Icon name="minus" />
          </button>
        </li>
      ))}
    </ul>
  );
}
