import { describe, expect, it } from 'vitest';
import { type Desk, keyAction, type Stroke } from '../../../renderer/keyboard/key-action.ts';
import { nextPlace } from '../../../renderer/keyboard/roving.ts';
import { aCall } from './views.ts';

const idle: Desk = {
  calls: [],
  focused: null,
  toAnswer: null,
  number: '',
  keypadOpen: false,
  reachOpen: false,
  next: null,
  toSwap: null,
};
const stroke = (key: string, change: Partial<Stroke> = {}): Stroke => ({
  key,
  command: false,
  alt: false,
  shift: false,
  repeat: false,
  focus: 'elsewhere',
  ...change,
});
const incoming = aCall({ id: 'in', state: 'incoming' });
const ringing: Desk = { ...idle, calls: [incoming], focused: incoming, toAnswer: incoming };
const talk = (change = {}): Desk => {
  const call = aCall(change);
  return { ...idle, calls: [call], focused: call };
};

describe('Enter', () => {
  it.each(['elsewhere', 'number', 'line-key'] as const)('answers from %s', (focus) => {
    expect(keyAction(stroke('Enter', { focus }), ringing)).toEqual({ do: 'answer', call: 'in' });
  });

  it('leaves a button that the keyboard has led to alone: it may be Reject', () => {
    expect(keyAction(stroke('Enter', { focus: 'button' }), ringing)).toBeNull();
  });

  it('dials what stands in the field', () => {
    expect(keyAction(stroke('Enter', { focus: 'number' }), { ...idle, number: '5051' })).toEqual({
      do: 'dial',
    });
    expect(keyAction(stroke('Enter', { focus: 'number' }), idle)).toBeNull();
  });

  it('answers once, however long it is held', () => {
    expect(keyAction(stroke('Enter', { repeat: true }), ringing)).toBeNull();
  });
});

describe('Escape', () => {
  it('silences the ring, and again does nothing', () => {
    expect(keyAction(stroke('Escape'), ringing)).toEqual({ do: 'silence', call: 'in' });
    const silenced = { ...incoming, silenced: true };
    const quiet = { ...ringing, calls: [silenced], focused: silenced, toAnswer: silenced };
    expect(keyAction(stroke('Escape'), quiet)).toBeNull();
  });

  it('silences a call that rings beside a conversation before it closes anything', () => {
    const desk = { ...talk(), keypadOpen: true };
    expect(keyAction(stroke('Escape'), { ...desk, calls: [...desk.calls, incoming] })).toEqual({
      do: 'silence',
      call: 'in',
    });
    expect(keyAction(stroke('Escape'), desk)).toEqual({ do: 'keypad', open: false });
  });

  it('clears the number, then gives the line back', () => {
    const desk = talk({ state: 'seizing', granted: true });
    expect(keyAction(stroke('Escape', { focus: 'number' }), { ...desk, number: '12' })).toEqual({
      do: 'clear',
    });
    expect(keyAction(stroke('Escape', { focus: 'number' }), desk)).toEqual({ do: 'end', call: desk.focused });
  });

  it('never ends a conversation, unless with Shift', () => {
    const desk = talk();
    expect(keyAction(stroke('Escape'), desk)).toBeNull();
    expect(keyAction(stroke('Escape', { shift: true }), desk)).toEqual({ do: 'end', call: desk.focused });
  });
});

describe('digits', () => {
  it('go into the number while there is nobody to talk to', () => {
    expect(keyAction(stroke('5'), idle)).toEqual({ do: 'type', text: '5' });
    expect(keyAction(stroke('5', { focus: 'line-key' }), idle)).toEqual({ do: 'type', text: '5' });
  });

  it('are left to the field that has the focus', () => {
    expect(keyAction(stroke('5', { focus: 'number' }), idle)).toBeNull();
    expect(keyAction(stroke('m', { focus: 'text' }), talk())).toBeNull();
  });

  it('are tones in a call, also while the far end rings with early media', () => {
    expect(keyAction(stroke('#'), talk())).toEqual({ do: 'tones', call: 'c1', tones: '#' });
    expect(keyAction(stroke('1'), talk({ state: 'ringing' }))).toMatchObject({ do: 'tones' });
    expect(keyAction(stroke('1'), talk({ state: 'held' }))).toBeNull();
    expect(keyAction(stroke('1'), ringing)).toBeNull();
  });
});

describe('letters', () => {
  it('M mutes and unmutes, H holds and resumes, K opens the keypad', () => {
    expect(keyAction(stroke('m'), talk())).toEqual({ do: 'mute', call: 'c1', on: true });
    expect(keyAction(stroke('M'), talk({ muted: true }))).toEqual({ do: 'mute', call: 'c1', on: false });
    expect(keyAction(stroke('h'), talk())).toEqual({ do: 'hold', call: 'c1' });
    expect(keyAction(stroke('h'), talk({ state: 'held' }))).toEqual({ do: 'resume', call: 'c1' });
    expect(keyAction(stroke('k'), talk())).toEqual({ do: 'keypad', open: true });
  });

  it('with Shift H holds privately, also while Caps Lock is on', () => {
    expect(keyAction(stroke('H', { shift: true }), talk())).toEqual({ do: 'holdPrivately', call: 'c1' });
    expect(keyAction(stroke('h', { shift: true }), talk())).toEqual({ do: 'holdPrivately', call: 'c1' });
    expect(keyAction(stroke('H'), talk())).toEqual({ do: 'hold', call: 'c1' });
    expect(keyAction(stroke('H', { shift: true }), talk({ state: 'held' }))).toMatchObject({ do: 'resume' });
  });

  it('mean nothing when there is no call, nor with Alt', () => {
    expect(keyAction(stroke('m'), idle)).toBeNull();
    expect(keyAction(stroke('m', { alt: true }), talk())).toBeNull();
  });
});

