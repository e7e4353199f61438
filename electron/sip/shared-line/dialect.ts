import type { AppearanceDialog, DialogIdentifiers } from '../../phone/lines/dialog.ts';
import type { Log, SipEventSink } from '../../phone/ports.ts';
import { type Header, header, type SipMessage } from '../message/message.ts';
import type { MakeRequest } from '../pbx/authorized-requests.ts';
import type { Identity } from '../pbx/identity.ts';
import type { Random } from '../random.ts';
import type { Subscriber, SubscriptionSpec } from '../subscriptions/subscriber.ts';

export interface Answer {
  readonly status: number;
  readonly phrase: string;
  readonly headers?: readonly Header[];
  /** Our tag in To, where the answer begins a dialog; a random one when absent. */
  readonly toTag?: string;
}

/** The headers of an INVITE, however it was read. */
export interface InviteHeaders {
  getHeader(name: string): string | undefined;
}

/** An INVITE that is more than a number to call. */
export interface InviteShape {
  /** Request-URI and To: a user at the PBX, or a whole SIP URI. */
  readonly to: { readonly user: string } | { readonly uri: string };
  /** The user in From; the station's own when absent. */
  readonly from?: { readonly user: string };
  /** `Name: value`. */
  readonly headers: readonly string[];
}

/** Nobody waits half a minute for a dial tone, ms; five repeats of the question have gone out by then. */
export const seizeTime = 8_000;

/** How one extension speaks shared lines with its PBX. What happens is told as SipEvents. */
export interface SharedLineDialect {
  /** Says that this station has just booted. Told: `agent`. */
  announce(): void;
  /** Asks for an appearance. Told: `seize-granted` or `seize-refused`. */
  seize(call: string, appearance: number, dialog: AppearanceDialog): void;
  /** Says what our call on the appearance does now. */
  publish(appearance: number, dialog: AppearanceDialog): void;
  /** A NOTIFY or SUBSCRIBE of the PBX; the answer to send, null: not of this dialect. Told: `appearances`. */
  receive(request: SipMessage): Answer | null;
  /** What an INVITE of ours on a granted appearance says of it. */
  inviteHeaders(appearance: number): readonly string[];
  /** The appearance that the PBX puts a call to us on; null: it does not say. */
  appearanceOf(invite: InviteHeaders): number | null;
  /** The INVITE that takes over a colleague's held call; null: this PBX cannot, or has not told enough. */
  pickUp(appearance: number, dialog: AppearanceDialog): InviteShape | null;
  /** The INVITE that joins a colleague's call; null: this PBX cannot, or has not told enough. */
  bargeIn(appearance: number, dialog: AppearanceDialog): InviteShape | null;
  close(): void;
}

export interface DialectContext {
  /** 1-based. */
  readonly extension: number;
  readonly identity: Identity;
  /** Sends a request to the PBX, challenge answered; null after `ms` without a final response (then no more repeats). */
  ask(request: SipMessage, ms: number): Promise<SipMessage | null>;
  /** Sends a request in whatever dialog it belongs to, with credentials; null as above. */
  askAuthorized(make: MakeRequest, ms: number): Promise<SipMessage | null>;
  /** Subscribes for as long as the extension is registered. */
  subscribe(spec: SubscriptionSpec): Subscriber;
  /** Ends a subscription; the PBX is told. */
  unsubscribe(subscriber: Subscriber): void;
  /** Ends a subscription that the PBX ends by itself. */
  abandon(subscriber: Subscriber): void;
  readonly tell: SipEventSink;
  readonly random: Random;
  readonly log: Log;
}

/** Of RFC 4235's documents. */
export const dialogInfoType = 'application/dialog-info+xml';

/** The event package of a NOTIFY or SUBSCRIBE, without its parameters. */
export const eventOf = (request: SipMessage): string =>
  (header(request, 'Event') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/**
 * `Replaces` (RFC 3891, 6.1) or `Join` (RFC 3911, 7.1) that names a colleague's dialog. Its local and remote are the
 * colleague's; whoever gets this header is the colleague's far end, whose own tag is to-tag.
 */
export const dialogHeader = (name: 'Replaces' | 'Join', dialog: DialogIdentifiers): string =>
  `${name}: ${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`;
