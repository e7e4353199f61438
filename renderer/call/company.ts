import type { CallView } from '../../electron/contract/snapshot.ts';

/** The calls that are one thing for the user: a conference, or one call by itself. Never empty. */
export type Company = readonly [CallView, ...CallView[]];

/** The call with all of its conference, in the order in which they came. */
export function companyOf(calls: readonly CallView[], call: CallView): Company {
  if (call.conference === null) return [call];
  const [first = call, ...rest] = calls.filter(({ conference }) => conference === call.conference);
  return [first, ...rest];
}

/** All calls but those of `apart`, each conference once; who rings comes first, for that cannot wait. */
export function companies(calls: readonly CallView[], apart: readonly CallView[] = []): Company[] {
  const left = calls.filter((call) => !apart.includes(call));
  const heads = left.filter(
    (call, place) =>
      call.conference === null ||
      left.findIndex(({ conference }) => conference === call.conference) === place,
  );
  const rings = ({ state }: CallView): number => (state === 'incoming' ? 0 : 1);
  return heads.toSorted((one, other) => rings(one) - rings(other)).map((call) => companyOf(left, call));
}

export const isConference = (company: Company): boolean => company[0].conference !== null;

/** Somebody is at the other end: such a call can be handed over, brought together and recorded. */
export const isAnswered = ({ state }: Pick<CallView, 'state'>): boolean =>
  state === 'active' || state === 'held';

/** Free to be handed over or to have somebody added: nothing of the kind is under way with it. */
export const isSettled = (call: Pick<CallView, 'state' | 'transfer'>): boolean =>
  isAnswered(call) && call.transfer === null;

/** It is on its way elsewhere: nothing can be done with it but to hang up. */
export const isUnderWay = ({ transfer }: Pick<CallView, 'transfer'>): boolean =>
  transfer?.state === 'transferring';

/** The call of a company whose far end wants to connect its user with somebody; null: none. */
export const referredOf = (company: Company): CallView | null =>
  company.find(({ referredTo }) => referredTo !== null) ?? null;

/** Two calls of which one waits (`asked`) while its user asks in the other whether it may be handed over. */
export interface Consultation {
  readonly waiting: CallView;
  readonly asking: CallView;
}

/** The consultation that a call takes part in, from either end. */
export function consultationOf(calls: readonly CallView[], call: CallView): Consultation | null {
  const waiting = calls.find(
    ({ id, transfer }) => transfer?.state === 'consulting' && (id === call.id || transfer.with === call.id),
  );
  const asking = calls.find(({ id }) => id === waiting?.transfer?.with);
  return waiting && asking ? { waiting, asking } : null;
}

/** The one other call that could be brought together with this one; null when there is none, or a choice. */
export function counterpartOf(calls: readonly CallView[], call: CallView): CallView | null {
  if (!isAnswered(call)) return null;
  const others = companies(calls, companyOf(calls, call)).filter(([head]) => isAnswered(head));
  const [only] = others;
  return others.length === 1 && only ? only[0] : null;
}
