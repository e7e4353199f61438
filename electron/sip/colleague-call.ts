import type { AppearanceDialog } from '../phone/dialog.ts';
import type { InviteShape } from './shared-line/dialect.ts';

/**
 * An INVITE for a colleague's call as it goes out. It requires what its header needs (RFC 3891, 6.2; RFC 3911, 7.2):
 * a far end without it refuses with 420, where it would otherwise ring as for a new caller and leave the held call
 * waiting. Proxies do not look at Require (RFC 3261, 20.32). A ringing call is picked up only while it rings: once a
 * colleague has answered, nobody's conversation is taken away (RFC 3891, 7.1).
 */
export function forColleagueCall({ to, headers }: InviteShape, { state }: AppearanceDialog): InviteShape {
  const rings = state === 'early' || state === 'proceeding';
  const named = headers.map((each) => (rings && isHeader(each, 'replaces') ? `${each};early-only` : each));
  const required = ['replaces', 'join'].filter((option) => headers.some((each) => isHeader(each, option)));
  return { to, headers: [...named, ...required.map((option) => `Require: ${option}`)] };
}

const isHeader = (line: string, name: string): boolean => line.toLowerCase().startsWith(`${name}:`);
