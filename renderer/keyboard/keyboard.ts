import type { CallView } from '../../electron/contract/snapshot.ts';
import {
  answerCall,
  dialNumber,
  doNotDisturb,
  endCompany,
  holdCall,
  holdPrivately,
  muteCall,
  redial,
  resumeCall,
  sendTones,
  silenceCall,
} from '../call/call-actions.ts';
import { companies, companyOf, isConference } from '../call/company.ts';
import { deckOf } from '../call/deck.ts';
import { finishAsking, followReferral, stayWithReferrer } from '../call/deck-keys.tsx';
import { deckState } from '../call/deck-state.ts';
import { callToAnswer, focusedCall } from '../call/focused-call.ts';
import { focusNumberField } from '../dialpad/focus-number-field.ts';
import { pastedNumber, typedNumber } from '../dialpad/sanitise-number.ts';
import { pressLineKey } from '../line-keys/press-line-key.ts';
import {
  openHistory,
  openKeypad,
  openReach,
  openSettings,
  openShortcuts,
  setNumber,
  usePanel,
} from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { currentReach } from '../reach/reach-actions.ts';
import { type Desk, type KeyAction, keyAction, type Stroke } from './key-action.ts';

/** Keys and pastes that mean something wherever the focus is. Returns how to stop. */
export function startKeyboard(): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  // A button that was clicked keeps the focus; Enter is not meant for it any more.
  let clicked = false;
  addEventListener('pointerdown', () => (clicked = true), { signal, capture: true });
  addEventListener(
    'keydown',
    ({ key }) => {
      if (key === 'Tab' || key.startsWith('Arrow')) clicked = false;
    },
    { signal, capture: true },
  );
  addEventListener(
    'keydown',
    (event) => {
      if (event.defaultPrevented || !onDesk() || somethingFloats()) return;
      const action = keyAction(strokeOf(event, clicked), desk());
      if (!action) return;
      event.preventDefault();
      perform(action);
    },
    { signal },
  );
  addEventListener('paste', paste, { signal });
  return () => stop.abort();
}

const onDesk = (): boolean => usePhone.getState().snapshot?.phase === 'running';
const somethingFloats = (): boolean => document.querySelector(':popover-open, dialog[open]') !== null;

function strokeOf(event: KeyboardEvent, clicked: boolean): Stroke {
  return {
    key: event.key,
    command: window.partyline.platform === 'darwin' ? event.metaKey : event.ctrlKey,
    alt: event.altKey,
    shift: event.shiftKey,
    repeat: event.repeat,
    focus: focusOf(event.target, clicked),
  };
}

function focusOf(target: EventTarget | null, clicked: boolean): Stroke['focus'] {
  if (!(target instanceof HTMLElement)) return 'elsewhere';
  if (target.id === 'number' || target.id === 'reach') return 'number';
  if (target.matches('input, textarea, select')) return 'text';
  if (target.matches('.line-key')) return 'line-key';
  return target.matches('button') && !clicked ? 'button' : 'elsewhere';
}

function desk(): Desk {
  const { snapshot } = usePhone.getState();
  const panel = usePanel.getState();
  const { number, keypadOpen, chosenCall, adding } = panel;
  const { calls = [], history = [] } = snapshot ?? {};
  const focused = focusedCall(calls, chosenCall);
  const reach = currentReach();
  const { next } = deckOf(deckState(focused, { calls, history, number, adding, reach }));
  return {
    calls,
    focused,
    toAnswer: callToAnswer(calls, focused),
    number,
    keypadOpen,
    reachOpen: reach !== null,
    next: next.enabled ? next.action : null,
    toSwap: callToSwap(calls, focused),
  };
}

/** The other call, when one is talked on and one waits; with more of them there is a choice to make by hand. */
function callToSwap(calls: readonly CallView[], focused: CallView | null): string | null {
  if (focused === null) return null;
  const [only, ...more] = companies(calls, companyOf(calls, focused)).filter(
    ([{ state }]) => state === 'held',
  );
  return only && more.length === 0 ? only[0].id : null;
}

/** A letter is the press of the control that bears it, if it is there and can be pressed. */
function pressControl(letter: string): void {
  document.querySelector<HTMLElement>(`.panel button[aria-keyshortcuts="${letter}"]:enabled`)?.click();
}

function perform(action: KeyAction): void {
  switch (action.do) {
    case 'answer':
      answerCall(action.call);
      break;
    case 'silence':
      silenceCall(action.call);
      break;
    case 'hold':
      holdCall(action.call);
      break;
    case 'holdPrivately':
      holdPrivately(action.call);
      break;
    case 'resume':
      resumeCall(action.call);
      break;
    case 'mute':
      muteCall(action.call, action.on);
      break;
    case 'end':
      endCompany(action.call);
      break;
    case 'tones':
      showTones();
      sendTones(action.call, action.tones);
      break;
    case 'press': {
      const key = usePhone.getState().snapshot?.lineKeys.find(({ index }) => index === action.lineKey);
      if (key) pressLineKey(key);
      break;
    }
    case 'type':
      edit((number) => number + action.text);
      break;
    case 'erase':
      edit((number) => number.slice(0, -1));
      break;
    case 'clear':
      setNumber('');
      break;
    case 'dial':
      dialNumber();
      break;
    case 'keypad':
      openKeypad(action.open);
      break;
    case 'control':
      pressControl(action.letter);
      break;
    case 'swap':
      resumeCall(action.call);
      break;
    case 'completeTransfer':
      finishAsking(action.call, 'completeTransfer');
      break;
    case 'followTransfer':
      followReferral(action.call);
      break;
    case 'declineTransfer':
      stayWithReferrer(action.call);
      break;
    case 'redial':
      redial();
      break;
    case 'closeReach':
      openReach(null);
      break;
    case 'settings':
      openSettings(true);
      break;
    case 'number':
      focusNumberField();
      break;
    case 'line-keys':
      document.querySelector<HTMLElement>('.line-key[tabindex="0"]')?.focus();
      break;
    case 'doNotDisturb':
      doNotDisturb(usePhone.getState().snapshot?.doNotDisturb !== true);
      break;
    case 'history':
      openHistory(!usePanel.getState().historyOpen);
      break;
    case 'search':
      document.getElementById('key-search')?.focus();
      break;
    case 'shortcuts':
      openShortcuts(true);
      break;
  }
}

/** Tones that are typed are seen on the keypad, as those pressed on it are. */
function showTones(): void {
  const { calls, focused } = desk();
  if (focused && !currentReach() && !isConference(companyOf(calls, focused))) openKeypad(true);
}

function edit(change: (number: string) => string): void {
  setNumber(typedNumber(change(usePanel.getState().number)));
  focusNumberField();
}

/** A number pasted anywhere while the dialer is open goes into its field. */
function paste(event: ClipboardEvent): void {
  if (event.target instanceof HTMLElement && event.target.matches('input, textarea')) return;
  const number = pastedNumber(event.clipboardData?.getData('text') ?? '');
  if (number === '' || !onDesk() || somethingFloats() || !focusNumberField()) return;
  event.preventDefault();
  setNumber(number);
}