describe('the letters of call control', () => {
  it('press the controls that bear them', () => {
    for (const letter of ['T', 'A', 'B', 'R', 'Q'] as const) {
      expect(keyAction(stroke(letter.toLowerCase()), talk())).toEqual({ do: 'control', letter });
    }
    expect(keyAction(stroke('t'), talk({ state: 'incoming' }))).toBeNull();
    expect(keyAction(stroke('t', { focus: 'number' }), { ...talk(), reachOpen: true })).toBeNull();
  });

  it('S swaps where there is one other call, T connects those whom one has asked about', () => {
    expect(keyAction(stroke('s'), talk())).toBeNull();
    expect(keyAction(stroke('s'), { ...talk(), toSwap: 'c2' })).toEqual({ do: 'swap', call: 'c2' });
    const asking: Desk = { ...talk(), next: 'completeTransfer' };
    expect(keyAction(stroke('t'), asking)).toEqual({ do: 'completeTransfer', call: asking.focused });
  });

  it('Escape ends the search for somebody, but silences a ring first', () => {
    const desk = { ...talk(), reachOpen: true };
    expect(keyAction(stroke('Escape', { focus: 'number' }), desk)).toEqual({ do: 'closeReach' });
    const rung = { ...desk, calls: [...desk.calls, incoming] };
    expect(keyAction(stroke('Escape', { focus: 'number' }), rung)).toMatchObject({ do: 'silence' });
  });
});

describe('a far end that wants to connect one with somebody', () => {
  const asked: Desk = { ...talk(), next: 'followTransfer' };
  const call = asked.focused;
  it('is followed with Enter, unless that is meant for a button', () => {
    expect(keyAction(stroke('Enter'), asked)).toEqual({ do: 'followTransfer', call });
    expect(keyAction(stroke('Enter', { focus: 'button' }), asked)).toBeNull();
    expect(keyAction(stroke('Enter', { repeat: true }), asked)).toBeNull();
    expect(keyAction(stroke('Enter'), { ...asked, toAnswer: incoming })).toMatchObject({ do: 'answer' });
  });

  it('is stayed with on Escape, when nothing rings', () => {
    expect(keyAction(stroke('Escape'), asked)).toEqual({ do: 'declineTransfer', call });
    const rung = { ...asked, calls: [...asked.calls, incoming] };
    expect(keyAction(stroke('Escape'), rung)).toMatchObject({ do: 'silence' });
    expect(keyAction(stroke('Escape', { shift: true }), asked)).toMatchObject({ do: 'end' });
  });
});

describe('redial', () => {
  const again: Desk = { ...idle, next: 'redial' };
  it('is Enter in the empty field, or R', () => {
    expect(keyAction(stroke('Enter', { focus: 'number' }), again)).toEqual({ do: 'redial' });
    expect(keyAction(stroke('r'), again)).toEqual({ do: 'redial' });
  });

  it('is not called by Enter from anywhere, nor where nothing was called', () => {
    expect(keyAction(stroke('Enter'), again)).toBeNull();
    expect(keyAction(stroke('r'), idle)).toBeNull();
    expect(keyAction(stroke('r', { repeat: true }), again)).toBeNull();
  });
});

describe('with Ctrl or Cmd', () => {
  it.each([
    ['d', 'doNotDisturb'],
    ['y', 'history'],
    ['f', 'search'],
    [',', 'settings'],
  ] as const)('%s: %s, also from a field and in a call', (key, action) => {
    expect(keyAction(stroke(key, { command: true, focus: 'number' }), talk())).toEqual({ do: action });
    expect(keyAction(stroke(key, { command: true, repeat: true }), idle)).toBeNull();
    expect(keyAction(stroke(key, { command: true, shift: true }), idle)).toBeNull();
  });
});

describe('line keys', () => {
  it('are pressed with Ctrl or Cmd and their number, also from a field', () => {
    expect(keyAction(stroke('3', { command: true, focus: 'number' }), idle)).toEqual({
      do: 'press',
      lineKey: 3,
    });
    expect(keyAction(stroke('0', { command: true }), idle)).toBeNull();
    expect(keyAction(stroke('v', { command: true }), idle)).toBeNull();
  });

  it('are reached with the arrow keys, except from a text field', () => {
    expect(keyAction(stroke('ArrowDown', { focus: 'number' }), idle)).toEqual({ do: 'line-keys' });
    expect(keyAction(stroke('ArrowDown', { focus: 'text' }), idle)).toBeNull();
  });
});

describe('moving in a group of buttons', () => {
  it('follows the grid and stops at its edges', () => {
    expect(nextPlace('ArrowDown', 1, 12, 3)).toBe(4);
    expect(nextPlace('ArrowUp', 1, 12, 3)).toBeNull();
    expect(nextPlace('ArrowRight', 11, 12, 3)).toBeNull();
    expect(nextPlace('End', 0, 12, 3)).toBe(11);
    expect(nextPlace('Home', 5, 12, 3)).toBe(0);
    expect(nextPlace('Enter', 5, 12, 3)).toBeNull();
  });
});
