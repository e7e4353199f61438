import type { LineKeyConfig, Phone } from '../phone.ts';
import { unmeasured } from '../quality/quality.ts';
import type { Call } from './call.ts';

/** What only who made the call knows of it; without an id it gets the next of ours. */
type Beginning = Pick<Call, 'direction' | 'phase' | 'appearance' | 'remote' | 'number' | 'waiting'> &
  Partial<Pick<Call, 'id' | 'way' | 'follows' | 'named' | 'joined'>>;

/** A call that begins on a line key, and the phone with it. */
export function newCall(
  phone: Phone,
  key: LineKeyConfig,
  { id, ...beginning }: Beginning,
  at: number,
): { readonly phone: Phone; readonly call: Call } {
  const counter = phone.counter + 1;
  const call: Call = {
    way: 'call',
    follows: null,
    named: false,
    joined: [],
    ...beginning,
    id: id ?? `c${counter}`,
    lineKey: key.index,
    extension: key.extension,
    dialogId: String(phone.firstDialog + counter),
    began: at,
    since: at,
    connectedSince: null,
    muted: false,
    heldByRemote: false,
    private: false,
    overdue: false,
    earlyMedia: false,
    earlySilence: false,
    silenced: false,
    digits: '',
    lineTone: 'dial',
    identifiers: null,
    target: null,
    taken: null,
    transfer: null,
    referral: null,
    toldAt: null,
    partyMuted: false,
    recording: null,
    recorded: null,
    measured: unmeasured,
    codec: null,
    encrypted: false,
    opus: null,
  };
  return { phone: { ...phone, counter, calls: [...phone.calls, call] }, call };
}
