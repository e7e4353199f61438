import type { LineKeyState, LineKeyView } from '../../electron/contract/snapshot.ts';

export const groupings = ['number', 'state', 'label'] as const;
export type Grouping = (typeof groupings)[number];

/** What somebody at a desk with many keys looks for, the most pressing first. */
export const stateGroups = ['ringing', 'held', 'busy', 'free', 'unknown'] as const;
export type StateGroup = (typeof stateGroups)[number];

/** A key by its number, or the head of a group: `state:busy`, `label:Sales`. */
export type Row = number | `${'state' | 'label'}:${string}`;

/** More keys than this do not fit on a desk, however large the window: they become a dense field. */
const roomy = 24;

export const isCrowded = (keys: readonly LineKeyView[]): boolean => keys.length > roomy;

const groupOfState: Readonly<Record<LineKeyState, StateGroup>> = {
  idle: 'free',
  'remote-undefined': 'unknown',
  'local-seized': 'busy',
  'local-progressing': 'busy',
  'local-ringing': 'ringing',
  'local-active': 'busy',
  'local-held': 'held',
  'remote-seized': 'busy',
  'remote-progressing': 'busy',
  'remote-ringing': 'ringing',
  'remote-active': 'busy',
  'remote-held': 'held',
  'private-held': 'held',
  registering: 'unknown',
  'register-failed': 'unknown',
  disabled: 'unknown',
  'call-back-active': 'free',
};

export const stateGroupOf = (state: LineKeyState): StateGroup => groupOfState[state];

/** What the labels of a department have in common: "Sales" of "Sales 12", "60" of "6012", else the first letter. */
export function labelGroupOf(label: string): string {
  const [, words = '', digits = ''] = /^(.*?)[\s._-]*(\d*)$/.exec(label.trim()) ?? [];
  if (words !== '' && digits !== '') return words;
  if (words === '') return digits.slice(0, -2) || digits;
  return words.slice(0, 1).toLocaleUpperCase();
}

/** Which keys to show, in which order, under which heads. */
export function arrange(
  keys: readonly LineKeyView[],
  { search, grouping }: { readonly search: string; readonly grouping: Grouping },
): Row[] {
  const found = keys.filter((key) => isFound(key, search));
  if (grouping === 'number') return found.map(({ index }) => index);
  const groups = new Map<string, number[]>();
  for (const key of found) {
    const name = grouping === 'state' ? groupOfState[key.state] : labelGroupOf(key.label);
    groups.set(name, [...(groups.get(name) ?? []), key.index]);
  }
  const names: readonly string[] =
    grouping === 'state' ? stateGroups : [...groups.keys()].sort((one, other) => one.localeCompare(other));
  return names.flatMap((name): Row[] => {
    const members = groups.get(name) ?? [];
    return members.length === 0 ? [] : [`${grouping}:${name}`, ...members];
  });
}

/** Whether a key bears what is looked for: its label, number, who is on it or with whom. Blanks do not count. */
export function isFound(key: LineKeyView, search: string): boolean {
  const wanted = plain(search);
  if (wanted === '') return true;
  const people = key.appearances.flatMap(({ who, with: farEnd }) => [who, farEnd]);
  return [key.label, key.watched, key.who, key.with, ...people].some((text) =>
    plain(text ?? '').includes(wanted),
  );
}

const plain = (text: string): string => text.toLocaleLowerCase().replace(/\s/g, '');
