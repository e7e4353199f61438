import type { CallView } from '../../contract/snapshot.ts';
import { type Call, isLive } from '../calls/call.ts';
import { callById, type Phone } from '../phone.ts';
import type { UnderWay } from './transfer.ts';

/** The transfer that the call is in the middle of, beyond asking; null: none. */
export const underWay = ({ transfer, phase }: Call): UnderWay | null =>
  transfer === null || transfer.stage === 'consulting' || phase === 'ending' ? null : transfer;

/** The far end has been sent away, and may be anywhere. */
export const isSentAway = (call: Call): boolean => {
  const stage = underWay(call)?.stage;
  return stage === 'asked' || stage === 'accepted';
};

/** The far end of another call of ours is on its way to the far end of this one, who will end it. */
export const isDestination = (phone: Phone, id: string): boolean =>
  phone.calls.some((call) => isSentAway(call) && call.transfer?.with === id);

/** A consultation is over with the call in which it was asked. */
export function transferView(phone: Phone, call: Call): CallView['transfer'] {
  const transferring = underWay(call);
  if (transferring) return { state: 'transferring', with: transferring.with, to: transferring.to };
  if (call.transfer?.stage !== 'consulting' || call.phase === 'ending') return null;
  const { with: asked, to } = call.transfer;
  return isLive(callById(phone, asked)) ? { state: 'consulting', with: asked, to } : null;
}
