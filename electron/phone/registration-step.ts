import { unknownAppearance } from './appearance.ts';
import { type Extension, extensionConfigAt, type Phone } from './phone.ts';
import { publication } from './publication.ts';
import { forEach, onCall, quiet, type Step } from './transition.ts';

export function withExtension(phone: Phone, index: number, change: Partial<Extension>): Phone {
  return {
    ...phone,
    extensions: phone.extensions.map((extension) =>
      extension.index === index ? { ...extension, ...change } : extension,
    ),
  };
}

/** A shared line whose registration is lost is a line of which nothing is known. */
export function forgetAppearances(phone: Phone, extension: number): Phone {
  return {
    ...phone,
    appearances: phone.appearances.map((appearance, position) =>
      phone.config.lineKeys[position]?.extension === extension ? unknownAppearance : appearance,
    ),
  };
}

/**
 * A PBX that did not know us yet is told where we stand: the full, empty NOTIFY says "I have just booted" and frees
 * what we held, so it is never sent over a call of ours; then the call itself is told again (facts 0.5).
 */
export function registered(phone: Phone, index: number, fresh: boolean): Step {
  const on = withExtension(phone, index, { registration: 'registered', reason: null });
  if (!fresh || extensionConfigAt(phone, index)?.sharedUserId == null) return quiet(on);
  const ours = on.calls.filter((call) => call.extension === index && call.phase !== 'seizing');
  return ours.length === 0
    ? { phone: forgetAppearances(on, index), effects: [{ type: 'announce', extension: index }] }
    : { phone: on, effects: ours.flatMap((call) => publication(on, call)) };
}

/** Without an agent nobody arbitrates: who waits for a grant need not wait (the key stays "state unknown"). */
export function agentAnswered(phone: Phone, index: number, present: boolean, at: number): Step {
  const known = withExtension(phone, index, { agent: present });
  const seizing = present
    ? []
    : known.calls.filter((call) => call.extension === index && call.phase === 'seizing');
  return forEach(quiet(known), seizing, (now, call) => onCall(now, call.id, { type: 'granted' }, at));
}
