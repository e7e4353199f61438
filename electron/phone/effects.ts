import type { Reason } from '../contract/reasons.ts';
import type { SettingsChange } from '../contract/settings.ts';
import type { AppearanceDialog } from './lines/dialog.ts';

/** What the SIP side is asked to do; it answers with events (events.ts), never with a return value. */
export type SipEffect =
  /** Tells the PBX that this station has just booted: full, empty dialog-info (facts 1.7, step 2). Answer: `agent`. */
  | { readonly type: 'announce'; readonly extension: number }
  /** Asks for an appearance. Answer: `seize-granted` or `seize-refused`. */
  | {
      readonly type: 'seize';
      readonly call: string;
      readonly extension: number;
      readonly appearance: number;
      readonly dialog: AppearanceDialog;
    }
  /** Tells the PBX what our call on the appearance does now. No answer. */
  | {
      readonly type: 'publish';
      readonly extension: number;
      readonly appearance: number;
      readonly dialog: AppearanceDialog;
    }
  | {
      readonly type: 'invite';
      readonly call: string;
      readonly extension: number;
      readonly number: string;
      /** The granted appearance; some dialects name it in the INVITE. */
      readonly appearance?: number | null;
    }
  /**
   * Takes a colleague's held or ringing call over, the dialect's way (Replaces, where it has no other). `appearance` null: the
   * dialog of a watched extension. Goes on as after `invite`.
   */
  | {
      readonly type: 'pick-up';
      readonly call: string;
      readonly extension: number;
      readonly appearance: number | null;
      readonly dialog: AppearanceDialog;
    }
  /** Joins a colleague's call, the dialect's way. Goes on as after `invite`. */
  | {
      readonly type: 'barge-in';
      readonly call: string;
      readonly extension: number;
      readonly appearance: number;
      readonly dialog: AppearanceDialog;
    }
  /** Sends the far end to a number (REFER, RFC 3515). Answer: `transfer-accepted`, `transferred` or `transfer-failed`. */
  | { readonly type: 'transfer'; readonly call: string; readonly number: string }
  /** Sends the far end to that of another call, in its place (REFER to a URI with Replaces; RFC 5589, 7). Same answers. */
  | { readonly type: 'transfer-to'; readonly call: string; readonly to: string }
  /** Carries out what a far end has asked for (`referred`), as the call `call`. Goes on as after `invite`. */
  | {
      readonly type: 'follow';
      readonly call: string;
      readonly extension: number;
      readonly referral: string;
      readonly appearance?: number | null;
    }
  /** Tells who refers that our user is being asked; `follow` or `refuse-referral` comes later. */
  | { readonly type: 'consider-referral'; readonly referral: string }
  | { readonly type: 'refuse-referral'; readonly referral: string; readonly status: 403 | 603 }
  /** Digits in INFO requests (application/dtmf-relay). */
  | { readonly type: 'info-digits'; readonly call: string; readonly tones: string }
  | { readonly type: 'accept'; readonly call: string }
  | { readonly type: 'decline'; readonly call: string; readonly status: number }
  /** CANCEL or BYE, whichever the state of the INVITE wants. Answer: `ended`. */
  | { readonly type: 'hang-up'; readonly call: string }
  /** Asks the far end whether it still has the call. Answer: `ended`, if not. */
  | { readonly type: 'ask-whether-there'; readonly call: string }
  | { readonly type: 'hold'; readonly call: string }
  | { readonly type: 'resume'; readonly call: string }
  | { readonly type: 'register-now'; readonly extension: number };

export type MediaEffect =
  | { readonly type: 'mute'; readonly call: string; readonly on: boolean }
  | {
      readonly type: 'dtmf';
      readonly call: string;
      readonly tones: string;
      readonly way: 'auto' | 'rfc4733' | 'inband';
    }
  /** A conference: the far end of `guest` takes part in `call`, does not any more, is heard by nobody (ports.ts). */
  | { readonly type: 'join'; readonly call: string; readonly guest: string }
  | { readonly type: 'part'; readonly guest: string }
  | { readonly type: 'mute-part'; readonly guest: string; readonly on: boolean }
  /** Into a file of this name in the folder that the settings say; null: no more. */
  | {
      readonly type: 'record';
      readonly call: string;
      readonly to: { readonly folder: string | null; readonly name: string; readonly tone: boolean } | null;
    }
  /** The recording goes on with another call, in the same file. */
  | { readonly type: 'move-recording'; readonly call: string; readonly to: string };

/** The result of a command: exactly one `reply` for each request. */
export type Reply =
  | { readonly ok: true; readonly result: { readonly call: string } | { readonly done: true } }
  | { readonly ok: false; readonly reason: Reason };

export type Effect =
  | SipEffect
  | MediaEffect
  | { readonly type: 'reply'; readonly request: number; readonly reply: Reply }
  /** The user's changes of the settings are to be remembered. */
  | { readonly type: 'save-settings'; readonly change: SettingsChange }
  /** Starts (or restarts) a named timer; `timer` comes back as an event. */
  | { readonly type: 'start-timer'; readonly timer: string; readonly ms: number }
  | { readonly type: 'stop-timer'; readonly timer: string }
  /** An event that cannot happen in this state: logged, never silent, never a crash. */
  | { readonly type: 'impossible'; readonly event: string; readonly state: string };

const sipEffects = new Set<Effect['type']>([
  'announce',
  'seize',
  'publish',
  'invite',
  'pick-up',
  'barge-in',
  'accept',
  'decline',
  'hang-up',
  'ask-whether-there',
  'hold',
  'resume',
  'transfer',
  'transfer-to',
  'follow',
  'consider-referral',
  'refuse-referral',
  'info-digits',
  'register-now',
]);
export const isSipEffect = (effect: Effect): effect is SipEffect => sipEffects.has(effect.type);
