import { unknownLine } from './lines/appearance.ts';
import { tellAll } from './lines/publication.ts';
import { extensionConfigAt, type Phone, watchName, withExtension, withLine } from './phone.ts';
import { forEach, onCall, quiet, type Step } from './transition.ts';

/** A shared line whose registration is lost is a line of which nothing is known, and so is a line that it watched. */
export function forgetAppearances(phone: Phone, extension: number): Phone {
  const others = [...phone.watched].filter(([name]) => !name.startsWith(watchName(extension, '')));
  return withLine({ ...phone, watched: new Map(others) }, extension, unknownLine);
}

/**
 * A PBX that did not know us yet is told where we stand: the full, empty NOTIFY says "I have just booted" and frees
 * what we held, so it is never sent over a call of ours; then the call itself is told again (facts 0.5). With each refresh
 * of a line that nothing of ours is on it is said once more: the PBX answers with all that it knows, and a lamp that a
 * lost NOTIFY left on goes out.
 */
export function registered(phone: Phone, index: number, fresh: boolean, at: number): Step {
  const on = withExtension(phone, index, { registration: 'registered', reason: null });
  if (extensionConfigAt(phone, index)?.sharedUserId == null) return quiet(on);
  const ours = on.calls.filter((call) => call.extension === index);
  const told = ours.filter(({ phase }) => phase !== 'seizing');
  const next = fresh ? withLine(on, index, unknownLine) : on;
  if (fresh && told.length > 0) return tellAll(next, told, at);
  const isOurs = ours.length > 0 || on.left.some((left) => left.extension === index && left.toldAt === null);
  if (!fresh && isOurs) return quiet(on);
  return { phone: next, effects: [{ type: 'announce', extension: index }] };
}

/** Without an agent nobody arbitrates: who waits for a grant need not wait (the key stays "state unknown"). */
export function agentAnswered(phone: Phone, index: number, present: boolean, at: number): Step {
  const known = withExtension(phone, index, { agent: present });
  const seizing = present
    ? []
    : known.calls.filter((call) => call.extension === index && call.phase === 'seizing');
  return forEach(quiet(known), seizing, (now, call) => onCall(now, call.id, { type: 'granted' }, at));
}
