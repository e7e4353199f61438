import type { Reason } from '../contract/reasons.ts';
import type { DeviceState, LineKeyState, RegistrationState } from '../contract/snapshot.ts';
import type { Appearance } from './appearance.ts';
import type { Call } from './call.ts';

/** What never changes while a station runs: made from its profile (config.ts). */
export interface PhoneConfig {
  readonly extensions: readonly ExtensionConfig[];
  readonly lineKeys: readonly LineKeyConfig[];
  readonly displayName: string;
}

export interface ExtensionConfig {
  readonly userId: string;
  readonly sharedUserId: string | null;
}

export interface LineKeyConfig {
  /** 1-based, as in the contract. */
  readonly index: number;
  readonly extension: number;
  readonly label: string;
  /** Ordinal of this key among the keys of its extension, 0-based (`x-line-id`); null on a private extension. */
  readonly appearance: number | null;
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
}

/** A line key's state as last shown, and since when: kept so that `since` moves only when the state does. */
export interface ShownKey {
  readonly state: LineKeyState;
  readonly who: string | null;
  readonly since: number;
}

export interface ShownNotice {
  readonly id: string;
  readonly reason: Reason;
}

/** The whole truth of a running station. Instants are milliseconds since the epoch. */
export interface Phone {
  readonly config: PhoneConfig;
  readonly extensions: readonly Extension[];
  /** One for each line key: what the PBX says of its appearance. */
  readonly appearances: readonly Appearance[];
  readonly keys: readonly ShownKey[];
  readonly calls: readonly Call[];
  readonly notices: readonly ShownNotice[];
  readonly busyTone: boolean;
  readonly microphone: DeviceState;
  readonly speaker: DeviceState;
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
