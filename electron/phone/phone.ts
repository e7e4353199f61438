import type { Dialect } from '../contract/profile.ts';
import type { Reason } from '../contract/reasons.ts';
import type { Settings } from '../contract/settings.ts';
import type { CallRecord, DeviceState, LineKeyState, RegistrationState } from '../contract/snapshot.ts';
import type { Call } from './calls/call.ts';
import { type Conference, membersOf } from './conference/conference.ts';
import type { SeenDialog, SharedLine } from './lines/appearance.ts';
import { type KeyLayout, keyOfAppearance } from './lines/appearance-map.ts';
import type { AppearanceDialog, Party } from './lines/dialog.ts';

/** What never changes while a station runs: made from its profile (config.ts). */
export interface PhoneConfig {
  readonly extensions: readonly ExtensionConfig[];
  readonly lineKeys: readonly LineKeyConfig[];
  readonly displayName: string;
  readonly dialect: Dialect;
  readonly emergencyNumbers: readonly string[];
  /** Where the user's settings begin. */
  readonly settings: Settings;
}

export interface ExtensionConfig {
  readonly userId: string;
  readonly sharedUserId: string | null;
  /** A colleague's active call on it may be joined. */
  readonly bargeIn: boolean;
  readonly layout: KeyLayout;
}

export interface LineKeyConfig {
  /** 1-based, as in the contract. */
  readonly index: number;
  readonly extension: number;
  readonly label: string;
  readonly shared: boolean;
  /** Which of the keys of its extension it is, 0-based. */
  readonly ordinal: number;
  /** The extension that it watches; such a key speaks on none. */
  readonly watched: string | null;
}

export interface Extension {
  readonly index: number;
  readonly registration: RegistrationState;
  readonly reason: Reason | null;
  readonly localPort: number | null;
  /** Set while the port asked for is taken and another one serves. */
  readonly wantedPort: number | null;
  /** Whether the PBX has a shared-line agent; null until it has answered our first NOTIFY. */
  readonly agent: boolean | null;
  /** When the PBX was last told that calls in our name are not ours, in ms since the epoch. */
  readonly disownedAt: number | null;
}

/** A line key's state as last shown, and since when: kept so that `since` moves only when the state does. */
export interface ShownKey {
  readonly state: LineKeyState;
  readonly who: string | null;
  readonly with: string | null;
  readonly since: number;
}

/** A number that was busy, called again until it is free. */
export interface CallBack {
  readonly lineKey: number;
  readonly number: string;
  /** When it is given up, ms since the epoch. */
  readonly until: number;
  /** The attempt that is being made. */
  readonly call: string | null;
}

export interface ShownNotice {
  readonly id: string;
  readonly reason: Reason;
}

/**
 * A dialog of ours on a shared line that is over. It is kept for a while, for the PBX may not have heard that it is
 * over: whenever it still speaks of it, it is told again.
 */
export interface LeftDialog {
  readonly call: string;
  readonly extension: number;
  readonly appearance: number;
  readonly dialog: AppearanceDialog;
  /** When the PBX was told last, in ms since the epoch; null: not yet. */
  readonly toldAt: number | null;
}

/** A call that is over, as its record needs it. */
export interface PastCall
  extends Pick<
    CallRecord,
    'id' | 'extension' | 'label' | 'direction' | 'outcome' | 'by' | 'quality' | 'recording'
  > {
  readonly remote: Party;
  readonly appearance: number | null;
  readonly began: number;
  readonly connected: number | null;
  readonly ended: number;
}

/** The whole truth of a running station. Instants are milliseconds since the epoch. */
export interface Phone {
  readonly config: PhoneConfig;
  readonly extensions: readonly Extension[];
  /** One for each extension: what the PBX says of its appearances. */
  readonly lines: readonly SharedLine[];
  /** The calls of watched extensions, by `watchName`; of one that is not in it nothing is known. */
  readonly watched: ReadonlyMap<string, readonly SeenDialog[]>;
  readonly keys: readonly ShownKey[];
  readonly calls: readonly Call[];
  readonly conferences: readonly Conference[];
  /** Dialogs of ours on shared lines that are over, lest the PBX has not heard it. */
  readonly left: readonly LeftDialog[];
  /** Latest first. */
  readonly history: readonly PastCall[];
  readonly doNotDisturb: boolean;
  readonly settings: Settings;
  /** The number that was called last. */
  readonly lastDialed: string | null;
  readonly notices: readonly ShownNotice[];
  /** Sounds after a call that came to nothing. */
  readonly failTone: 'busy' | 'reorder' | null;
  readonly callBack: CallBack | null;
  readonly microphone: DeviceState;
  readonly speaker: DeviceState;
  /** Where the ids of our dialogs begin: other than those of other stations, and of our own last run. */
  readonly firstDialog: number;
  /** Numbers calls, dialogs and notices. */
  readonly counter: number;
}

