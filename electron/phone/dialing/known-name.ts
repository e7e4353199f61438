import type { Party } from '../lines/dialog.ts';
import type { Phone } from '../phone.ts';

/**
 * A party with the name that this phone has for it, where its own is not told: that of the key which watches it, or as it
 * called itself in an earlier call. For people only; what goes out on the wire stays as it came.
 */
export function known(phone: Pick<Phone, 'config' | 'history'>, party: Party): Party {
  const { number, name } = party;
  if (number === '' || (name !== null && name !== '' && name !== number)) return party;
  const watching = phone.config.lineKeys.find(({ watched }) => watched === number)?.label;
  const earlier = phone.history.find(({ remote }) => remote.number === number && remote.name)?.remote.name;
  const found = watching ?? earlier ?? null;
  return found === null ? party : { ...party, name: found };
}

/** Who a number is, in a word. */
export const nameOf = (phone: Pick<Phone, 'config' | 'history'>, number: string): string =>
  known(phone, { number, name: null }).name ?? number;
