import type { Call } from './call.ts';
import type { LineKeyConfig, Phone } from './phone.ts';

/** What only who made the call knows of it; without an id it gets the next of ours. */
type Beginning = Pick<Call, 'direction' | 'phase' | 'remote' | 'number' | 'waiting'> & {
  readonly id?: string;
};

/** A call that begins on a line key, and the phone with it. */
export function newCall(
  phone: Phone,
  key: LineKeyConfig,
  { id, ...beginning }: Beginning,
  at: number,
): { readonly phone: Phone; readonly call: Call } {
  const counter = phone.counter + 1;
  const call: Call = {
    ...beginning,
    id: id ?? `c${counter}`,
    lineKey: key.index,
    extension: key.extension,
    appearance: key.appearance,
    dialogId: String(200 + counter),
    since: at,
    connectedSince: null,
    muted: false,
    heldByRemote: false,
    earlyMedia: false,
    silenced: false,
    digits: '',
  };
  return { phone: { ...phone, counter, calls: [...phone.calls, call] }, call };
}
