import type { CallView, LineKeyView } from '../../electron/contract/snapshot.ts';
import { bringTogether, connectCalls, consult, transferCall } from '../call/call-actions.ts';
import { focusedCall } from '../call/focused-call.ts';
import { openReach, type Reach, showHint, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { say } from '../words/words.ts';
import { type OpenReach, reachOf } from './reach.ts';
import { type Target, targetOfKey } from './targets.ts';

/** Begins to look for somebody whom the call is to be handed to, or who is to be added; the second time, ends it. */
export function toggleReach(call: CallView, purpose: Reach['purpose']): void {
  const { reach } = usePanel.getState();
  const open = reach?.call === call.id && reach.purpose === purpose;
  openReach(open ? null : { call: call.id, purpose, typed: '', chosen: null, marked: null });
}

/** What is sought now for the call in the panel. */
export function currentReach(): OpenReach | null {
  const { snapshot } = usePhone.getState();
  const { chosenCall, reach } = usePanel.getState();
  const call = snapshot && focusedCall(snapshot.calls, chosenCall);
  return call ? reachOf(snapshot, call, reach) : null;
}

export const typeReach = ({ call, purpose }: Reach, typed: string): void =>
  openReach({ call, purpose, typed, chosen: null, marked: null });

export const choose = ({ call, purpose }: Reach, chosen: Target): void =>
  openReach({ call, purpose, typed: chosen.name || chosen.number, chosen, marked: null });

export const mark = ({ call, purpose, typed, chosen }: Reach, marked: number | null): void =>
  openReach({ call, purpose, typed, chosen, marked });

/** "To that one": a line key was pressed while somebody is sought, or the call dropped on it. */
export function aimAt(reach: Reach, key: LineKeyView): void {
  const { snapshot } = usePhone.getState();
  if (!snapshot) return;
  const call = snapshot.calls.find(
    ({ id, lineKey, state }) => lineKey === key.index && id !== reach.call && state === 'held',
  );
  const target = call ? { ...call.remote, call, lineKey: key } : targetOfKey(snapshot, key);
  if (target) choose(reach, target);
  else showHint(say('reach.notThere', { label: key.label }));
}

/** The big key: hands over or calls at once. */
export function reachNow({ call, purpose, target }: OpenReach): void {
  if (target === null) return;
  openReach(null);
  const other = target.call?.id;
  if (purpose === 'transfer') {
    if (other) connectCalls(call, other);
    else transferCall(call, target.number);
  } else if (other) bringTogether(call, other);
  else consult(call, target.number, 'add');
}

/** Calls there first, while the call waits. */
export function askFirst({ call, purpose, target }: OpenReach): void {
  if (target === null || target.call || purpose !== 'transfer') return;
  openReach(null);
  consult(call, target.number, 'transfer');
}
