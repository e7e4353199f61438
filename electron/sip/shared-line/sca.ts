import type { AppearanceDialog, PlacedDialog } from '../../phone/lines/dialog.ts';
import { headerValues, type SipMessage } from '../message/message.ts';
import type { Subscriber } from '../subscriptions/subscriber.ts';
import { dialogOf, readCallInfo, writeCallInfo } from './call-info.ts';
import {
  type DialectContext,
  type InviteHeaders,
  type InviteShape,
  type SharedLineDialect,
  seizeTime,
} from './dialect.ts';

/** Seconds; the longest that Broadsoft's packages allow. */
const callInfoExpires = 3_600;
const lineSeizeExpires = 15;
const settleTime = 1_000;

/** A line that we have asked for, or hold without a call yet. */
interface Seize {
  readonly call: string;
  appearance: number;
  granted: boolean;
  readonly subscription: Subscriber;
  readonly timer: NodeJS.Timeout;
}

/**
 * Broadsoft's shared call appearances. The PBX follows our calls by their INVITEs, which name the appearance in
 * Call-Info, and tells all stations by NOTIFYs of `call-info`; a line is seized by a subscription to `line-seize`, whose
 * NOTIFY grants it. Call-Info counts appearances from 1; nothing but call-info.ts knows that.
 */
export class ScaDialect implements SharedLineDialect {
  private readonly seizes = new Set<Seize>();
  /** Appearances that our own calls are on. */
  private readonly ours = new Set<number>();
  /** What was last told of each appearance that is in use. */
  private readonly told = new Map<number, PlacedDialog>();
  private readonly settling = new Set<NodeJS.Timeout>();
  /** Whether the PBX follows this line at all; null: not known yet. */
  private present: boolean | null = null;

  constructor(private readonly context: DialectContext) {
    context.subscribe({
      user: context.identity.registeredUser,
      event: () => 'call-info',
      accept: null,
      expires: callInfoExpires,
      notified: (notify) => this.callInfo(notify),
      lost: () => this.lost(),
      refused: (status) => this.refused(status),
    });
  }

  /** The subscription itself says it: begun anew, it frees what the PBX thought we had. */
  announce(): void {
    if (this.present !== null) this.tellAgent(this.present);
  }

  seize(call: string, appearance: number): void {
    const { context } = this;
    const subscription = context.subscribe({
      user: context.identity.registeredUser,
      event: () => 'line-seize',
      accept: null,
      expires: lineSeizeExpires,
      urgent: true,
      headers: () => [{ name: 'Call-Info', value: writeCallInfo(context.identity.pbx.host, appearance) }],
      notified: (notify) => this.grant(seize, notify),
      lost: () => this.refuse(seize, false),
      refused: () => this.refuse(seize, false),
    });
    const timer = setTimeout(() => this.refuse(seize, true), seizeTime);
    const seize: Seize = { call, appearance, granted: false, subscription, timer };
    this.seizes.add(seize);
  }

  /** Only what no INVITE tells: that a line without a call is given back. */
  publish(appearance: number, dialog: AppearanceDialog): void {
    if (dialog.state !== 'terminated') {
      this.ours.add(appearance);
      return;
    }
    for (const seize of this.seizes) if (seize.appearance === appearance) this.giveBack(seize);
    this.ours.delete(appearance);
    this.settleLater(appearance);
  }

  receive(): null {
    return null;
  }

  /** The call goes on where the seize ends: what is left of its subscription is the PBX's to end. */
  inviteHeaders(appearance: number): readonly string[] {
    for (const seize of this.seizes) if (seize.appearance === appearance) this.forget(seize);
    this.ours.add(appearance);
    return [this.callInfoHeader(appearance)];
  }

  appearanceOf(invite: InviteHeaders): number | null {
    const [info] = readCallInfo([invite.getHeader('Call-Info') ?? '']);
    return typeof info?.appearance === 'number' ? info.appearance : null;
  }

  /** An INVITE from the shared extension to itself that names the held appearance (Kamailio sca, NOTES). */
  pickUp(appearance: number): InviteShape {
    const user = this.context.identity.registeredUser;
    return { to: { user }, from: { user }, headers: [this.callInfoHeader(appearance)] };
  }

