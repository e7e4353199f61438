import type { CallState, LineKeyState } from '../contract/snapshot.ts';
import { type Appearance, remoteState } from './appearance.ts';
import type { Call, CallPhase } from './call.ts';
import type { Party } from './dialog.ts';
import type { Extension, LineKeyConfig, ShownKey } from './phone.ts';

/** A call's state as the contract names it. */
export function shownState(phase: CallPhase): CallState {
  switch (phase) {
    case 'granted':
      return 'seizing';
    case 'answering':
      return 'incoming';
    case 'holding':
      return 'active';
    case 'resuming':
      return 'held';
    case 'seizing':
    case 'dialing':
    case 'ringing':
    case 'incoming':
    case 'active':
    case 'held':
    case 'ending':
      return phase;
  }
}

/** Which call a key with several shows: the one that wants the user first. */
const prominence: readonly CallState[] = ['incoming', 'active', 'ringing', 'dialing', 'seizing', 'held'];

export function prominentCall(calls: readonly Call[]): Call | undefined {
  for (const state of prominence) {
    const call = calls.find((each) => shownState(each.phase) === state);
    if (call) return call;
  }
  return undefined;
}

const localStates: Readonly<Record<CallState, LineKeyState>> = {
  seizing: 'local-seized',
  dialing: 'local-progressing',
  ringing: 'local-progressing',
  incoming: 'local-ringing',
  active: 'local-active',
  held: 'local-held',
  ending: 'idle',
};

/**
 * What a line key shows. Our own call comes first, for its controls must stay at hand even while the registration
 * fails; then whether the extension is on the air at all; then what the PBX says of the appearance. A shared key of
 * which nothing was heard is `remote-undefined`, never `idle`.
 */
export function shownKey(
  key: LineKeyConfig,
  extension: Extension | undefined,
  appearance: Appearance | undefined,
  calls: readonly Call[],
): Omit<ShownKey, 'since'> {
  const call = prominentCall(calls);
  if (call) return { state: localStates[shownState(call.phase)], who: partyText(call.remote) };
  if (!extension) return { state: 'disabled', who: null };
  switch (extension.registration) {
    case 'registering':
      return { state: 'registering', who: null };
    case 'failed':
      return { state: 'register-failed', who: null };
    case 'unregistered':
      return { state: 'disabled', who: null };
    case 'registered':
      break;
  }
  if (key.appearance === null || !appearance) return { state: 'idle', who: null };
  switch (appearance.state) {
    case 'unknown':
      return { state: 'remote-undefined', who: null };
    case 'free':
      return { state: 'idle', who: null };
    case 'taken':
      return { state: remoteState(appearance.dialog), who: partyText(appearance.dialog.local) };
  }
}

/** A party in a word: the name if there is one, else the number. */
export const partyText = (party: Party | null): string | null =>
  party === null ? null : (party.name ?? party.number) || null;
