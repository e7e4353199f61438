import { type ClipboardEvent, type RefObject, useRef } from 'react';
import { setNumber, showHint, usePanel } from '../panel-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { pastedNumber, typedNumber } from './sanitise-number.ts';

/** Where numbers go: typed, pasted in any writing, or from the dial pad. */
export function NumberField() {
  const say = useWords();
  const number = usePanel((panel) => panel.number);
  const field = useRef<HTMLInputElement>(null);

  const erase = (): void => {
    setNumber(number.slice(0, -1));
    field.current?.focus();
  };
  return (
    <div
      className="number-field"
      data-length={number.length > 22 ? 'long' : number.length > 15 ? 'middle' : 'short'}
    >
      <input
        ref={field}
        id="number"
        type="text"
        inputMode="tel"
        autoComplete="off"
        spellCheck={false}
        aria-label={say('dialer.number')}
        placeholder={say('dialer.placeholder')}
        value={number}
        onChange={(event) => setNumber(typedNumber(event.target.value))}
        onPaste={(event) => paste(event, field, say('dialer.nothingPasted'))}
      />
      {number !== '' && (
        <button type="button" className="erase" aria-label={say('dialer.erase')} onClick={erase}>
          <Icon name="erase" />
        </button>
      )}
    </div>
  );
}

function paste(event: ClipboardEvent, field: RefObject<HTMLInputElement | null>, nothing: string): void {
  event.preventDefault();
  const input = field.current;
  const pasted = pastedNumber(event.clipboardData.getData('text'));
  if (!input) return;
  if (pasted === '') {
    showHint(nothing);
    return;
  }
  const { value, selectionStart, selectionEnd } = input;
  setNumber(
    typedNumber(
      value.slice(0, selectionStart ?? value.length) + pasted + value.slice(selectionEnd ?? value.length),
    ),
  );
}