/** Calls at once, all line keys together (the bar is the desk phone's six). */
export const maximumCalls = 6;

export const lineKeyAt = (phone: Phone, index: number): LineKeyConfig | undefined =>
  phone.config.lineKeys[index - 1];
export const extensionAt = (phone: Phone, index: number): Extension | undefined =>
  phone.extensions[index - 1];
export const extensionConfigAt = (phone: Phone, index: number): ExtensionConfig | undefined =>
  phone.config.extensions[index - 1];
export const callById = (phone: Phone, id: string): Call | undefined =>
  phone.calls.find((call) => call.id === id);
export const callsOnKey = (phone: Phone, lineKey: number): readonly Call[] =>
  phone.calls.filter((call) => call.lineKey === lineKey);
/** The conference that a call is in, or on its way to. */
export const conferenceOf = (phone: Phone, call: string): Conference | undefined =>
  phone.conferences.find((conference) => membersOf(conference).includes(call));

/** The host of the conference that a call is heard in; null: none. */
export function hostOf(phone: Phone, call: string): string | null {
  const found = phone.conferences.find(
    ({ host, guests }) => guests.length > 0 && (host === call || guests.includes(call)),
  );
  return found?.host ?? null;
}

/** A call with all those that it shares its conversation with. */
export function conversationOf(phone: Phone, call: string): readonly string[] {
  const conference = conferenceOf(phone, call);
  return conference ? membersOf(conference) : [call];
}

/** An extension as seen by the one that watches it. */
export const watchName = (extension: number, watched: string): string => `${extension} ${watched}`;

export const lineOf = (phone: Phone, extension: number): SharedLine | undefined => phone.lines[extension - 1];

export const withExtension = (phone: Phone, index: number, change: Partial<Extension>): Phone => ({
  ...phone,
  extensions: phone.extensions.map((extension) =>
    extension.index === index ? { ...extension, ...change } : extension,
  ),
});

export const withLine = (phone: Phone, extension: number, line: SharedLine): Phone => ({
  ...phone,
  lines: phone.lines.map((each, position) => (position === extension - 1 ? line : each)),
});

/** The key that an appearance of an extension sits on. */
export function keyAtAppearance(
  phone: Phone,
  extension: number,
  appearance: number,
): LineKeyConfig | undefined {
  const layout = extensionConfigAt(phone, extension)?.layout;
  const ordinal = layout ? keyOfAppearance(appearance, layout) : null;
  return keysOf(phone, extension).find((key) => key.ordinal === ordinal);
}

export const keysOf = (phone: Phone, extension: number): readonly LineKeyConfig[] =>
  phone.config.lineKeys.filter((key) => key.extension === extension && key.watched === null);

export const callAtAppearance = (phone: Phone, extension: number, appearance: number): Call | undefined =>
  phone.calls.find(
    (call) => call.extension === extension && call.appearance === appearance && call.phase !== 'ending',
  );

/** The appearances, of those given, that neither a colleague nor we are on, nor a colleague is just taking over. */
export const freeOf = (phone: Phone, extension: number, appearances: readonly number[]): readonly number[] =>
  appearances.filter(
    (appearance) =>
      !callAtAppearance(phone, extension, appearance) &&
      !lineOf(phone, extension)?.dialogs.some((seen) => seen.appearance === appearance) &&
      !isHandedOver(phone, extension, appearance),
  );

/** A colleague has taken our call on it over, and the PBX has not said so yet. */
export const isHandedOver = (phone: Phone, extension: number, appearance: number): boolean =>
  phone.left.some(
    (left) => left.extension === extension && left.appearance === appearance && left.toldAt === null,
  );
