import type { LineKeyState } from '../contract/snapshot.ts';
import type { AppearanceDialog, PlacedDialog } from './dialog.ts';

/**
 * What the PBX says of one appearance of a shared extension.
 *
 *              full NOTIFY without it / partial `terminated`
 *            +------------------------------------------------+
 *            v                                                |
 *   unknown ---> free  --- any NOTIFY with a dialog on it --> taken (the colleague's dialog, as last told)
 *      ^                                                       |
 *      +---------- registration lost: nobody knows ------------+
 *
 * A `version` that goes backwards is no reason to drop a NOTIFY: the SPA9000 counts for each station on its own
 * (facts 1.7).
 */
export type Appearance =
  | { readonly state: 'unknown' }
  | { readonly state: 'free' }
  | { readonly state: 'taken'; readonly dialog: AppearanceDialog };

export const unknownAppearance: Appearance = { state: 'unknown' };
export const freeAppearance: Appearance = { state: 'free' };

/** An appearance after a NOTIFY about its extension. */
export function appearanceAfter(
  before: Appearance,
  appearance: number,
  notify: { readonly full: boolean; readonly dialogs: readonly PlacedDialog[] },
): Appearance {
  const told = notify.dialogs.filter((placed) => placed.appearance === appearance).at(-1);
  if (told) {
    return told.dialog.state === 'terminated' ? freeAppearance : { state: 'taken', dialog: told.dialog };
  }
  return notify.full ? freeAppearance : before;
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
