/** How the appearances of one shared extension lie on its line keys. */
export interface KeyLayout {
  /** How many keys the extension has. */
  readonly keys: number;
  /** Calls of ours that one key holds. */
  readonly callsPerKey: number;
  /** `vertical`: the second call takes the next key; `horizontal`: it stays on the same one (SPA9x2 guide, p. 94). */
  readonly mapping: 'vertical' | 'horizontal';
}

/**
 * The key of an appearance: its ordinal, 0-based, among the keys of the extension; null when it has none. A PBX may tell
 * of more appearances than the keys hold: these show, too.
 *
 *   two keys, two calls a key       key 0     key 1
 *   vertical                        0 2 4 ..  1 3 5 ..
 *   horizontal                      0 1       2 3 4 5 ..
 */
export function keyOfAppearance(
  appearance: number,
  { keys, callsPerKey, mapping }: KeyLayout,
): number | null {
  if (keys === 0) return null;
  if (mapping === 'vertical') return appearance % keys;
  return Math.min(Math.floor(appearance / callsPerKey), keys - 1);
}

/** The appearances that a call of ours on the key may take, in the order they are taken. */
export function appearancesOfKey(key: number, { keys, callsPerKey, mapping }: KeyLayout): readonly number[] {
  return Array.from({ length: callsPerKey }, (_, call) =>
    mapping === 'vertical' ? key + call * keys : key * callsPerKey + call,
  );
}

/** All appearances that a call of ours may take. */
export const appearancesOf = ({ keys, callsPerKey }: KeyLayout): readonly number[] =>
  Array.from({ length: keys * callsPerKey }, (_, appearance) => appearance);
