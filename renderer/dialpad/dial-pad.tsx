import { useRoving } from '../keyboard/roving.ts';
import { useWords } from '../words/words.ts';
import './dialpad.css';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;

/** Twelve keys as on every phone; one tab stop. */
export function DialPad({ onKey }: { readonly onKey: (key: string) => void }) {
  const say = useWords();
  const { container, onKeyDown, tabIndexOf, onFocusOf } = useRoving<HTMLDivElement>(keys.length, 3);
  const spoken = (key: string): string =>
    key === '*' ? say('dialer.star') : key === '#' ? say('dialer.hash') : key;
  return (
    <div
      className="dial-pad"
      role="toolbar"
      aria-label={say('dialer.pad')}
      ref={container}
      onKeyDown={onKeyDown}
    >
      {keys.map((key, place) => (
        <button
          key={key}
          type="button"
          className="dial-key"
          tabIndex={tabIndexOf(place)}
          aria-label={spoken(key)}
          onFocus={onFocusOf(place)}
          onClick={() => onKey(key)}
        >
          {key === '*' ? '∗' : key}
        </button>
      ))}
    </div>
  );
}
