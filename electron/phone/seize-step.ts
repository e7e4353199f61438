import type { Reason } from '../contract/reasons.ts';
import { type Call, isLifted, publishedDialog } from './call.ts';
import { newCall } from './new-call.ts';
import {
  callsOnKey,
  extensionAt,
  extensionConfigAt,
  type LineKeyConfig,
  lineKeyAt,
  maximumCalls,
  type Phone,
} from './phone.ts';
import { confirm, refuse } from './reply.ts';
import { andThen, inUse, onCall, quiet, replaceCall, type Step } from './transition.ts';
import { clearTheWay } from './way.ts';

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
  const key = lineKeyAt(phone, lineKey);
  const lifted = callsOnKey(phone, lineKey).find(isLifted);
  if (lifted) return onLifted(phone, lifted, request, number, at);
  if (!key) return refuse(phone, request, { code: 'unknown-line-key' });
  const reason = whyNot(phone, key);
  if (reason) return refuse(phone, request, reason);
  return andThen(clearTheWay(phone, null, at), (now) => lift(now, key, request, number, at));
}

/** The line is lifted already: dial on it, or say that it is lifted. */
function onLifted(phone: Phone, call: Call, request: number, number: string | null, at: number): Step {
  if (number !== null) return onCall(phone, call.id, { type: 'dial', number, request }, at);
  if (call.phase === 'granted') return confirm(phone, request, call);
  const waiting = [...call.waiting, { request, until: 'granted' as const }];
  return quiet(replaceCall(phone, { ...call, waiting }));
}

function whyNot(phone: Phone, key: LineKeyConfig): Reason | null {
  if (phone.calls.filter(({ phase }) => phase !== 'ending').length >= maximumCalls) {
    return { code: 'too-many-calls' };
  }
  const extension = extensionAt(phone, key.extension);
  if (extension?.registration !== 'registered') return { code: 'line-not-registered' };
  if (key.appearance === null) return null;
  const ours = callsOnKey(phone, key.index).some(({ phase }) => phase !== 'ending');
  const taken = phone.appearances[key.index - 1]?.state === 'taken';
  return ours || taken ? inUse(phone, key.index) : null;
}

function lift(phone: Phone, key: LineKeyConfig, request: number, number: string | null, at: number): Step {
  const { phone: lifted, call } = newCall(
    phone,
    key,
    {
      direction: 'outgoing',
      phase: 'seizing',
      remote: { number: number ?? '', name: null },
      number,
      waiting: [{ request, until: number === null ? 'granted' : 'invited' }],
    },
    at,
  );
  const own = extensionConfigAt(phone, key.extension);
  const dialog = publishedDialog({ ...call, remote: nobody }, phone.config.displayName, own?.userId ?? '');
  if (key.appearance === null || !dialog || extensionAt(phone, key.extension)?.agent === false) {
    return onCall(lifted, call.id, { type: 'granted' }, at);
  }
  return {
    phone: lifted,
    effects: [
      {
        type: 'seize',
        call: call.id,
        extension: key.extension,
        appearance: key.appearance,
        dialog,
      },
    ],
  };
}

/** The far end is nobody's business before the line is ours; the captured seize names none (facts 1.7, step 4). */
const nobody = { number: '', name: null };
