import { type Call, isLifted } from '../calls/call.ts';
import { newCall } from '../calls/new-call.ts';
import { clearTheWay } from '../calls/way.ts';
import { emergencyKey, emergencyPatience, isEmergencyCall } from '../dialing/emergency.ts';
import { isEmergency } from '../dialing/numbering.ts';
import type { Effect } from '../effects.ts';
import { callById, callsOnKey, type LineKeyConfig, lineKeyAt, type Phone } from '../phone.ts';
import { confirm, refuse } from '../reply.ts';
import { andThen, onCall, quiet, replaceCall, type Step } from '../transition.ts';
import { seizable } from './key-offers.ts';
import { toldDialog } from './publication.ts';

/**
 * Takes a line: with a number it is dialed as soon as the line is ours, without one there is dial tone. A private
 * line is ours at once; a shared one when the PBX grants it (facts 1.7, steps 4 and 5).
 */
export function takeLine(
  phone: Phone,
  request: number,
  lineKey: number,
  number: string | null,
  at: number,
): Step {
  const known = number === null ? phone : { ...phone, lastDialed: number };
  const lifted = callsOnKey(phone, lineKey).find(isLifted);
  if (lifted) return onLifted(known, lifted, request, number, at);
  const urgent = number !== null && isEmergency(phone, number);
  const key = urgent ? emergencyKey(phone, lineKeyAt(phone, lineKey)) : lineKeyAt(phone, lineKey);
  if (!key) return refuse(phone, request, { code: 'unknown-line-key' });
  const offer = seizable(phone, key, urgent ? 'urgent' : 'ordinary');
  if (!offer.ok && !urgent) return refuse(phone, request, offer.reason);
  const appearance = offer.ok ? offer.on : null;
  return andThen(clearTheWay(known, null, at), (now) => lift(now, key, appearance, request, number, at));
}

/** The line is lifted already: dial on it, or say that it is lifted. */
function onLifted(phone: Phone, call: Call, request: number, number: string | null, at: number): Step {
  if (number !== null) {
    const dialed = onCall(phone, call.id, { type: 'dial', number, request }, at);
    return { phone: dialed.phone, effects: [...dialed.effects, ...withinPatience(dialed.phone, call.id)] };
  }
  if (call.phase === 'granted') return confirm(phone, request, call);
  const waiting = [...call.waiting, { request, until: 'granted' as const }];
  return quiet(replaceCall(phone, { ...call, waiting }));
}

function lift(
  phone: Phone,
  key: LineKeyConfig,
  appearance: number | null,
  request: number,
  number: string | null,
  at: number,
): Step {
  const { phone: lifted, call } = newCall(
    phone,
    key,
    {
      direction: 'outgoing',
      phase: 'seizing',
      appearance,
      remote: { number: number ?? '', name: null },
      number,
      waiting: [{ request, until: number === null ? 'granted' : 'invited' }],
    },
    at,
  );
  const dialog = toldDialog(lifted, { ...call, remote: nobody });
  if (appearance === null || !dialog) return onCall(lifted, call.id, { type: 'granted' }, at);
  return {
    phone: lifted,
    effects: [
      { type: 'seize', call: call.id, extension: key.extension, appearance, dialog },
      ...withinPatience(lifted, call.id),
    ],
  };
}

/** An emergency call does not wait long for its line. */
function withinPatience(phone: Phone, id: string): readonly Effect[] {
  const call = callById(phone, id);
  return call?.phase === 'seizing' && isEmergencyCall(phone, call)
    ? [{ type: 'start-timer', timer: `emergency:${id}`, ms: emergencyPatience }]
    : [];
}

/** The far end is nobody's business before the line is ours; the captured seize names none (facts 1.7, step 4). */
const nobody = { number: '', name: null };
