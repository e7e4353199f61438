import type { AppearanceDialog, PlacedDialog } from '../../phone/lines/dialog.ts';
import { header, type SipMessage } from '../message/message.ts';
import { readSeconds, readValue } from '../message/message-fields.ts';
import { contactUri, pbxUri } from '../pbx/identity.ts';
import { Notifier, type NotifierSubscription } from '../subscriptions/notifier.ts';
import { transactionTime } from '../transactions/timers.ts';
import {
  type Answer,
  type DialectContext,
  dialogInfoType,
  type InviteShape,
  type SharedLineDialect,
  seizeTime,
} from './dialect.ts';
import { writeDialogInfo } from './dialog-info.ts';
import { readDialogNotify } from './dialog-notify.ts';
import { DocumentOrder } from './document-order.ts';
import { inviteToFarEnd } from './far-end.ts';
import { InTurn } from './in-turn.ts';

/** Seconds; what the phones ask for ("Subscription Expires"). */
const expires = 3_600;
/** Milliseconds that a registered station waits for the PBX to subscribe to it. */
const arrivalTime = 4_000;

/** A line that we have asked for and not got yet. */
interface Seize {
  readonly call: string;
  readonly appearance: number;
  readonly dialog: AppearanceDialog;
  /** ms since the epoch. */
  readonly until: number;
  /** Runs while the PBX wants us to wait (Retry-After). */
  timer: NodeJS.Timeout | null;
}

/**
 * draft-anil-sipping-bla, -03 and -04: the PBX subscribes to our Contact and hears there what we do, and we subscribe
 * to the shared extension and hear there what all do. A line is seized by a partial NOTIFY `trying`; its 2xx grants it.
 */
export class BlaDialect implements SharedLineDialect {
  private readonly turns: InTurn;
  private readonly notifier: Notifier;
  private readonly order = new DocumentOrder();
  /** Our dialogs as the PBX should know them, by dialog id. */
  private readonly ours = new Map<string, PlacedDialog>();
  private readonly seizes = new Set<Seize>();
  private arrival: NodeJS.Timeout | null = null;
  /** Draft -04 renamed the package to `dialog;ma`. */
  private event: 'dialog;sla' | 'dialog;ma' = 'dialog;sla';
  /** Begins the id of each dialog of ours, by which we know it again: another phone may have the same user. */
  private readonly mark: string;

  constructor(private readonly context: DialectContext) {
    this.mark = `${context.random.token()}-`;
    this.turns = new InTurn(context.log);
    this.notifier = new Notifier({
      identity: context.identity,
      ask: context.askAuthorized,
      random: context.random,
      contentType: dialogInfoType,
      subscribed: (subscriber) => this.subscribed(subscriber),
      deserted: () => this.awaitSubscriber(),
    });
    context.subscribe({
      user: context.identity.registeredUser,
      event: () => this.event,
      accept: dialogInfoType,
      expires,
      notified: (notify, notifier) => this.told(notify, notifier),
      lost: () => this.lost(),
      refused: (status) => this.refused(status),
    });
  }

  /** Who has subscribed to us knows already that we are idle; else the PBX has a moment to do so. */
  announce(): void {
    if (this.notifier.subscriber) this.tellPresent();
    else this.awaitSubscriber();
  }

  seize(call: string, appearance: number, dialog: AppearanceDialog): void {
    const until = Date.now() + seizeTime;
    const seize: Seize = { call, appearance, dialog: this.marked(dialog), until, timer: null };
    this.seizes.add(seize);
    this.turns.add(null, () => this.ask(seize));
  }

  publish(appearance: number, dialog: AppearanceDialog): void {
    const marked = this.marked(dialog);
    for (const seize of this.seizes) if (seize.dialog.id === marked.id) this.forget(seize);
    if (dialog.state === 'terminated') this.ours.delete(marked.id);
    else this.ours.set(marked.id, { appearance, dialog: marked });
    this.turns.add(`${appearance} ${dialog.id}`, async () => {
      const answer = await this.notifier.subscriber?.notify(this.change(appearance, marked), transactionTime);
      if (answer === undefined || (answer && answer.status < 300)) return;
      const status = answer?.status ?? null;
      this.context.log.warn({ appearance, state: dialog.state, status }, 'the PBX did not take a line state');
    });
  }

  receive(request: SipMessage): Answer | null {
    const { value, params } = readValue(header(request, 'Event') ?? '');
    const isShared = value.toLowerCase() === 'dialog' && (params.has('sla') || params.has('ma'));
    return request.method === 'SUBSCRIBE' && isShared ? this.notifier.receive(request) : null;
  }

  inviteHeaders(): readonly string[] {
    return [];
  }

  appearanceOf(): number | null {
    return null;
  }

  pickUp(_appearance: number, dialog: AppearanceDialog): InviteShape | null {
    return inviteToFarEnd('Replaces', dialog);
  }

  bargeIn(_appearance: number, dialog: AppearanceDialog): InviteShape | null {
    return inviteToFarEnd('Join', dialog);
  }

  close(): void {
    this.stopWaiting();
    for (const seize of this.seizes) this.forget(seize);
    this.turns.close();
    this.notifier.close((version) => this.document('full', version, []));
  }

  private subscribed(subscriber: NotifierSubscription): void {
    this.turns.add('full', async () => {
      await subscriber.notify(this.everything, transactionTime);
    });
    if (subscriber.isOver) return;
    this.tellPresent();
    for (const seize of this.seizes) if (!seize.timer) this.turns.add(null, () => this.ask(seize));
  }

