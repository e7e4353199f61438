import { remoteState } from './appearance.ts';
import type { SipEvent } from './events.ts';
import { newCall } from './new-call.ts';
import {
  callsOnKey,
  type ExtensionConfig,
  extensionConfigAt,
  type LineKeyConfig,
  maximumCalls,
  type Phone,
} from './phone.ts';
import { quiet, type Step } from './transition.ts';

type Incoming = Extract<SipEvent, { type: 'incoming' }>;

/** A call comes in: it takes a key of its extension, or finds us busy. */
export function incomingStep(phone: Phone, event: Incoming, at: number): Step {
  const key = phone.calls.length < maximumCalls ? ringingKey(phone, event.extension) : undefined;
  if (!key) {
    return { phone, effects: [{ type: 'decline', call: event.call, status: 486 }] };
  }
  const beginning = {
    id: event.call,
    direction: 'incoming',
    phase: 'incoming',
    remote: event.remote,
    number: null,
    waiting: [],
  } as const;
  return quiet(newCall(phone, key, beginning, at).phone);
}

/**
 * The key that rings: of a private extension a free one, else the first (call waiting); of a shared one only an
 * appearance that no call sits on, first the one that the PBX already shows as ringing.
 */
function ringingKey(phone: Phone, extension: number): LineKeyConfig | undefined {
  const config: ExtensionConfig | undefined = extensionConfigAt(phone, extension);
  const keys = phone.config.lineKeys.filter((key) => key.extension === extension);
  const free = keys.filter((key) => callsOnKey(phone, key.index).every((call) => call.phase === 'ending'));
  if (config?.sharedUserId == null) return free[0] ?? keys[0];
  return (
    free.find((key) => remoteOf(phone, key) === 'remote-ringing') ??
    free.find((key) => remoteOf(phone, key) === 'idle')
  );
}

function remoteOf(phone: Phone, key: LineKeyConfig) {
  const appearance = phone.appearances[key.index - 1];
  return appearance?.state === 'taken' ? remoteState(appearance.dialog) : 'idle';
}
