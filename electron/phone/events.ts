import type { CommandName, CommandParams, PlayoutReport } from '../contract/commands.ts';
import type { OpusWishes } from '../contract/opus-wishes.ts';
import type { CodecName } from '../contract/profile.ts';
import type { Reason, RecordingTrouble } from '../contract/reasons.ts';
import type { DeviceState } from '../contract/snapshot.ts';
import type { AppearanceDialog, DialogIdentifiers, Party, PlacedDialog } from './lines/dialog.ts';
import type { LegQuality } from './quality/leg-quality.ts';

/** Commands that the core itself carries out; the others concern the station as a whole (station-host.ts). */
export type PhoneCommandName = Exclude<
  CommandName,
  'detect' | 'connect' | 'practice' | 'disconnect' | 'trace' | 'exportTrace'
>;
export type PhoneCommand = {
  [N in PhoneCommandName]: { readonly name: N; readonly params: CommandParams<N> };
}[PhoneCommandName];

/** Extension indexes and line key indexes are 1-based, appearances 0-based, everywhere. */
export type SipEvent =
  /** The socket of an extension is bound; `wanted` differs when that port was taken. */
  | { readonly type: 'bound'; readonly extension: number; readonly port: number; readonly wanted: number }
  | { readonly type: 'registering'; readonly extension: number }
  /** `fresh`: the PBX did not know this binding before (first time, or after an outage): shared state must be told anew. */
  | { readonly type: 'registered'; readonly extension: number; readonly fresh: boolean }
  | { readonly type: 'register-failed'; readonly extension: number; readonly reason: Reason }
  | { readonly type: 'unregistered'; readonly extension: number }
  /** The answer to our full NOTIFY: whether this PBX has a shared-line agent at all. */
  | { readonly type: 'agent'; readonly extension: number; readonly present: boolean }
  /** What the PBX says of an extension's appearances. `full`: those not listed are idle. */
  | {
      readonly type: 'appearances';
      readonly extension: number;
      readonly full: boolean;
      readonly dialogs: readonly PlacedDialog[];
    }
  /** Nobody tells the state of an extension's appearances any more (the subscription is lost). */
  | { readonly type: 'appearances-unknown'; readonly extension: number }
  /** What a watched extension's calls are; null: not known (no subscription). `watch` counts the watching keys' extensions. */
  | {
      readonly type: 'watched';
      readonly userId: string;
      readonly extension: number;
      readonly dialogs: readonly AppearanceDialog[] | null;
    }
  /** `appearance`: the one granted, where the PBX chose another than was asked for. */
  | { readonly type: 'seize-granted'; readonly call: string; readonly appearance?: number }
  /** `silent`: no answer at all came back. */
  | { readonly type: 'seize-refused'; readonly call: string; readonly silent: boolean }
  /** A new INVITE; 180 has been sent. The SIP side chose the call id. */
  | {
      readonly type: 'incoming';
      readonly call: string;
      readonly extension: number;
      readonly remote: Party;
      /** The appearance that the PBX puts it on, when it says so in the INVITE. */
      readonly appearance?: number | null;
    }
  /** The call's dialog has a name now, and its far end an address (both may change with a fork or a transfer). */
  | {
      readonly type: 'dialog';
      readonly call: string;
      readonly identifiers: DialogIdentifiers;
      readonly target: string | null;
    }
  /** A colleague has taken our held call over (INVITE with Replaces); `ended` follows. */
  | { readonly type: 'taken-over'; readonly call: string; readonly by: Party | null }
  /** A colleague has joined our call (Join, RFC 3911) or left it: all who are in it besides us and the far end. */
  | { readonly type: 'joined'; readonly call: string; readonly parties: readonly Party[] }
  /** 180/183; `media`: the far end sends early media, so no ringback tone of our own. */
  | { readonly type: 'progress'; readonly call: string; readonly media: boolean }
  /** Answered: 2xx sent or received and media set up. */
  | { readonly type: 'answered'; readonly call: string; readonly remote: Party | null }
  /** An answered call has another far end now (Replaces, RFC 3891), and goes on: what we hold stays held. */
  | { readonly type: 'replaced'; readonly call: string; readonly remote: Party }
  /** Who the far end is, as the PBX says in the call: it may have connected it with somebody else (RFC 3325, RFC 4916). */
  | { readonly type: 'identified'; readonly call: string; readonly remote: Party }
  /** Over, whoever ended it. `reason` null: an ordinary hang-up or our own CANCEL. */
  | { readonly type: 'ended'; readonly call: string; readonly reason: Reason | null }
  | { readonly type: 'held'; readonly call: string }
  | { readonly type: 'resumed'; readonly call: string }
  | { readonly type: 'hold-failed'; readonly call: string }
  | { readonly type: 'remote-hold'; readonly call: string; readonly on: boolean }
  /** The far end is on its way to where we have sent it (REFER accepted), has got there, or has not. */
  | { readonly type: 'transfer-accepted'; readonly call: string }
  | { readonly type: 'transferred'; readonly call: string }
  | { readonly type: 'transfer-failed'; readonly call: string; readonly reason: Reason }
  /**
   * The far end sends us elsewhere (REFER). The core begins a call for it and carries it out with `follow`; `referral`
   * names it. `target` is where we are sent; `replaces`: to take the place of a call there (attended transfer).
   */
  | {
      readonly type: 'referred';
      readonly call: string;
      readonly referral: string;
      readonly target: Party;
      readonly replaces: boolean;
    };

export type PhoneEvent =
  | SipEvent
  | { readonly type: 'command'; readonly request: number; readonly command: PhoneCommand }
  | { readonly type: 'timer'; readonly timer: string }
  | { readonly type: 'audio'; readonly microphone: DeviceState; readonly speaker: DeviceState }
  | { readonly type: 'media-failed'; readonly call: string }
  /** What the call's sound is made of, after each offer/answer. */
  | {
      readonly type: 'sound';
      readonly call: string;
      readonly codec: CodecName;
      readonly encrypted: boolean;
      readonly opus: OpusWishes | null;
    }
  | { readonly type: 'leg-quality'; readonly call: string; readonly quality: LegQuality }
  | { readonly type: 'playout'; readonly report: PlayoutReport }
  | RecordingEvent;

/** A recording has begun in this file, or cannot be written (any more). */
export type RecordingEvent =
  | { readonly type: 'recording'; readonly call: string; readonly file: string }
  | {
      readonly type: 'recording-failed';
      readonly call: string;
      readonly file: string;
      readonly trouble: RecordingTrouble;
      /** As the system says it. */
      readonly detail: string;
    };
