import type { CallView } from '../../electron/contract/snapshot.ts';
import type { DeckAction } from '../call/deck.ts';

/** A key as it was struck, and where the focus was. */
export interface Stroke {
  readonly key: string;
  /** Ctrl, or Cmd on a Mac. */
  readonly command: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** Held down. */
  readonly repeat: boolean;
  /** `button`: one that the keyboard has led to; one that was merely clicked before counts as `elsewhere`. */
  readonly focus: 'number' | 'text' | 'line-key' | 'button' | 'elsewhere';
}

/** What of the screen a key may mean something for. */
export interface Desk {
  readonly calls: readonly CallView[];
  /** The call in the panel. */
  readonly focused: CallView | null;
  readonly toAnswer: CallView | null;
  readonly number: string;
  readonly keypadOpen: boolean;
  /** Somebody is sought whom to hand the call to, or to add. */
  readonly reachOpen: boolean;
  /** What the big key at the left does, if it can be pressed. */
  readonly next: DeckAction | null;
  /** Another call, on hold, that could be talked on instead. */
  readonly toSwap: string | null;
}

export type KeyAction =
  | { readonly do: 'answer' | 'silence' | 'hold' | 'holdPrivately' | 'resume'; readonly call: string }
  | { readonly do: 'mute'; readonly call: string; readonly on: boolean }
  | { readonly do: 'end'; readonly call: CallView }
  | { readonly do: 'tones'; readonly call: string; readonly tones: string }
  | { readonly do: 'press'; readonly lineKey: number }
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'keypad'; readonly open: boolean }
  | { readonly do: 'control'; readonly letter: 'T' | 'A' | 'B' | 'R' | 'Q' }
  | { readonly do: 'swap'; readonly call: string }
  | { readonly do: 'completeTransfer' | 'followTransfer' | 'declineTransfer'; readonly call: CallView }
  | {
      readonly do:
        | 'dial'
        | 'erase'
        | 'clear'
        | 'number'
        | 'line-keys'
        | 'shortcuts'
        | 'doNotDisturb'
        | 'history'
        | 'settings'
        | 'redial'
        | 'closeReach'
        | 'search';
    };

/** What a key means now; null leaves it to the focused element. */
export function keyAction(stroke: Stroke, desk: Desk): KeyAction | null {
  if (stroke.alt) return null;
  if (stroke.command) return stroke.repeat ? null : withCommand(stroke);
  if (stroke.key === 'Escape') return stroke.repeat ? null : takeBack(stroke, desk);
  if (stroke.focus === 'text') return null;
  if (stroke.key === 'Enter') return stroke.repeat ? null : enter(stroke, desk);
  if (stroke.key === 'ArrowUp' || stroke.key === 'ArrowDown') return { do: 'line-keys' };
  if (stroke.key === '?') return { do: 'shortcuts' };
  if (stroke.focus === 'number') return null;
  return dialing(desk) ? dialKey(stroke, desk) : callKey(stroke, desk);
}

const dialing = ({ focused }: Desk): boolean => focused === null || focused.state === 'seizing';

function withCommand({ key, shift }: Stroke): KeyAction | null {
  if (shift) return null;
  if (/^[1-9]$/.test(key)) return { do: 'press', lineKey: Number(key) };
  switch (key.toLowerCase()) {
    case 'd':
      return { do: 'doNotDisturb' };
    case 'y':
      return { do: 'history' };
    case 'f':
      return { do: 'search' };
    case ',':
      return { do: 'settings' };
    default:
      return null;
  }
}

/** Escape takes back the nearest thing: first the ring, last the digits; with Shift it ends the call in the panel. */
function takeBack({ shift }: Stroke, desk: Desk): KeyAction | null {
  const { focused } = desk;
  if (shift) return focused ? { do: 'end', call: focused } : null;
  const ringing = desk.calls.find((call) => call.state === 'incoming' && !call.silenced);
  if (ringing) return { do: 'silence', call: ringing.id };
  if (focused && desk.next === 'followTransfer') return { do: 'declineTransfer', call: focused };
  if (desk.reachOpen) return { do: 'closeReach' };
  if (desk.keypadOpen) return { do: 'keypad', open: false };
  if (dialing(desk) && desk.number !== '') return { do: 'clear' };
  return focused?.state === 'seizing' ? { do: 'end', call: focused } : null;
}

function enter({ focus }: Stroke, desk: Desk): KeyAction | null {
  if (focus === 'button') return null;
  if (desk.toAnswer) return { do: 'answer', call: desk.toAnswer.id };
  if (focus === 'line-key') return null;
  if (desk.focused && desk.next === 'followTransfer') return { do: 'followTransfer', call: desk.focused };
  if (!dialing(desk)) return null;
  if (desk.number !== '') return { do: 'dial' };
  // Only from the field itself: Enter that strays about calls nobody.
  return focus === 'number' && desk.next === 'redial' ? { do: 'redial' } : null;
}

function dialKey({ key, repeat }: Stroke, { next }: Desk): KeyAction | null {
  if (key.toLowerCase() === 'r' && !repeat) return next === 'redial' ? { do: 'redial' } : null;
  if (/^[0-9*#+]$/.test(key)) return { do: 'type', text: key };
  if (key === 'Backspace') return { do: 'erase' };
  return key === '/' ? { do: 'number' } : null;
}

function callKey({ key, shift, repeat }: Stroke, desk: Desk): KeyAction | null {
  const { focused: call, keypadOpen, toSwap } = desk;
  if (!call || repeat || call.state === 'ending' || call.state === 'incoming') return null;
  const talking = call.state === 'active' || call.state === 'ringing';
  if (/^[0-9*#]$/.test(key)) return talking ? { do: 'tones', call: call.id, tones: key } : null;
  switch (key.toLowerCase()) {
    case 'm':
      return { do: 'mute', call: call.id, on: !call.muted };
    case 'h':
      if (call.state === 'active') {
        return { do: shift ? 'holdPrivately' : 'hold', call: call.id };
      }
      return call.state === 'held' ? { do: 'resume', call: call.id } : null;
    case 'k':
      return talking ? { do: 'keypad', open: !keypadOpen } : null;
    case 's':
      return toSwap === null ? null : { do: 'swap', call: toSwap };
    case 't':
      return desk.next === 'completeTransfer'
        ? { do: 'completeTransfer', call }
        : { do: 'control', letter: 'T' };
    case 'a':
      return { do: 'control', letter: 'A' };
    case 'b':
      return { do: 'control', letter: 'B' };
    case 'r':
      return { do: 'control', letter: 'R' };
    case 'q':
      return { do: 'control', letter: 'Q' };
    default:
      return null;
  }
}
