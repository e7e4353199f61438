import type {
  CallRecord,
  CallView,
  LineKeyState,
  LineKeyView,
  Snapshot,
} from '../../electron/contract/snapshot.ts';
import { callerName } from '../call/call-words.ts';
import { companyOf, isAnswered, isConference } from '../call/company.ts';
import type { Say } from '../words/words.ts';

/** One thing that can be done with a line key. */
export type KeyMenuDeed =
  | { readonly do: 'answer' | 'silence' | 'resume' | 'hold' | 'holdPrivately'; readonly call: string }
  | { readonly do: 'end'; readonly call: CallView }
  | { readonly do: 'pickUp' | 'bargeIn' | 'seize'; readonly lineKey: number }
  | { readonly do: 'call'; readonly number: string }
  | { readonly do: 'callBack'; readonly lineKey: number; readonly number: string }
  | { readonly do: 'stopCallBack' }
  | { readonly do: 'aim' | 'connect' | 'bringTogether'; readonly call: string; readonly lineKey: number }
  | { readonly do: 'retry'; readonly extension: number }
  | { readonly do: 'doNotDisturb'; readonly on: boolean };

export interface KeyMenuItem {
  readonly words: string;
  readonly deed: KeyMenuDeed;
  /** Of an item that switches something: whether it is on. */
  readonly checked?: boolean;
}

/** All that can be done with a line key now, the most likely first; never anything that would be refused. */
export function keyMenuItems(
  key: LineKeyView,
  calls: readonly CallView[],
  { doNotDisturb, history }: Pick<Snapshot, 'doNotDisturb' | 'history'>,
  say: Say,
  inHand: CallView | null = null,
): KeyMenuItem[] {
  const { index: lineKey, label } = key;
  const item = (words: string, deed: KeyMenuDeed): KeyMenuItem => ({ words, deed });
  const items = calls.filter((call) => call.lineKey === lineKey).flatMap((call) => ofCall(call, key, say));
  if (key.can.pickUp) {
    const who = whoIn(key, ['remote-held', 'remote-ringing']);
    const words = who ? say('line.menu.pickUp-who', { who }) : say('line.menu.pickUp');
    items.push(item(words, { do: 'pickUp', lineKey }));
  }
  if (key.can.bargeIn) {
    const who = whoIn(key, ['remote-active']);
    const words = who ? say('line.menu.bargeIn-who', { who }) : say('line.menu.bargeIn');
    items.push(item(words, { do: 'bargeIn', lineKey }));
  }
  items.push(...forCallInHand(key, calls, inHand, say));
  if (key.watched !== null) {
    items.push(item(say('line.menu.call', { label }), { do: 'call', number: key.watched }));
  } else if (key.can.seize) items.push(item(say('line.menu.seize'), { do: 'seize', lineKey }));
  if (key.state === 'call-back-active')
    items.push(item(say('line.menu.stopCallBack'), { do: 'stopCallBack' }));
  else if (key.can.seize) {
    const number = inVain(history, key);
    if (number) items.push(item(say('line.menu.callBack', { number }), { do: 'callBack', lineKey, number }));
  }
  if (key.state === 'register-failed' || key.state === 'disabled') {
    items.push(item(say('line.menu.retry'), { do: 'retry', extension: key.extension }));
  }
  const quiet = { words: say('dnd.name'), deed: { do: 'doNotDisturb', on: !doNotDisturb } } as const;
  return [...items, { ...quiet, checked: doNotDisturb }];
}

/** The number that was called last on the key's extension, if it was busy or nobody came. */
function inVain([last]: readonly CallRecord[], { extension, kind }: LineKeyView): string | null {
  const isOurs = kind === 'line' && last?.extension === extension && last.direction === 'outgoing';
  return isOurs && last.outcome === 'unanswered' ? last.remote.number : null;
}

/** What the key means for the call in the panel: somebody to hand it to, or to bring it together with. */
function forCallInHand(
  key: LineKeyView,
  calls: readonly CallView[],
  call: CallView | null,
  say: Say,
): KeyMenuItem[] {
  if (call === null || !isAnswered(call) || call.transfer !== null) return [];
  const { index: lineKey, label } = key;
  const company = companyOf(calls, call);
  const other = calls.find(
    (each) => each.lineKey === lineKey && each.state === 'held' && !company.includes(each),
  );
  const who = callerName(call, say);
  if (other) {
    const words = { who, other: callerName(other, say) };
    return [
      ...(isConference(company)
        ? []
        : [
            {
              words: say('line.menu.connect', words),
              deed: { do: 'connect', call: call.id, lineKey },
            } as const,
          ]),
      { words: say('line.menu.bringTogether', words), deed: { do: 'bringTogether', call: call.id, lineKey } },
    ];
  }
  if (isConference(company) || call.lineKey === lineKey || (key.watched === null && !key.shared)) return [];
  return [
    { words: say('line.menu.transferTo', { who, label }), deed: { do: 'aim', call: call.id, lineKey } },
  ];
}

/** The colleague whose call on the key is in one of these states. */
function whoIn({ kind, label, appearances, state, who }: LineKeyView, states: readonly LineKeyState[]) {
  if (kind === 'watch') return label;
  return (
    appearances.find((each) => states.includes(each.state))?.who ?? (states.includes(state) ? who : null)
  );
}

function ofCall(call: CallView, key: LineKeyView, say: Say): KeyMenuItem[] {
  const who = callerName(call, say);
  const { id } = call;
  const end: KeyMenuItem = { words: say('line.menu.hangUp', { who }), deed: { do: 'end', call } };
  switch (call.state) {
    case 'incoming':
      return [
        { words: say('line.menu.answer', { who }), deed: { do: 'answer', call: id } },
        ...(call.silenced
          ? []
          : [{ words: say('line.menu.silence'), deed: { do: 'silence', call: id } } as const]),
      ];
    case 'active':
      return [
        { words: say('line.menu.hold', { who }), deed: { do: 'hold', call: id } },
        ...(key.shared
          ? [
              {
                words: say('line.menu.holdPrivately', { who }),
                deed: { do: 'holdPrivately', call: id },
              } as const,
            ]
          : []),
        end,
      ];
    case 'held':
      return [{ words: say('line.menu.resume', { who }), deed: { do: 'resume', call: id } }, end];
    case 'dialing':
    case 'ringing':
      return [end];
    case 'seizing':
      return [{ words: say('line.menu.release'), deed: { do: 'end', call } }];
    case 'ending':
      return [];
  }
}
