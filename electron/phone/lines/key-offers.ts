import type { Reason } from '../../contract/reasons.ts';
import {
  callsOnKey,
  extensionAt,
  extensionConfigAt,
  freeOf,
  isHandedOver,
  type LineKeyConfig,
  maximumCalls,
  type Phone,
} from '../phone.ts';
import { remoteState, type SeenDialog } from './appearance.ts';
import { appearancesOfKey } from './appearance-map.ts';
import { colleaguesOn, partyText } from './line-key.ts';

/** Whether something can be done with a key, and on what; else why not. */
export type Offer<T> =
  | { readonly ok: true; readonly on: T }
  | { readonly ok: false; readonly reason: Reason };

const yes = <T>(on: T): Offer<T> => ({ ok: true, on });
const no = (reason: Reason): { readonly ok: false; readonly reason: Reason } => ({ ok: false, reason });

/**
 * The appearance that the key could be seized on; null on a private extension. A key that a colleague is on is not ours to
 * seize, on whichever of its appearances (SPA9x2 guide, p. 103). One whose state is unknown may be asked for: the PBX
 * decides, and some PBXs tell nothing of a line before something happens on it.
 */
export function seizable(
  phone: Phone,
  key: LineKeyConfig,
  need: 'ordinary' | 'urgent' = 'ordinary',
): Offer<number | null> {
  if (key.watched !== null) return no({ code: 'not-a-line' });
  const obstacle = anyCall(phone, key, need);
  if (obstacle) return no(obstacle);
  if (!key.shared) return yes(null);
  const settled = callsOnKey(phone, key.index).every(({ phase }) =>
    ['active', 'holding', 'held', 'resuming', 'ending'].includes(phase),
  );
  const layout = extensionConfigAt(phone, key.extension)?.layout;
  const appearances = layout ? appearancesOfKey(key.ordinal, layout) : [];
  const [free] = freeOf(phone, key.extension, appearances);
  const theirs =
    colleaguesOn(phone, key).length > 0 ||
    appearances.some((appearance) => isHandedOver(phone, key.extension, appearance));
  if (free === undefined || !settled || theirs) return no(inUse(phone, key));
  return yes(free);
}

/** What could be picked up on the key: a colleague's call on public hold, or one that rings at a watched extension. */
export function pickable(phone: Phone, key: LineKeyConfig): Offer<SeenDialog> {
  const wanted = key.watched === null ? 'remote-held' : 'remote-ringing';
  const dialogs = colleaguesOn(phone, key);
  const offered = dialogs.find(({ dialog }) => remoteState(dialog) === wanted);
  if (!offered) return no(privateCall(dialogs) ?? { code: 'nothing-to-pick-up' });
  const obstacle = anyCall(phone, key);
  if (obstacle) return no(obstacle);
  // The SPA9000 resumes what is held on the line that is called (inferred), and so does a Broadsoft PBX (facts 3.4).
  const byLine = key.watched === null && ['spa9000', 'sca'].includes(phone.config.dialect);
  return byLine || offered.dialog.identifiers ? yes(offered) : no({ code: 'cannot-pick-up' });
}

/** The colleague's call on the key that could be joined. */
export function joinable(phone: Phone, key: LineKeyConfig): Offer<SeenDialog> {
  const dialogs = colleaguesOn(phone, key);
  const offered = dialogs.find(({ dialog }) => remoteState(dialog) === 'remote-active');
  if (!offered) return no(privateCall(dialogs) ?? { code: 'nothing-to-join' });
  if (key.watched !== null) return no({ code: 'cannot-barge-in' });
  if (!extensionConfigAt(phone, key.extension)?.bargeIn) return no({ code: 'barge-in-off' });
  if (offered.dialog.exclusive) return no({ code: 'private-call', params: whoIs(offered) });
  const obstacle = anyCall(phone, key);
  if (obstacle) return no(obstacle);
  const byLine = phone.config.dialect === 'sca';
  return byLine || offered.dialog.identifiers ? yes(offered) : no({ code: 'cannot-barge-in' });
}

/** Why a colleague's call on the key can be neither picked up nor joined; null when there is none, or it can. */
export function whyHandsOff(
  phone: Phone,
  key: LineKeyConfig,
  pick: Offer<SeenDialog>,
  join: Offer<SeenDialog>,
): Reason | null {
  if (pick.ok || join.ok || colleaguesOn(phone, key).length === 0) return null;
  if (pick.reason.code !== 'nothing-to-pick-up') return pick.reason;
  return join.reason.code === 'nothing-to-join' ? inUse(phone, key) : join.reason;
}

/** Why a key cannot be seized, with the colleague's name if the PBX told it. */
export function inUse(phone: Phone, key: LineKeyConfig | undefined): Reason {
  const [first] = key ? colleaguesOn(phone, key) : [];
  return { code: 'line-in-use', params: whoIs(first) };
}

/** What keeps any call from beginning on the key. */
function anyCall(phone: Phone, key: LineKeyConfig, need: 'ordinary' | 'urgent' = 'ordinary'): Reason | null {
  if (need === 'ordinary' && phone.calls.filter(({ phase }) => phase !== 'ending').length >= maximumCalls) {
    return { code: 'too-many-calls' };
  }
  const registered = extensionAt(phone, key.extension)?.registration === 'registered';
  return registered ? null : { code: 'line-not-registered' };
}

function privateCall(dialogs: readonly SeenDialog[]): Reason | null {
  const held = dialogs.find(({ dialog }) => remoteState(dialog) === 'private-held');
  return held ? { code: 'private-call', params: whoIs(held) } : null;
}

const whoIs = (seen: SeenDialog | undefined): { readonly who: string } => ({
  who: (seen && partyText(seen.dialog.local)) ?? '',
});
