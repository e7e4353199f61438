import type { Call } from '../calls/call.ts';
import { lineLost } from '../calls/call-step.ts';
import { answeredThere, isAnswerOf } from '../calls/history.ts';
import { ringElsewhere, ringWhereShown } from '../calls/incoming-step.ts';
import { isSameCaller } from '../dialing/number.ts';
import type { SipEvent } from '../events.ts';
import {
  callAtAppearance,
  extensionAt,
  extensionConfigAt,
  type LeftDialog,
  lineOf,
  type Phone,
  watchName,
  withExtension,
  withLine,
} from '../phone.ts';
import { andThen, forEach, onCall, quiet, type Step } from '../transition.ts';
import { allSeen, lineAfter, remoteState, type SeenDialog, type SharedLine } from './appearance.ts';
import { type AppearanceDialog, type PlacedDialog, terminated } from './dialog.ts';
import { stillThere, tellAgainAfter } from './left-dialog.ts';
import { publishedDialog, tell } from './publication.ts';

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
  const name = watchName(extension, userId);
  const watched = new Map(phone.watched);
  if (dialogs) {
    const seen = dialogs.map((dialog) => ({ appearance: null, dialog }));
    watched.set(name, allSeen(phone.watched.get(name) ?? [], seen, at));
  } else {
    watched.delete(name);
  }
  return quiet({ ...phone, watched });
}

const newIn = (before: SharedLine, now: SharedLine): readonly SeenDialog[] =>
  now.dialogs.filter((seen) => !before.dialogs.includes(seen));

/**
 * Our own call comes back in the PBX's state: that is no colleague. Where the PBX names dialogs its own way, it is known by
 * our number, unless the line itself has that number.
 */
function isOurs(phone: Phone, extension: number, placed: PlacedDialog): boolean {
  const call = callAtAppearance(phone, extension, placed.appearance);
  if (call?.dialogId === placed.dialog.id || leftOf(phone, extension, placed)) return true;
  return call !== undefined && isByUs(phone, extension, placed.dialog);
}

function isByUs(phone: Phone, extension: number, { local }: AppearanceDialog): boolean {
  const { userId, sharedUserId } = extensionConfigAt(phone, extension) ?? {};
  return userId !== sharedUserId && local?.number === userId;
}

const leftOf = (
  phone: Phone,
  extension: number,
  { appearance, dialog }: PlacedDialog,
): LeftDialog | undefined =>
  phone.left.find(
    (left) => left.extension === extension && left.appearance === appearance && left.dialog.id === dialog.id,
  );

/**
 * A colleague has the appearance that a call of ours is on: a seize is lost, a ring is answered there, or has to move, and
 * a held call is taken over.
 */
function overtaken(phone: Phone, extension: number, placed: PlacedDialog, at: number): Step {
  const { appearance, dialog } = placed;
  if (dialog.state === 'terminated') return quiet(phone);
  const answers = (call: Call) =>
    call.extension === extension &&
    call.phase === 'incoming' &&
    call.appearance !== appearance &&
    isAnswerOf(call, placed);
  const taken = (now: Phone, call: Call) => onCall(now, call.id, { type: 'taken', by: dialog.local }, at);
  const elsewhere = forEach(quiet(phone), phone.calls.filter(answers), taken);
  const here = andThen(elsewhere, (now) => {
    const call = callAtAppearance(now, extension, appearance);
    // A Broadsoft PBX names the appearance of each call itself, and tells no direction (facts 3.4).
    const byIndex = now.config.dialect === 'sca';
    const confirmed = dialog.state === 'confirmed' && !dialog.held && !dialog.joined;
    if (call?.way === 'barge-in') return quiet(now);
    switch (call?.phase) {
      case 'seizing':
        return byIndex ? quiet(now) : lineLost(now, call, at);
      case 'incoming':
      case 'answering':
        if (byIndex ? confirmed : isAnswerOf(call, placed)) return taken(now, call);
        return byIndex || isSameRing(call, dialog) ? quiet(now) : quiet(ringElsewhere(now, call));
      case 'held':
        return confirmed ? taken(now, call) : quiet(now);
      default:
        return quiet(now);
    }
  });
  return andThen(here, (now) => quiet(ringWhereShown(now, extension, placed)));
}

/** The PBX, or another sharer, shows the very call that rings here. */
const isSameRing = (call: Call, dialog: AppearanceDialog): boolean =>
  dialog.direction === 'recipient' && isSameCaller(call.remote, dialog.remote) !== false;

/**
 * Where the PBX has our own calls wrong, because it lost or never got our word, it is told once more: of a dialog that is
 * over, and of a call that it does not have as we do. One whose appearance it has given to a colleague's call meanwhile,
 * after a restart of its own, stays untold: both holding, each would take the line from the other for ever.
 */
function setRight(phone: Phone, { extension, full, dialogs }: AppearancesTold, at: number): Step {
  const ours = dialogs.filter(
    (placed) => placed.dialog.state !== 'terminated' && isOurs(phone, extension, placed),
  );
  const isTaken = (appearance: number | null): boolean =>
    dialogs.some((placed) => placed.appearance === appearance && placed.dialog.state === 'confirmed');
  const over = ours.flatMap((placed) => leftOf(phone, extension, placed) ?? []);
  const live = phone.calls.filter((call) => {
    const told = call.extension === extension ? publishedDialog(phone, call) : null;
    if (told?.state !== 'confirmed' || at - (call.toldAt ?? at) < tellAgainAfter) return false;
    const known = ours.find((placed) => placed.appearance === call.appearance)?.dialog;
    return known ? known.state !== told.state || known.held !== told.held : full && !isTaken(call.appearance);
  });
  const reminded = forEach(quiet(phone), over, (now, left) => stillThere(now, left, at));
  const repeated = forEach(reminded, live, (now, call) => tell(now, call, at));
  return full ? andThen(repeated, (now) => disowned(now, extension, dialogs, at)) : repeated;
}

/**
 * Calls in our name that we know nothing of: they are of before our restart, and the PBX has not heard of that. Should
 * somebody else go by our name, what we say is of no station's dialog, and changes nothing.
 */
function disowned(phone: Phone, extension: number, dialogs: readonly PlacedDialog[], at: number): Step {
  const { disownedAt = null } = extensionAt(phone, extension) ?? {};
  const strange = dialogs.filter(
    (placed) =>
      isByUs(phone, extension, placed.dialog) &&
      !isOurs(phone, extension, placed) &&
      !['remote-ringing', 'idle'].includes(remoteState(placed.dialog)),
  );
  if (strange.length === 0 || (disownedAt !== null && at - disownedAt < tellAgainAfter)) return quiet(phone);
  return {
    phone: withExtension(phone, extension, { disownedAt: at }),
    effects: strange.map(({ appearance, dialog }) => ({
      type: 'publish',
      extension,
      appearance,
      dialog: terminated(dialog),
    })),
  };
}
