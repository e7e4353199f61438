import type { CallView, Snapshot } from '../../electron/contract/snapshot.ts';
import { companyOf, isSettled } from '../call/company.ts';
import type { Reach } from '../panel-store.ts';
import { isName, type Target, targetsFor, typedTarget } from './targets.ts';

/** Somebody is sought for the call in the panel: who could be meant, and who is. */
export interface OpenReach extends Reach {
  readonly targets: readonly Target[];
  /** Whom the big key would reach now: who was pointed at, else the number typed, else who fits best by name. */
  readonly target: Target | null;
}

/** What is sought for this call; null when nothing is, or it has moved on so that nobody can be reached any more. */
export function reachOf(snapshot: Snapshot, call: CallView, reach: Reach | null): OpenReach | null {
  const own = reach !== null && companyOf(snapshot.calls, call).some(({ id }) => id === reach.call);
  if (!own || !isSettled(call)) return null;
  if (reach.purpose === 'transfer' && call.conference !== null) return null;
  const targets = targetsFor(snapshot, call, reach.chosen ? '' : reach.typed);
  const marked = reach.marked === null ? null : (targets[reach.marked] ?? null);
  const meant = isName(reach.typed) ? (targets[0] ?? null) : null;
  return { ...reach, targets, target: marked ?? reach.chosen ?? meant ?? typedTarget(reach.typed) };
}
