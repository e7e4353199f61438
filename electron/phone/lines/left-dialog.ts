import type { Effect } from '../effects.ts';
import type { LeftDialog, Phone } from '../phone.ts';
import { quiet, type Step } from '../transition.ts';
import { terminated } from './dialog.ts';

const kept = 20;
/** No dialog is told of again sooner than this, in ms: the answer to what was told may still be on its way. */
export const tellAgainAfter = 10_000;
/** How long a colleague's word that it has taken our call may need to the PBX, in ms: five packets, lost or not. */
const handOver = 8_000;

export const withLeft = (phone: Phone, left: LeftDialog): Phone => ({
  ...phone,
  left: [left, ...phone.left.filter((each) => each.dialog.id !== left.dialog.id)].slice(0, kept),
});

/** Tells the PBX that a dialog of ours is over. */
export function letGo(phone: Phone, left: LeftDialog, at: number): Step {
  return { phone: withLeft(phone, { ...left, toldAt: at }), effects: [farewell(left)] };
}

/**
 * A colleague has our call: should our end of it be told first, the line would look free for a moment, and somebody could
 * seize it. So the colleague is given the time to speak.
 */
export function letGoLater(phone: Phone, left: LeftDialog): Step {
  return {
    phone: withLeft(phone, { ...left, toldAt: null }),
    effects: [{ type: 'start-timer', timer: `let-go:${left.dialog.id}`, ms: handOver }],
  };
}

/** The PBX still speaks of a dialog of ours that is over. */
export function stillThere(phone: Phone, left: LeftDialog, at: number): Step {
  if (left.toldAt === null || at - left.toldAt < tellAgainAfter) return quiet(phone);
  return letGo(phone, left, at);
}

const farewell = ({ extension, appearance, dialog }: LeftDialog): Effect => ({
  type: 'publish',
  extension,
  appearance,
  dialog: terminated(dialog),
});
