import { typeDigits } from '../call/call-actions.ts';
import { setNumber, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { type Lifted, reconcile } from './early-dialing.ts';

/** Keeps the number field and the lifted line in step from now on; returns how to stop. */
export function startEarlyDialing(): () => void {
  let known: Lifted | null = null;
  const follow = (): void => {
    const { snapshot } = usePhone.getState();
    if (!snapshot) return;
    const { lifted, reconciliation } = reconcile(known, snapshot, usePanel.getState().number);
    known = lifted;
    if (reconciliation.does === 'tell') typeDigits(reconciliation.call, reconciliation.digits);
    if (reconciliation.does === 'write') setNumber(reconciliation.number);
  };
  follow();
  const stops = [usePhone.subscribe(follow), usePanel.subscribe(follow)];
  return () => {
    for (const stop of stops) stop();
  };
}