  /** Bridging is asked for like picking up; whether it is allowed is the PBX's to say. */
  bargeIn(appearance: number): InviteShape {
    return this.pickUp(appearance);
  }

  close(): void {
    for (const seize of this.seizes) clearTimeout(seize.timer);
    this.seizes.clear();
    for (const timer of this.settling) clearTimeout(timer);
    this.settling.clear();
  }

  /** Whoever has the appearance after us was told as our own call; the PBX needs a moment to say that it is free. */
  private settleLater(appearance: number): void {
    const timer = setTimeout(() => {
      this.settling.delete(timer);
      this.settle(appearance);
    }, settleTime);
    this.settling.add(timer);
  }

  private settle(appearance: number): void {
    const now = this.told.get(appearance);
    if (now) this.tell(false, [now]);
  }

  private callInfoHeader(appearance: number): string {
    return `Call-Info: ${writeCallInfo(this.context.identity.pbx.host, appearance)}`;
  }

  private callInfo(notify: SipMessage): boolean {
    const infos = readCallInfo(headerValues(notify, 'Call-Info'));
    const full = infos.some(({ appearance }) => appearance === 'rest');
    const dialogs = infos.flatMap(({ appearance, state, remote }) =>
      appearance === 'rest' || !state ? [] : [dialogOf(appearance, state, remote)],
    );
    if (full) this.told.clear();
    for (const placed of dialogs) this.remember(placed);
    if (!this.present) this.tellAgent(true);
    if (infos.length > 0) this.tell(full, dialogs);
    return true;
  }

  private remember(placed: PlacedDialog): void {
    if (placed.dialog.state === 'terminated') this.told.delete(placed.appearance);
    else this.told.set(placed.appearance, placed);
  }

  /** Our own calls are none of a colleague's; Call-Info does not say whose they are. */
  private tell(full: boolean, dialogs: readonly PlacedDialog[]): void {
    const { extension, tell } = this.context;
    const theirs = dialogs.filter(({ appearance }) => !this.isOurs(appearance));
    tell({ type: 'appearances', extension, full, dialogs: theirs });
  }

  private isOurs(appearance: number): boolean {
    return this.ours.has(appearance) || [...this.seizes].some((seize) => seize.appearance === appearance);
  }

  private lost(): void {
    this.told.clear();
    this.context.tell({ type: 'appearances-unknown', extension: this.context.extension });
  }

  private refused(status: number): boolean {
    const { extension, log } = this.context;
    log.warn({ extension, status }, 'the PBX does not tell the state of the shared line (call-info)');
    this.tellAgent(false);
    return false;
  }

  private tellAgent(present: boolean): void {
    this.present = present;
    this.context.tell({ type: 'agent', extension: this.context.extension, present });
  }

  /** The NOTIFY names the appearance that we get; it may be another than we have asked for. */
  private grant(seize: Seize, notify: SipMessage): boolean {
    if (seize.granted || !this.seizes.has(seize)) return true;
    clearTimeout(seize.timer);
    seize.granted = true;
    const [info] = readCallInfo(headerValues(notify, 'Call-Info'));
    const asked = seize.appearance;
    if (typeof info?.appearance === 'number') seize.appearance = info.appearance;
    this.ours.add(seize.appearance);
    const other = seize.appearance === asked ? {} : { appearance: seize.appearance };
    this.context.tell({ type: 'seize-granted', call: seize.call, ...other });
    return true;
  }

  /** 480: a colleague has it (the PBX answers so); 400 and 403 are no better for the user. */
  private refuse(seize: Seize, silent: boolean): boolean {
    if (!this.seizes.has(seize)) return false;
    this.forget(seize);
    if (!seize.granted) {
      this.context.tell({ type: 'seize-refused', call: seize.call, silent });
      // What was told of it meanwhile was not about us.
      this.settle(seize.appearance);
    }
    return false;
  }

  private giveBack(seize: Seize): void {
    clearTimeout(seize.timer);
    this.seizes.delete(seize);
    this.context.unsubscribe(seize.subscription);
  }

  private forget(seize: Seize): void {
    clearTimeout(seize.timer);
    this.seizes.delete(seize);
    this.context.abandon(seize.subscription);
  }
}
