import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { CallRecord, LineKeyView } from '../../electron/contract/snapshot.ts';
import { focusedCall } from '../call/focused-call.ts';
import { nextPlace } from '../keyboard/roving.ts';
import { openKeyMenu, usePanel } from '../panel-store.ts';
import { useCalls, usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { performDeed } from './key-menu-deeds.ts';
import { type KeyMenuItem, keyMenuItems } from './key-menu-items.ts';
import { lineKeyWords } from './line-key-words.ts';
import { useHeldPrivately, useLineKey } from './use-line-key.ts';

const noHistory: CallRecord[] = [];
/** A second press within this many ms is part of the one that opened the menu: it chooses nothing. */
const settleMs = 350;

/** The menu of the line key that asked for one. */
export function LineKeyMenu() {
  const lineKey = useLineKey(usePanel((panel) => panel.keyMenu));
  return lineKey ? <Menu key={lineKey.index} lineKey={lineKey} /> : null;
}

function Menu({ lineKey }: { readonly lineKey: LineKeyView }) {
  const say = useWords();
  const calls = useCalls();
  const quiet = usePhone(({ snapshot }) => snapshot?.doNotDisturb ?? false);
  const history = usePhone(({ snapshot }) => snapshot?.history) ?? noHistory;
  const chosen = usePanel((panel) => panel.chosenCall);
  const inHand = focusedCall(calls, chosen);
  const items = keyMenuItems(lineKey, calls, { doNotDisturb: quiet, history }, say, inHand);
  const menu = useRef<HTMLDivElement>(null);
  const opened = useRef(0);
  const { index, label } = lineKey;
  const privately = useHeldPrivately(index);

  useLayoutEffect(() => {
    const button = buttonOf(index);
    if (!menu.current || !button) return;
    menu.current.showPopover();
    opened.current = performance.now();
    placeBeside(menu.current, button);
    menu.current.querySelector<HTMLElement>('[role^="menuitem"]')?.focus();
  }, [index]);
  useEffect(() => {
    const stop = closeByPressElsewhere(menu);
    return () => {
      stop();
      returnFocus(index);
    };
  }, [index]);

  const choose = (item: KeyMenuItem): void => {
    if (performance.now() - opened.current < settleMs) return;
    openKeyMenu(null);
    performDeed(item.deed);
  };
  return (
    <div
      ref={menu}
      popover="manual"
      className="key-menu floating"
      role="menu"
      aria-label={say('line.menu.of', { label })}
      onKeyDown={(event) => moveInMenu(event, menu.current)}
    >
      <p className="key-menu-head" role="presentation">
        <strong>{label}</strong> {lineKeyWords({ ...lineKey, privately }, say)}
      </p>
      {lineKey.cannot && (
        <p className="key-menu-why" role="presentation">
          {lineKey.cannot}
        </p>
      )}
      {items.map((item) => (
        <button
          key={item.words}
          type="button"
          {...roleOf(item)}
          tabIndex={-1}
          data-deed={item.deed.do}
          onClick={() => choose(item)}
        >
          {item.words}
          {item.checked && <Icon name="check" />}
        </button>
      ))}
    </div>
  );
}

const roleOf = ({ checked }: KeyMenuItem) =>
  checked === undefined
    ? { role: 'menuitem' }
    : ({ role: 'menuitemcheckbox', 'aria-checked': checked } as const);

const buttonOf = (index: number): HTMLElement | null =>
  document.querySelector<HTMLElement>(`.line-key[data-index="${index}"]`);

/** A press anywhere but in the menu and on line keys, which know what to do themselves, closes it. */
function closeByPressElsewhere(menu: RefObject<HTMLElement | null>): () => void {
  const pressed = ({ target }: Event): void => {
    const inside =
      target instanceof Element && (menu.current?.contains(target) || target.closest('.line-key'));
    if (!inside) openKeyMenu(null);
  };
  const close = (): void => openKeyMenu(null);
  document.addEventListener('pointerdown', pressed);
  addEventListener('blur', close);
  return () => {
    document.removeEventListener('pointerdown', pressed);
    removeEventListener('blur', close);
  };
}

/** The focus goes back to the key, unless it has gone elsewhere meanwhile. */
function returnFocus(index: number): void {
  if (document.activeElement === null || document.activeElement === document.body) buttonOf(index)?.focus();
}

const margin = 8;

/** At the right of the key, or over its lower edge where there is no room; never beyond the window. */
function placeBeside(menu: HTMLElement, key: HTMLElement): void {
  const { width, height } = menu.getBoundingClientRect();
  const { right, left, top, bottom } = key.getBoundingClientRect();
  const beside = right + width + margin <= innerWidth;
  const x = beside ? right - margin : Math.min(left + margin, innerWidth - width - margin);
  const y = beside ? top + margin : bottom - margin;
  menu.style.setProperty('left', `${Math.max(margin, x)}px`);
  menu.style.setProperty('top', `${Math.max(margin, Math.min(y, innerHeight - height - margin))}px`);
}

function moveInMenu(event: KeyboardEvent, menu: HTMLElement | null): void {
  const items = [...(menu?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
  const from = items.findIndex((item) => item.matches(':focus'));
  if (event.key === 'Tab' || event.key === 'Escape') {
    event.preventDefault();
    openKeyMenu(null);
  }
  // A key held down since before the menu opened chooses nothing.
  else if (event.repeat && (event.key === 'Enter' || event.key === ' ')) event.preventDefault();
  else {
    const to = nextPlace(event.key, from, items.length, 1);
    const wrapped = to ?? (event.key === 'ArrowDown' ? 0 : event.key === 'ArrowUp' ? items.length - 1 : null);
    if (wrapped === null || event.key === 'ArrowLeft' || event.key === 'ArrowRight') return;
    event.preventDefault();
    event.stopPropagation();
    items[wrapped]?.focus();
  }
}
