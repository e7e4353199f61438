import { type Call, publishedDialog } from './call.ts';
import type { Effect } from './effects.ts';
import { callById, extensionAt, extensionConfigAt, type Phone } from './phone.ts';

/**
 * What the other sharers must hear after a step: each change of a dialog of ours, told once. Asking for a line has
 * its own effect (`seize`), and a seize that was refused never was ours to give back.
 */
export function publications(before: Phone, now: Phone): Effect[] {
  const changed = now.calls.filter((call) => {
    const earlier = callById(before, call.id);
    const known = earlier ? told(before, earlier) : null;
    const neverTold = known === null && call.phase === 'ending';
    return call.phase !== 'seizing' && !neverTold && told(now, call) !== known;
  });
  const gone = before.calls.filter(
    (call) => !callById(now, call.id) && call.phase !== 'ending' && call.phase !== 'seizing',
  );
  return [
    ...changed.flatMap((call) => publication(now, call)),
    ...gone.flatMap((call) => publication(now, call, true)),
  ];
}

/** The NOTIFY about a call of ours, if its appearance has sharers to tell and the call is ours to tell of. */
export function publication(phone: Phone, call: Call, terminated = false): Effect[] {
  const { extension, appearance } = call;
  if (appearance === null || extensionAt(phone, extension)?.agent === false) return [];
  const dialog = dialogOf(phone, call);
  if (!dialog) return [];
  return [
    {
      type: 'publish',
      extension,
      appearance,
      dialog: terminated ? { ...dialog, state: 'terminated', held: false } : dialog,
    },
  ];
}

const dialogOf = (phone: Phone, call: Call) =>
  publishedDialog(call, phone.config.displayName, extensionConfigAt(phone, call.extension)?.userId ?? '');

function told(phone: Phone, call: Call): string | null {
  const dialog = dialogOf(phone, call);
  return dialog && `${dialog.state} ${dialog.held}`;
}
