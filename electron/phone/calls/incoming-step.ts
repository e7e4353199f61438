import { isSameCaller } from '../dialing/number.ts';
import type { SipEvent } from '../events.ts';
import { remoteState } from '../lines/appearance.ts';
import { appearancesOf } from '../lines/appearance-map.ts';
import type { Party, PlacedDialog } from '../lines/dialog.ts';
import {
  callAtAppearance,
  callsOnKey,
  extensionConfigAt,
  freeOf,
  keyAtAppearance,
  keysOf,
  type LineKeyConfig,
  lineOf,
  maximumCalls,
  type Phone,
} from '../phone.ts';
import { quiet, replaceCall, type Step } from '../transition.ts';
import type { Call } from './call.ts';
import { newCall } from './new-call.ts';

type Incoming = Extract<SipEvent, { type: 'incoming' }>;

/** Where a call rings. */
interface Place {
  readonly key: LineKeyConfig;
  readonly appearance: number | null;
}

/** A call comes in: it takes its place on a key of its extension, or finds us busy. */
export function incomingStep(phone: Phone, event: Incoming, at: number): Step {
  const place = phone.calls.length < maximumCalls ? placeFor(phone, event) : null;
  if (!place) return { phone, effects: [{ type: 'decline', call: event.call, status: 486 }] };
  const beginning = {
    id: event.call,
    direction: 'incoming',
    phase: 'incoming',
    appearance: place.appearance,
    named: place.appearance !== null && place.appearance === event.appearance,
    remote: event.remote,
    number: null,
    waiting: [],
  } as const;
  return quiet(newCall(phone, place.key, beginning, at).phone);
}

function placeFor(phone: Phone, event: Incoming): Place | null {
  if (extensionConfigAt(phone, event.extension)?.sharedUserId == null) return privatePlace(phone, event);
  const appearance = appearanceFor(phone, event);
  const key = appearance === undefined ? undefined : keyAtAppearance(phone, event.extension, appearance);
  return key && appearance !== undefined ? { key, appearance } : null;
}

/** A key that is free, else the first (call waiting). */
function privatePlace(phone: Phone, { extension }: Incoming): Place | null {
  const keys = keysOf(phone, extension);
  const free = keys.find((each) => callsOnKey(phone, each.index).every(({ phase }) => phase === 'ending'));
  const key = free ?? keys[0];
  return key ? { key, appearance: null } : null;
}

/** The appearance that the PBX names, else the one it already shows as ringing, else the first that is free. */
function appearanceFor(phone: Phone, { extension, remote, appearance: named }: Incoming): number | undefined {
  if (named != null && !callAtAppearance(phone, extension, named)) return named;
  return guessedAppearance(phone, extension, remote);
}

function guessedAppearance(phone: Phone, extension: number, caller: Party): number | undefined {
  const ringing = lineOf(phone, extension)?.dialogs.find(
    ({ appearance, dialog }) =>
      appearance !== null &&
      remoteState(dialog) === 'remote-ringing' &&
      isSameCaller(caller, dialog.remote) !== false &&
      !callAtAppearance(phone, extension, appearance),
  );
  if (ringing?.appearance != null) return ringing.appearance;
  const layout = extensionConfigAt(phone, extension)?.layout;
  return layout ? freeOf(phone, extension, appearancesOf(layout))[0] : undefined;
}

/** Another call is on the appearance that we let one ring on, for the PBX had not said which it is. */
export function ringElsewhere(phone: Phone, call: Call): Phone {
  const appearance = call.named ? undefined : guessedAppearance(phone, call.extension, call.remote);
  return appearance === undefined ? phone : ringAt(phone, call, appearance);
}

/**
 * The PBX shows a call that rings here on another appearance than we had guessed. Should another one be there that is not
 * shown there either, the two change places.
 */
export function ringWhereShown(phone: Phone, extension: number, { appearance, dialog }: PlacedDialog): Phone {
  if (remoteState(dialog) !== 'remote-ringing') return phone;
  const there = callAtAppearance(phone, extension, appearance);
  if (there && !isAstray(phone, there)) return phone;
  const astray = phone.calls.find(
    (call) =>
      call.extension === extension &&
      isSameCaller(call.remote, dialog.remote) === true &&
      isAstray(phone, call),
  );
  if (!astray) return phone;
  const moved = ringAt(phone, astray, appearance);
  return there && astray.appearance !== null ? ringAt(moved, there, astray.appearance) : moved;
}

/** It rings where we had guessed, and the PBX does not show it there. */
const isAstray = (phone: Phone, call: Call): boolean =>
  call.phase === 'incoming' && !call.named && !isShownAt(phone, call);

const isShownAt = (phone: Phone, { extension, appearance, remote }: Call): boolean =>
  lineOf(phone, extension)?.dialogs.some(
    (seen) => seen.appearance === appearance && isSameCaller(remote, seen.dialog.remote) === true,
  ) ?? false;

function ringAt(phone: Phone, call: Call, appearance: number): Phone {
  const key = keyAtAppearance(phone, call.extension, appearance);
  return key ? replaceCall(phone, { ...call, appearance, lineKey: key.index }) : phone;
}
