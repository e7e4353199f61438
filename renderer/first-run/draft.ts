import { create } from 'zustand';
import { type Dialect, type Profile, type ProfileInput, profile } from '../../electron/contract/profile.ts';
import type { Snapshot } from '../../electron/contract/snapshot.ts';
import type { WordKey } from '../words/words.ts';

/** What stands in the form, as typed. */
export interface Draft {
  readonly address: string;
  readonly port: string;
  readonly extension: string;
  readonly password: string;
  readonly stationName: string;
  readonly shared: readonly SharedRow[];
  readonly dialect: Dialect;
}
export interface SharedRow {
  readonly id: number;
  readonly number: string;
}

/** Kept while the window lives, so that a mistaken address is mended and not typed again. */
export const useDraft = create<Draft>(() => ({
  address: '',
  port: '6060',
  extension: '',
  password: '',
  stationName: '',
  shared: [{ id: 1, number: '' }],
  dialect: 'spa9000',
}));

/** What is known of the station that is left, so that only what was wrong is typed anew. A password is not told to the window. */
export function draftOf(
  { station, extensions }: Pick<Snapshot, 'station' | 'extensions'>,
  draft: Draft,
): Draft {
  const [first] = extensions;
  if (!station || station.practice || !first) return draft;
  const { address, port, dialect } = station.pbx;
  if (draft.address.trim() === address && draft.extension.trim() === first.userId) return draft;
  const shared = extensions.flatMap(({ index, sharedUserId }) =>
    sharedUserId === null ? [] : [{ id: index, number: sharedUserId }],
  );
  return {
    address,
    port: String(port),
    extension: first.userId,
    password: '',
    stationName: station.name,
    shared: shared.length > 0 ? shared : draft.shared,
    dialect,
  };
}

export type FieldName =
  | 'address'
  | 'port'
  | 'extension'
  | 'password'
  | 'stationName'
  | `shared-${number}`
  | 'whole';
export type FieldErrors = Readonly<Partial<Record<FieldName, WordKey>>>;

/** SIP's own port (RFC 3261, 19.1.2); further extensions take the next ones. */
const firstLocalPort = 5060;

/** The profile that a draft describes, or what is wrong with which field. */
export function profileOf(draft: Draft): { profile: Profile } | { errors: FieldErrors } {
  const rows = draft.shared
    .map(({ id, number }) => ({ id, number: number.trim() }))
    .filter(({ number }) => number !== '');
  const parsed = profile.safeParse(inputOf(draft, rows));
  const errors: Partial<Record<FieldName, WordKey>> = { ...repeated(draft, rows) };
  for (const { path } of parsed.error?.issues ?? []) {
    const [field, why] = fieldAt(path, rows);
    errors[field] ??= why;
  }
  return parsed.success && Object.keys(errors).length === 0 ? { profile: parsed.data } : { errors };
}

function inputOf(draft: Draft, rows: readonly SharedRow[]): ProfileInput {
  const userId = draft.extension.trim();
  const { password, dialect } = draft;
  return {
    pbx: {
      address: draft.address.trim(),
      port: draft.port.trim() === '' ? undefined : Number(draft.port),
      dialect,
    },
    station: { name: draft.stationName.trim() },
    extensions: [
      { userId, password, localPort: firstLocalPort },
      ...rows.map(({ number }, position) => ({
        // Broadsoft's phones speak as the shared extension itself.
        userId: dialect === 'sca' ? number : userId,
        sharedUserId: number,
        password,
        localPort: firstLocalPort + 1 + position,
      })),
    ],
    lineKeys: [userId, ...rows.map(({ number }) => number)].map((label, position) => ({
      extension: position + 1,
      label,
    })),
  };
}

/** Rows that name an extension a second time. */
function repeated(draft: Draft, rows: readonly SharedRow[]): FieldErrors {
  const all = [draft.extension.trim(), ...rows.map(({ number }) => number)];
  const again = rows.filter(({ number }, position) => all.indexOf(number) < position + 1);
  return Object.fromEntries(again.map(({ id }) => [`shared-${id}`, 'setup.error.sharedTwice']));
}

/** The field that an issue of the profile's schema is about. */
function fieldAt(path: readonly PropertyKey[], rows: readonly SharedRow[]): [FieldName, WordKey] {
  const [part, name, inner] = path;
  if (part === 'pbx')
    return name === 'port' ? ['port', 'setup.error.port'] : ['address', 'setup.error.address'];
  if (part === 'station') return ['stationName', 'setup.error.stationName'];
  if (inner === 'password') return ['password', 'setup.error.password'];
  const row = typeof name === 'number' && inner !== 'userId' ? rows[name - 1] : undefined;
  return row ? [`shared-${row.id}`, 'setup.error.shared'] : ['extension', 'setup.error.extension'];
}
