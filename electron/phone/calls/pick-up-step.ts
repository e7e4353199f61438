import type { Effect } from '../effects.ts';
import type { SeenDialog } from '../lines/appearance.ts';
import { joinable, type Offer, pickable } from '../lines/key-offers.ts';
import { type LineKeyConfig, lineKeyAt, type Phone } from '../phone.ts';
import { refuse } from '../reply.ts';
import { andThen, type Step } from '../transition.ts';
import { newCall } from './new-call.ts';
import { clearTheWay } from './way.ts';

/** Takes over a colleague's call on the key; the command is answered once we are on it. */
export function pickUp(phone: Phone, request: number, lineKey: number, at: number): Step {
  return onColleagues(phone, request, lineKey, pickable, (now, key, on) =>
    begin(now, request, key, on, 'pick-up', at),
  );
}

/** Joins the colleague's call on the key. */
export function bargeIn(phone: Phone, request: number, lineKey: number, at: number): Step {
  return onColleagues(phone, request, lineKey, joinable, (now, key, on) =>
    begin(now, request, key, on, 'barge-in', at),
  );
}

function onColleagues(
  phone: Phone,
  request: number,
  lineKey: number,
  offered: (phone: Phone, key: LineKeyConfig) => Offer<SeenDialog>,
  go: (phone: Phone, key: LineKeyConfig, on: SeenDialog) => Step,
): Step {
  const key = lineKeyAt(phone, lineKey);
  if (!key) return refuse(phone, request, { code: 'unknown-line-key' });
  const offer = offered(phone, key);
  return offer.ok ? go(phone, key, offer.on) : refuse(phone, request, offer.reason);
}

function begin(
  phone: Phone,
  request: number,
  key: LineKeyConfig,
  { appearance, dialog }: SeenDialog,
  way: 'pick-up' | 'barge-in',
  at: number,
): Step {
  return andThen(clearTheWay(phone, null, at), (cleared) => {
    const beginning = {
      direction: 'outgoing',
      phase: 'dialing',
      way,
      appearance,
      remote: dialog.remote ?? { number: '', name: null },
      number: null,
      joined: way === 'barge-in' && dialog.local ? [dialog.local] : [],
      waiting: [{ request, until: 'answered' }],
    } as const;
    const { phone: begun, call } = newCall(cleared, key, beginning, at);
    const on = { call: call.id, extension: key.extension, dialog };
    const effects: readonly Effect[] =
      way === 'pick-up'
        ? [{ type: 'pick-up', ...on, appearance }]
        : [{ type: 'barge-in', ...on, appearance: appearance ?? 0 }];
    return { phone: begun, effects };
  });
}