  private tellPresent(): void {
    this.stopWaiting();
    this.context.tell({ type: 'agent', extension: this.context.extension, present: true });
  }

  private awaitSubscriber(): void {
    this.stopWaiting();
    this.arrival = setTimeout(() => {
      const { log, tell, extension, identity } = this.context;
      log.warn({ extension, contact: contactUri(identity) }, 'the PBX does not subscribe to our shared line');
      // The core grants what still waits.
      for (const seize of this.seizes) this.forget(seize);
      tell({ type: 'agent', extension, present: false });
    }, arrivalTime);
  }

  private stopWaiting(): void {
    if (this.arrival) clearTimeout(this.arrival);
    this.arrival = null;
  }

  /** While nobody is subscribed the seize waits; whoever subscribes is asked then. */
  private async ask(seize: Seize): Promise<void> {
    const { subscriber } = this.notifier;
    if (!subscriber || !this.seizes.has(seize)) return;
    const trying = { ...seize.dialog, state: 'trying' as const };
    const answer = await subscriber.notify(
      this.partial(seize.appearance, trying),
      Math.max(seize.until - Date.now(), 0),
    );
    if (!this.seizes.has(seize)) return;
    if (answer && answer.status < 300) this.grant(seize, trying);
    // The PBX was started anew meanwhile: it is asked as soon as it has subscribed once more.
    else if (subscriber !== this.notifier.subscriber) return;
    else if (!this.askLater(seize, answer)) this.refuse(seize, answer === null);
  }

  private grant(seize: Seize, trying: AppearanceDialog): void {
    this.forget(seize);
    this.ours.set(trying.id, { appearance: seize.appearance, dialog: trying });
    this.context.tell({ type: 'seize-granted', call: seize.call });
  }

  /**
   * Draft -04: two have asked at once, and each tries again after its own Retry-After. Whoever hears meanwhile that
   * the other one is trying has lost (`told`).
   */
  private askLater(seize: Seize, answer: SipMessage | null): boolean {
    const seconds = answer && readSeconds(header(answer, 'Retry-After'));
    if (seconds === null || Date.now() + seconds * 1000 >= seize.until) return false;
    seize.timer = setTimeout(() => {
      seize.timer = null;
      this.turns.add(null, () => this.ask(seize));
    }, seconds * 1000);
    return true;
  }

  private refuse(seize: Seize, silent: boolean): void {
    this.forget(seize);
    this.context.tell({ type: 'seize-refused', call: seize.call, silent });
  }

  private forget(seize: Seize): void {
    if (seize.timer) clearTimeout(seize.timer);
    this.seizes.delete(seize);
  }

  /** A NOTIFY of the subscription to the shared extension. */
  private told(notify: SipMessage, notifier: string): boolean {
    const { extension, tell, log } = this.context;
    const info = readDialogNotify(notify, log);
    if (!info) return true;
    const { state, version } = info;
    const dialogs = info.dialogs.map((placed) => this.unmarked(placed));
    this.overtake(info.dialogs);
    tell({ type: 'appearances', extension, full: state === 'full', dialogs });
    return this.order.follows(notifier, state === 'full', version);
  }

  /** A colleague is on the line that we are still asking for: the core knows by the same document. */
  private overtake(dialogs: readonly PlacedDialog[]): void {
    for (const { appearance, dialog } of dialogs) {
      if (dialog.state === 'terminated' || dialog.id.includes(this.mark)) continue;
      for (const seize of this.seizes) if (seize.appearance === appearance) this.forget(seize);
    }
  }

  private lost(): void {
    this.order.forget();
    this.context.tell({ type: 'appearances-unknown', extension: this.context.extension });
  }

  /** True: tried again under the other name. */
  private refused(status: number): boolean {
    const { extension, log } = this.context;
    log.warn({ extension, status, event: this.event }, 'the PBX does not tell the state of the shared line');
    const again = status === 489 && this.event === 'dialog;sla';
    this.event = again ? 'dialog;ma' : 'dialog;sla';
    return again;
  }

  private marked(dialog: AppearanceDialog): AppearanceDialog {
    return { ...dialog, id: `${this.mark}${dialog.id}` };
  }

  /** A dialog of ours that comes back has the id by which the core knows it; some agents put theirs before ours. */
  private unmarked({ appearance, dialog }: PlacedDialog): PlacedDialog {
    const at = dialog.id.indexOf(this.mark);
    return at < 0
      ? { appearance, dialog }
      : { appearance, dialog: { ...dialog, id: dialog.id.slice(at + this.mark.length) } };
  }

  private readonly everything = (version: number): string =>
    this.document('full', version, [...this.ours.values()]);

  /**
   * The end of a dialog is told by all that are left: Kamailio's presence module takes nothing more for an extension
   * after a partial document that says `terminated`.
   */
  private change(appearance: number, dialog: AppearanceDialog): (version: number) => string {
    return dialog.state === 'terminated' ? this.everything : this.partial(appearance, dialog);
  }

  private partial(appearance: number, dialog: AppearanceDialog): (version: number) => string {
    return (version) => this.document('partial', version, [{ appearance, dialog }]);
  }

  private document(state: 'full' | 'partial', version: number, dialogs: readonly PlacedDialog[]): string {
    const { identity } = this.context;
    const entity = pbxUri(identity, identity.registeredUser);
    return writeDialogInfo({ state, version, entity, dialogs }, { domain: identity.pbx });
  }
}
