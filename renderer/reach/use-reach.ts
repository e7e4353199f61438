import type { CallView } from '../../electron/contract/snapshot.ts';
import { usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { type OpenReach, reachOf } from './reach.ts';

/** What is sought for this call. Only meanwhile does every change of a key concern who asks. */
export function useReach(call: CallView | null): OpenReach | null {
  const reach = usePanel((panel) => panel.reach);
  const snapshot = usePhone((phone) => (reach ? phone.snapshot : null));
  return call && snapshot && reachOf(snapshot, call, reach);
}
