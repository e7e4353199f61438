import type { CallView } from '../../electron/contract/snapshot.ts';

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
}

export type KeyAction =
  | { readonly do: 'answer' | 'silence' | 'hold' | 'holdPrivately' | 'resume'; readonly call: string }
  | { readonly do: 'mute'; readonly call: string; readonly on: boolean }
  | { readonly do: 'end'; readonly call: CallView }
  | { readonly do: 'tones'; readonly call: string; readonly tones: string }
  | { readonly do: 'press'; readonly lineKey: number }
  | { readonly do: 'type'; readonly text: string }
  | { readonly do: 'keypad'; readonly open: boolean }
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
  return dialing(desk) ? dialKey(stroke) : callKey(stroke, desk);
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
  if (desk.keypadOpen) return { do: 'keypad', open: false };
  if (dialing(desk) && desk.number !== '') return { do: 'clear' };
  return focused?.state === 'seizing' ? { do: 'end', call: focused } : null;
}

function enter({ focus }: Stroke, desk: Desk): KeyAction | null {
  if (focus === 'button') return null;
  if (desk.toAnswer) return { do: 'answer', call: desk.toAnswer.id };
  if (focus === 'line-key') return null;
  return dialing(desk) && desk.number !== '' ? { do: 'dial' } : null;
}

function dialKey({ key }: Stroke): KeyAction | null {
  if (/^[0-9*#+]$/.test(key)) return { do: 'type', text: key };
  if (key === 'Backspace') return { do: 'erase' };
  return key === '/' ? { do: 'number' } : null;
}

function callKey({ key, shift, repeat }: Stroke, { focused: call, keypadOpen }: Desk): KeyAction | null {
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
    default:
      return null;
  }
}
