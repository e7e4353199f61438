import { callInHand } from '../../electron/contract/call-in-hand.ts';
import type { CallView, Snapshot } from '../../electron/contract/snapshot.ts';
import type { HeadsetButton, HeadsetLamp } from './telephony-page.ts';

/** What a button does to the phone. */
export type HeadsetDeed =
  | { readonly name: 'answer' | 'hangUp' | 'hold' | 'resume'; readonly call: string }
  | { readonly name: 'mute'; readonly call: string; readonly on: boolean }
  | { readonly name: 'redial' };

type Calls = Pick<Snapshot, 'calls'>;

const ringing = ({ calls }: Calls): CallView | undefined => calls.find(({ state }) => state === 'incoming');
const onHold = ({ calls }: Calls): CallView | undefined => calls.find(({ state }) => state === 'held');

/**
 * The deed of a button that goes down or comes up; null: none. A hook that tells its state is lifted and put down; one
 * that only tells its presses does the natural thing each time. A headset repeats what we tell its lamps, so a hook that
 * says what already is means nothing.
 */
export function deedOf(
  button: HeadsetButton,
  down: boolean,
  tellsState: boolean,
  phone: Calls,
): HeadsetDeed | null {
  switch (button) {
    case 'hook':
      return tellsState ? hookMoved(down, phone) : down ? hookPressed(phone) : null;
    case 'mute': {
      const call = callInHand(phone.calls);
      return down && call ? { name: 'mute', call: call.id, on: !call.muted } : null;
    }
    case 'flash': {
      if (!down) return null;
      const call = callInHand(phone.calls);
      if (call?.state === 'active') return { name: 'hold', call: call.id };
      return resumed(phone);
    }
    case 'redial':
      return down && phone.calls.length === 0 ? { name: 'redial' } : null;
  }
}

function hookMoved(lifted: boolean, phone: Calls): HeadsetDeed | null {
  const call = callInHand(phone.calls);
  if (!lifted) return call ? { name: 'hangUp', call: call.id } : null;
  return call ? null : pickedUp(phone);
}

function hookPressed(phone: Calls): HeadsetDeed | null {
  const waiting = ringing(phone);
  const call = callInHand(phone.calls);
  if (call && !waiting) return { name: 'hangUp', call: call.id };
  return pickedUp(phone);
}

function pickedUp(phone: Calls): HeadsetDeed | null {
  const call = ringing(phone);
  return call ? { name: 'answer', call: call.id } : resumed(phone);
}

function resumed(phone: Calls): HeadsetDeed | null {
  const call = onHold(phone);
  return call ? { name: 'resume', call: call.id } : null;
}

/** What the headset shows of the phone. A ring that was silenced here does not light it either. */
export function lampsOf({ calls, sound }: Pick<Snapshot, 'calls' | 'sound'>): ReadonlySet<HeadsetLamp> {
  const call = callInHand(calls);
  const lamps: HeadsetLamp[] = [];
  if (sound.ring !== null || sound.tone === 'call-waiting') lamps.push('ring');
  if (call) lamps.push('offHook');
  if (call?.muted) lamps.push('mute');
  if (!call && calls.some(({ state }) => state === 'held')) lamps.push('hold');
  return new Set(lamps);
}
