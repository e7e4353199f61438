import { optionTags } from '../pbx/identity.ts';
import type { InviteShape } from '../shared-line/dialect.ts';

/**
 * An INVITE for a colleague's call as it goes out. It requires what its header needs (RFC 3891, 6.2; RFC 3911, 7.2):
 * a far end without it refuses with 420, where it would otherwise ring as for a new caller and leave the held call
 * waiting. Proxies do not look at Require (RFC 3261, 20.32).
 */
export function forColleagueCall(shape: InviteShape): InviteShape {
  const { headers } = shape;
  const isNamed = (option: string): boolean =>
    headers.some((each) => each.toLowerCase().startsWith(`${option}:`));
  const required = optionTags.filter(isNamed).map((option) => `Require: ${option}`);
  return { ...shape, headers: [...headers, ...required] };
}
