/**
 * One dialog of a shared line as every dialect can tell it (RFC 4235, 4.1; facts 2.2, 3.1): what a colleague's
 * station does on an appearance, and what we publish of our own.
 */
export type DialogState = 'trying' | 'proceeding' | 'early' | 'confirmed' | 'terminated';

export interface Party {
  /** The user part of the identity: 5031. */
  readonly number: string;
  readonly name: string | null;
  /** Where it can be reached, when told: the target, else the identity. */
  readonly uri?: string | null;
}

/** The name of a SIP dialog as the station on the line has it (RFC 4235, 4.1.2): what Replaces and Join refer to. */
export interface DialogIdentifiers {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

export interface AppearanceDialog {
  /** RFC 4235 dialog id; the PBX passes it on unchanged. */
  readonly id: string;
  readonly direction: 'initiator' | 'recipient';
  readonly state: DialogState;
  /** On hold: `+sip.rendering` = `no` on the local target (facts 3.1). */
  readonly held: boolean;
  /** Held so that nobody else may take it. */
  readonly exclusive: boolean;
  /** The station on the line. */
  readonly local: Party | null;
  /** The far end of its call. */
  readonly remote: Party | null;
  readonly identifiers?: DialogIdentifiers | null;
  /** For how many seconds already, when told. */
  readonly duration?: number | null;
  /** A colleague has joined it (RFC 7463 `joined-dialog`). */
  readonly joined?: boolean;
}

/** A dialog and the appearance it sits on: 0-based ordinal of the line key of its extension (`x-line-id`). */
export interface PlacedDialog {
  readonly appearance: number;
  readonly dialog: AppearanceDialog;
}

export const terminated = (dialog: AppearanceDialog): AppearanceDialog => ({
  ...dialog,
  state: 'terminated',
  held: false,
  exclusive: false,
});
