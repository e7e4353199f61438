import type { LineKeyState } from '../../contract/snapshot.ts';
import type { AppearanceDialog, PlacedDialog } from './dialog.ts';

/**
 * What the PBX says of a shared extension: which of its appearances colleagues are on. One appearance:
 *
 *              full NOTIFY without it / partial `terminated` of its last dialog
 *            +------------------------------------------------+
 *            v                                                |
 *   unknown ---> free  --- any NOTIFY with a dialog on it --> taken (one dialog, or several)
 *      ^                                                       |
 *      +---------- registration lost: nobody knows ------------+
 *
 * Several dialogs are on one appearance when it rings at many, is handed over, or was joined. So a dialog is known by its
 * appearance, its id and its station (RFC 4235, 4.1.1; ids alone are not unique, each station counts its own), and the
 * end of the old one may come before or after the beginning of the new one. A `version` that goes backwards is no reason
 * to drop a NOTIFY: the SPA9000 counts for each station on its own (facts 1.7).
 */
export interface SharedLine {
  /** The appearances of which anything was heard; `all` after a full NOTIFY. */
  readonly known: 'all' | readonly number[];
  readonly dialogs: readonly SeenDialog[];
}

/** A colleague's dialog, and since when it is in this state, in ms since the epoch. */
export interface SeenDialog {
  /** Null on a watched extension: nobody numbers its calls. */
  readonly appearance: number | null;
  readonly dialog: AppearanceDialog;
  readonly since: number;
}

export const unknownLine: SharedLine = { known: [], dialogs: [] };

/** The line after a NOTIFY about it at `at`. */
export function lineAfter(
  before: SharedLine,
  notify: { readonly full: boolean; readonly dialogs: readonly PlacedDialog[] },
  at: number,
): SharedLine {
  if (notify.full) return { known: 'all', dialogs: allSeen(before.dialogs, notify.dialogs, at) };
  return notify.dialogs.reduce((line, placed) => afterOne(line, placed, at), before);
}

/** The dialogs of a list that leaves none out. */
export function allSeen(
  before: readonly SeenDialog[],
  told: readonly { readonly appearance: number | null; readonly dialog: AppearanceDialog }[],
  at: number,
): readonly SeenDialog[] {
  return told
    .filter(({ dialog }) => dialog.state !== 'terminated')
    .map(({ appearance, dialog }) => {
      const same = before.find((seen) => seen.appearance === appearance && isSame(seen.dialog, dialog));
      return { appearance, dialog, since: since(same, dialog, at) };
    });
}

function afterOne(
  { known, dialogs }: SharedLine,
  { appearance, dialog }: PlacedDialog,
  at: number,
): SharedLine {
  const here = dialogs.filter((seen) => seen.appearance === appearance);
  const elsewhere = dialogs.filter((seen) => seen.appearance !== appearance);
  const same = here.find((seen) => isSame(seen.dialog, dialog));
  const others = here.filter((seen) => seen !== same);
  const left =
    dialog.state === 'terminated'
      ? others
      : [
          ...others.filter((other) => outlives(other.dialog, dialog)),
          { appearance, dialog, since: since(same, dialog, at) },
        ];
  return {
    known: known === 'all' || known.includes(appearance) ? known : [...known, appearance],
    dialogs: [...elsewhere, ...left],
  };
}

const isSame = (one: AppearanceDialog, other: AppearanceDialog): boolean =>
  one.id === other.id && (one.local === null || other.local === null || isSameStation(one, other));

const isSameStation = (one: AppearanceDialog, other: AppearanceDialog): boolean =>
  one.local !== null && one.local.number === other.local?.number;

/**
 * What is told of one dialog says something of the others there, should their own end get lost: a station has one on an
 * appearance, and where a call is confirmed, nothing rings any more and nothing is held; but it may have been joined.
 */
function outlives(other: AppearanceDialog, news: AppearanceDialog): boolean {
  if (isSameStation(other, news)) return false;
  if (news.state !== 'confirmed' || news.joined) return true;
  return other.state === 'confirmed' && !other.held;
}

function since(before: SeenDialog | undefined, dialog: AppearanceDialog, at: number): number {
  if (before) return remoteState(before.dialog) === remoteState(dialog) ? before.since : at;
  return at - (dialog.duration ?? 0) * 1000;
}

/** How a colleague's dialog shows on the key (facts 2.2, "Wire -> state mapping"). */
export function remoteState(dialog: AppearanceDialog): LineKeyState {
  switch (dialog.state) {
    case 'trying':
      return 'remote-seized';
    case 'proceeding':
      return 'remote-progressing';
    case 'early':
      return dialog.direction === 'recipient' ? 'remote-ringing' : 'remote-progressing';
    case 'confirmed':
      if (!dialog.held) return 'remote-active';
      return dialog.exclusive ? 'private-held' : 'remote-held';
    case 'terminated':
      return 'idle';
  }
}

/** Which of several dialogs wants to be seen first. */
const pressing: readonly LineKeyState[] = [
  'remote-ringing',
  'remote-held',
  'remote-active',
  'private-held',
  'remote-progressing',
  'remote-seized',
];

/** Most pressing first. */
export const byUrgency = (dialogs: readonly SeenDialog[]): readonly SeenDialog[] =>
  dialogs.toSorted(
    (one, other) => pressing.indexOf(remoteState(one.dialog)) - pressing.indexOf(remoteState(other.dialog)),
  );

/** The line after a call of ours on it was answered: what that supersedes is gone, told or not. */
export const afterOurs = (line: SharedLine, appearance: number, ours: AppearanceDialog): SharedLine => ({
  ...line,
  dialogs: line.dialogs.filter((seen) => seen.appearance !== appearance || outlives(seen.dialog, ours)),
});
