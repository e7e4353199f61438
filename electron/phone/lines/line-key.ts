import type { CallState, LineKeyState } from '../../contract/snapshot.ts';
import type { Call, CallPhase } from '../calls/call.ts';
import { known } from '../dialing/known-name.ts';
import {
  callsOnKey,
  extensionAt,
  extensionConfigAt,
  type LineKeyConfig,
  lineOf,
  type Phone,
  type ShownKey,
  watchName,
} from '../phone.ts';
import { byUrgency, remoteState, type SeenDialog } from './appearance.ts';
import { keyOfAppearance } from './appearance-map.ts';
import type { Party } from './dialog.ts';

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

const localStates: Readonly<Record<CallState, LineKeyState>> = {
  seizing: 'local-seized',
  dialing: 'local-progressing',
  ringing: 'local-progressing',
  incoming: 'local-ringing',
  active: 'local-active',
  held: 'local-held',
  ending: 'idle',
};

/** What somebody does on a line key: we, or a colleague. */
export interface Shown {
  readonly number: number | null;
  readonly state: LineKeyState;
  readonly who: string | null;
  readonly with: string | null;
  readonly since: number;
}

/** All that goes on on a key: our own calls first, for their controls must stay at hand, then colleagues', most pressing first. */
export const shownOnKey = (phone: Phone, key: LineKeyConfig): readonly Shown[] => [
  ...ourCalls(phone, key).map((call) => ours(phone, call)),
  ...mostPressing(colleaguesOn(phone, key)).map((seen) => theirs(phone, seen)),
];

function ourCalls(phone: Phone, key: LineKeyConfig): readonly Call[] {
  const rank = ({ phase }: Call): number => prominence.indexOf(shownState(phase));
  return callsOnKey(phone, key.index)
    .filter(({ phase }) => phase !== 'ending')
    .toSorted((one, other) => rank(one) - rank(other));
}

/** Colleagues' dialogs on a key, most pressing first; where we have a call ourselves, ours is what counts. */
export function colleaguesOn(phone: Phone, key: LineKeyConfig): readonly SeenDialog[] {
  if (extensionAt(phone, key.extension)?.registration !== 'registered') return [];
  if (key.watched !== null) return byUrgency(watchedBy(phone, key) ?? []);
  const { layout } = extensionConfigAt(phone, key.extension) ?? {};
  const own = new Set(ourCalls(phone, key).map(({ appearance }) => appearance));
  const dialogs = lineOf(phone, key.extension)?.dialogs ?? [];
  return byUrgency(
    dialogs.filter(
      ({ appearance }) =>
        layout &&
        appearance !== null &&
        !own.has(appearance) &&
        keyOfAppearance(appearance, layout) === key.ordinal,
    ),
  );
}

const watchedBy = (phone: Phone, { watched, extension }: LineKeyConfig) =>
  watched === null ? null : (phone.watched.get(watchName(extension, watched)) ?? null);

/** Nothing has happened that a key could show: with hundreds of keys, nearly all of them have nothing new to say. */
export const isUntouched = (before: Phone, now: Phone, key: LineKeyConfig): boolean =>
  before.config === now.config &&
  before.calls === now.calls &&
  before.left === now.left &&
  before.callBack === now.callBack &&
  extensionAt(before, key.extension) === extensionAt(now, key.extension) &&
  lineOf(before, key.extension) === lineOf(now, key.extension) &&
  watchedBy(before, key) === watchedBy(now, key);

/** One of each appearance; a watched extension's calls have no number and are all shown. */
const mostPressing = (dialogs: readonly SeenDialog[]): readonly SeenDialog[] =>
  dialogs.filter(
    ({ appearance }, position) =>
      appearance === null || dialogs.findIndex((other) => other.appearance === appearance) === position,
  );

const ours = (phone: Phone, call: Call): Shown => ({
  number: call.appearance,
  state: localStates[shownState(call.phase)],
  who: partyText(known(phone, call.remote)),
  with: null,
  since: call.since,
});

function theirs(phone: Phone, { appearance, dialog, since }: SeenDialog): Shown {
  const state = remoteState(dialog);
  const far = state === 'private-held' ? null : dialog.remote;
  const who = partyText(dialog.local);
  return { number: appearance, state, who, with: partyText(far && known(phone, far)), since };
}

/**
 * What a line key shows: the first of what goes on there. With nothing of ours on it, whether the extension is on the
 * air at all comes before what was heard of colleagues. A shared or watching key of which nothing was heard is
 * `remote-undefined`, never `idle`. `since` null: since it is shown so.
 */
export function shownKey(
  phone: Phone,
  key: LineKeyConfig,
): Omit<ShownKey, 'since'> & { since: number | null } {
  const [first] = shownOnKey(phone, key);
  if (!first) {
    const state = quietState(phone, key);
    const who = state === 'call-back-active' ? (phone.callBack?.number ?? null) : null;
    return { state, who, with: null, since: null };
  }
  const { state, who, with: far, since } = first;
  return { state, who, with: far, since: state.startsWith('local') ? null : since };
}

function quietState(phone: Phone, key: LineKeyConfig): LineKeyState {
  const extension = extensionAt(phone, key.extension);
  if (!extension) return 'disabled';
  if (key.watched !== null) {
    const told = extension.registration === 'registered' && watchedBy(phone, key) !== null;
    return told ? 'idle' : 'remote-undefined';
  }
  switch (extension.registration) {
    case 'registering':
      return 'registering';
    case 'failed':
      return 'register-failed';
    case 'unregistered':
      return 'disabled';
    case 'registered':
      if (phone.callBack?.lineKey === key.index) return 'call-back-active';
      return !key.shared || isHeardOf(phone, key) ? 'idle' : 'remote-undefined';
  }
}

function isHeardOf(phone: Phone, key: LineKeyConfig): boolean {
  const line = lineOf(phone, key.extension);
  const layout = extensionConfigAt(phone, key.extension)?.layout;
  if (!line || !layout) return false;
  if (line.known === 'all') return true;
  return line.known.some((appearance) => keyOfAppearance(appearance, layout) === key.ordinal);
}

/** A party in a word: the name if there is one, else the number. */
export const partyText = (party: Party | null): string | null =>
  party === null ? null : (party.name ?? party.number) || null;
