import { useEffect, useRef } from 'react';
import { openShortcuts, usePanel } from '../panel-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords, type WordKey } from '../words/words.ts';
import './keyboard.css';

const control = (): string => (window.partyline.platform === 'darwin' ? '⌘' : 'Ctrl');

const shortcuts = (): readonly (readonly [WordKey, ...string[]])[] => [
  ['shortcuts.answer', 'Enter'],
  ['shortcuts.silence', 'Esc'],
  ['shortcuts.hangUp', 'Shift', 'Esc'],
  ['shortcuts.hold', 'H'],
  ['shortcuts.holdPrivately', 'Shift', 'H'],
  ['shortcuts.mute', 'M'],
  ['shortcuts.keypad', 'K'],
  ['shortcuts.swap', 'S'],
  ['shortcuts.transfer', 'T'],
  ['shortcuts.transferNow', 'Enter'],
  ['shortcuts.askFirst', 'Shift', 'Enter'],
  ['shortcuts.followTransfer', 'Enter'],
  ['shortcuts.declineTransfer', 'Esc'],
  ['shortcuts.back', 'B'],
  ['shortcuts.add', 'A'],
  ['shortcuts.record', 'R'],
  ['shortcuts.quality', 'Q'],
  ['shortcuts.digits', '0 – 9', '*', '#'],
  ['shortcuts.dial', 'Enter'],
  ['shortcuts.redial', 'R'],
  ['shortcuts.number', '/'],
  ['shortcuts.paste', control(), 'V'],
  ['shortcuts.keys', control(), '1 – 9'],
  ['shortcuts.arrows', '↑', '↓'],
  ['shortcuts.press', 'Space'],
  ['shortcuts.menu', 'Shift', 'F10'],
  ['shortcuts.search', control(), 'F'],
  ['shortcuts.doNotDisturb', control(), 'D'],
  ['shortcuts.history', control(), 'Y'],
  ['shortcuts.settings', control(), ','],
  ['shortcuts.sheet', '?'],
];

/** All keys on one sheet. */
export function ShortcutsSheet() {
  const open = usePanel((panel) => panel.shortcutsOpen);
  return open ? <Sheet /> : null;
}

function Sheet() {
  const say = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => openShortcuts(false);
  return (
    <dialog ref={dialog} className="sheet floating" aria-labelledby="shortcuts-title" onClose={close}>
      <header>
        <h2 id="shortcuts-title">{say('shortcuts.title')}</h2>
        <button type="button" className="sheet-close" aria-label={say('shortcuts.close')} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {shortcuts().map(([does, ...keys]) => (
          <div key={does}>
            <dt>{say(does)}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
