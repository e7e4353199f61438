import { allSeen, lineAfter, type SeenDialog, type SharedLine } from './appearance.ts';
import type { Call } from './call.ts';
import { lineLost } from './call-step.ts';
import type { AppearanceDialog, PlacedDialog } from './dialog.ts';
import type { SipEvent } from './events.ts';
import { answeredThere, isAnswerOf } from './history.ts';
import { stillThere, tellAgainAfter } from './left-dialog.ts';
import {
  callAtAppearance,
  extensionConfigAt,
  type LeftDialog,
  lineOf,
  type Phone,
  withLine,
} from './phone.ts';
import { publishedDialog, tell } from './publication.ts';
import { andThen, forEach, onCall, quiet, type Step } from './transition.ts';

type AppearancesTold = Extract<SipEvent, { type: 'appearances' }>;
type WatchedTold = Extract<SipEvent, { type: 'watched' }>;

/** The PBX has told the state of an extension's appearances: colleagues' dialogs, and perhaps our own. */
export function appearancesTold(phone: Phone, event: AppearancesTold, at: number): Step {
  const line = lineOf(phone, event.extension);
  if (!line) return quiet(phone);
  const theirs = event.dialogs.filter((placed) => !isOurs(phone, event.extension, placed));
  const next = lineAfter(line, { full: event.full, dialogs: theirs }, at);
  const told: Phone = {
    ...withLine(phone, event.extension, next),
    history: answeredThere(phone.history, event.extension, newIn(line, next), at),
  };
  const overtaking = forEach(quiet(told), theirs, (now, placed) =>
    overtaken(now, event.extension, placed, at),
  );
  return andThen(overtaking, (now) => setRight(now, event, at));
}

/** The PBX has told the calls of a watched extension. */
export function watchedTold(phone: Phone, { userId, extension, dialogs }: WatchedTold, at: number): Step {
  const isIt = (each: Phone['watched'][number]) => each.userId === userId && each.extension === extension;
  const before = phone.watched.find(isIt)?.dialogs ?? [];
  const seen = dialogs?.map((dialog) => ({ appearance: null, dialog })) ?? null;
  const told = { userId, extension, dialogs: seen && allSeen(before, seen, at) };
  return quiet({ ...phone, watched: [...phone.watched.filter((each) => !isIt(each)), told] });
}

const newIn = (before: SharedLine, now: SharedLine): readonly SeenDialog[] =>
  now.dialogs.filter((seen) => !before.dialogs.includes(seen));

/** Our own call comes back in the PBX's state: that is no colleague. */
function isOurs(phone: Phone, extension: number, placed: PlacedDialog): boolean {
  const { appearance, dialog } = placed;
  const call = callAtAppearance(phone, extension, appearance);
  if (!isByUs(phone, extension, dialog)) return dialog.local === null && call?.dialogId === dialog.id;
  return call !== undefined || leftOf(phone, extension, placed) !== undefined;
}

const isByUs = (phone: Phone, extension: number, { local }: AppearanceDialog): boolean =>
  local !== null && local.number === extensionConfigAt(phone, extension)?.userId;

const leftOf = (
  phone: Phone,
  extension: number,
  { appearance, dialog }: PlacedDialog,
): LeftDialog | undefined =>
  phone.left.find(
    (left) => left.extension === extension && left.appearance === appearance && left.dialog.id === dialog.id,
  );

/** A colleague has the appearance that a call of ours is on: a seize is lost, a ring is answered, a held call is taken. */
function overtaken(phone: Phone, extension: number, { appearance, dialog }: PlacedDialog, at: number): Step {
  const answer = { appearance, dialog, since: at };
  const rang = phone.calls.filter((call) => call.extension === extension && call.phase === 'incoming');
  const taken = (now: Phone, call: Call) => onCall(now, call.id, { type: 'taken', by: dialog.local }, at);
  const elsewhere = forEach(
    quiet(phone),
    rang.filter((call) => call.appearance !== appearance && isAnswerOf(call, answer)),
    taken,
  );
  return andThen(elsewhere, (now) => {
    const call = callAtAppearance(now, extension, appearance);
    const confirmed = dialog.state === 'confirmed' && !dialog.held && !dialog.joined;
    switch (call?.phase) {
      case 'seizing':
        // A Broadsoft PBX may grant another appearance than the one asked for (facts 3.4).
        return dialog.state === 'terminated' || now.config.dialect === 'sca'
          ? quiet(now)
          : lineLost(now, call, at);
      case 'incoming':
      case 'answering':
      case 'held':
        return confirmed ? taken(now, call) : quiet(now);
      default:
        return quiet(now);
    }
  });
}

/**
 * Where the PBX has our own calls wrong, because it lost or never got our word, it is told once more: of a dialog that is
 * over, and of a call that it does not have as we do.
 */
function setRight(phone: Phone, { extension, full, dialogs }: AppearancesTold, at: number): Step {
  const byUs = dialogs.filter(
    ({ dialog }) => isByUs(phone, extension, dialog) && dialog.state !== 'terminated',
  );
  const over = byUs.flatMap((placed) => leftOf(phone, extension, placed) ?? []);
  const live = phone.calls.filter((call) => {
    const ours = call.extension === extension ? publishedDialog(phone, call) : null;
    if (ours?.state !== 'confirmed' || at - (call.toldAt ?? at) < tellAgainAfter) return false;
    const has = byUs.find(({ appearance }) => appearance === call.appearance)?.dialog;
    return has ? has.state !== ours.state || has.held !== ours.held : full;
  });
  const reminded = forEach(quiet(phone), over, (now, left) => stillThere(now, left, at));
  return forEach(reminded, live, (now, call) => tell(now, call, at));
}
