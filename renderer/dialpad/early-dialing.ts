import type { Snapshot } from '../../electron/contract/snapshot.ts';

/** What the number field and the lifted line know of each other. */
export interface Lifted {
  readonly call: string;
  /** The last that each side said. */
  readonly field: string;
  readonly line: string;
  /** All that has been told to the phone: what comes back of it is no news. */
  readonly told: readonly string[];
}

/** What is to be done so that the field and the lifted line say the same. */
export type Reconciliation =
  | { readonly does: 'nothing' }
  /** The phone is to hear what was typed: its dial plan may call it. */
  | { readonly does: 'tell'; readonly call: string; readonly digits: string }
  /** Something else typed on the line (a script, this window before it was loaded anew), or the line was called on. */
  | { readonly does: 'write'; readonly number: string };

const nothing = { does: 'nothing' } as const;

/** Early dialing: each change of the field goes to a line that has dial tone, and the line's digits to the field. */
export function reconcile(
  before: Lifted | null,
  { calls }: Pick<Snapshot, 'calls'>,
  field: string,
): { readonly lifted: Lifted | null; readonly reconciliation: Reconciliation } {
  const call = calls.find(({ state, granted }) => state === 'seizing' && granted);
  if (!call) return { lifted: null, reconciliation: calledOn(before, calls, field) };
  const known = before?.call === call.id ? before : { call: call.id, field: '', line: '', told: [''] };
  if (field !== known.field) {
    const told = [...known.told.slice(-63), field];
    return {
      lifted: { ...known, field, told },
      reconciliation: { does: 'tell', call: call.id, digits: field },
    };
  }
  if (call.digits === known.line || known.told.includes(call.digits)) {
    return { lifted: { ...known, line: call.digits }, reconciliation: nothing };
  }
  const told = [...known.told, call.digits];
  return {
    lifted: { call: call.id, field: call.digits, line: call.digits, told },
    reconciliation: { does: 'write', number: call.digits },
  };
}

/** The phone has called what was typed: it leaves the field. */
function calledOn(before: Lifted | null, calls: Snapshot['calls'], field: string): Reconciliation {
  if (before === null || field === '' || field !== before.field) return nothing;
  const called = calls.some(
    ({ id, state }) => id === before.call && state !== 'seizing' && state !== 'ending',
  );
  return called ? { does: 'write', number: '' } : nothing;
}
