import { useRoving } from '../keyboard/roving.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { LineKey } from './line-key.tsx';
import './line-keys.css';

/** The column of keys at the left, a strip at the top of a narrow window. */
export function LineKeys() {
  const say = useWords();
  const keys = usePhone(({ snapshot }) => snapshot?.lineKeys) ?? [];
  const { container, onKeyDown, tabIndexOf, onFocusOf } = useRoving<HTMLDivElement>(keys.length, 1);
  return (
    <div
      className="line-keys"
      role="toolbar"
      aria-orientation="vertical"
      aria-label={say('line.keys')}
      ref={container}
      onKeyDown={onKeyDown}
    >
      <ol>
        {keys.map((key, place) => (
          <li key={key.index}>
            <LineKey lineKey={key} tabIndex={tabIndexOf(place)} onFocus={onFocusOf(place)} />
          </li>
        ))}
      </ol>
    </div>
  );
}
