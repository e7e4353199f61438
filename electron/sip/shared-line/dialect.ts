import type { AppearanceDialog } from '../../phone/dialog.ts';
import type { Log, SipEventSink } from '../../phone/ports.ts';
import type { Identity } from '../identity.ts';
import type { SipMessage } from '../message.ts';
import type { Random } from '../random.ts';

/** How one extension speaks shared lines with its PBX. What happens is told as SipEvents. */
export interface SharedLineDialect {
  /** Says that this station has just booted. Told: `agent`. */
  announce(): void;
  /** Asks for an appearance. Told: `seize-granted` or `seize-refused`. */
  seize(call: string, appearance: number, dialog: AppearanceDialog): void;
  /** Says what our call on the appearance does now. */
  publish(appearance: number, dialog: AppearanceDialog): void;
  /** A NOTIFY with `Event: dialog` from the PBX; the answer to send. Told: `appearances`. */
  receive(notify: SipMessage): { readonly status: number; readonly phrase: string };
  close(): void;
}

export interface DialectContext {
  /** 1-based. */
  readonly extension: number;
  readonly identity: Identity;
  /** Sends a request to the PBX, challenge answered; null after `ms` without a final response (then no more repeats). */
  ask(request: SipMessage, ms: number): Promise<SipMessage | null>;
  readonly tell: SipEventSink;
  readonly random: Random;
  readonly log: Log;
}
