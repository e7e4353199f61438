import type { AppearanceDialog } from '../../phone/lines/dialog.ts';
import { dialogHeader, type InviteShape } from './dialect.ts';

/**
 * The INVITE that takes a colleague's call over, or joins it, where the PBX is a proxy: it goes straight to the far end
 * of that call, which has the dialog that the header names (RFC 3891, 3; RFC 3911, 4). So also for a call that rings at
 * a watched extension: an early dialog can only be replaced at the one who made the call (RFC 3891, 3), so the INVITE
 * goes to the caller, not to where it rings. Null: the PBX has not told enough.
 */
export function inviteToFarEnd(name: 'Replaces' | 'Join', dialog: AppearanceDialog): InviteShape | null {
  const { identifiers, remote, state } = dialog;
  if (!identifiers || !remote) return null;
  // A call that is answered in the same moment must not be taken away from who answered it (RFC 3891, 7.1).
  const flag = name === 'Replaces' && state !== 'confirmed' ? ';early-only' : '';
  return {
    to: remote.uri ? { uri: remote.uri } : { user: remote.number },
    headers: [`${dialogHeader(name, identifiers)}${flag}`],
  };
}
