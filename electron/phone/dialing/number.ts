import type { Party } from '../lines/dialog.ts';

/** Characters of the user part of a SIP URI (RFC 3261, 25.1: unreserved and user-unreserved), and `#`. */
const userPart = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/#]{1,64}$/;
const phoneNumber = /^[0-9A-Da-d\s().\-/*#+]+$/;

/**
 * What a person typed or pasted as what the PBX is asked for: "(555) 12-34" becomes 5551234, a name such as `aa`
 * stays. Null when it cannot be dialed.
 */
export function dialable(typed: string): string | null {
  const trimmed = typed.trim().replace(/^(tel|sip):/i, '');
  if (trimmed.length === 0) return null;
  if (phoneNumber.test(trimmed) && /[0-9*#]/.test(trimmed)) {
    const digits = trimmed.replace(/[\s().\-/]/g, '');
    return userPart.test(digits) ? digits : null;
  }
  return userPart.test(trimmed) ? trimmed : null;
}

/** RFC 4733 events by their keys; a comma is a pause. */
export const isToneString = (tones: string): boolean => /^[0-9*#A-Da-d,]+$/.test(tones);

/**
 * Whether two parties are one caller; null when it is not told. A PBX may write one number with a prefix here and without
 * it there.
 */
export function isSameCaller(one: Party | null, other: Party | null): boolean | null {
  if (!one?.number || !other?.number) return null;
  return one.number.endsWith(other.number) || other.number.endsWith(one.number);
}
