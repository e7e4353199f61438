import type { CallQuality, CallView } from '../../electron/contract/snapshot.ts';

export type MeasuredCall = CallView & { readonly quality: CallQuality };

const isMeasured = (call: CallView): call is MeasuredCall => call.quality !== null;

/** The call that sounds worst, of those that are measured while they are talked on; null when none is. */
export const worstOf = (calls: readonly CallView[]): MeasuredCall | null =>
  calls
    .filter(({ state }) => state === 'active')
    .filter(isMeasured)
    .toSorted((one, other) => one.quality.mos - other.quality.mos)[0] ?? null;
