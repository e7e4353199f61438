import type { AppearanceDialog } from '../../phone/lines/dialog.ts';
import { createRequest, header, type SipMessage } from '../message/message.ts';
import { readSeconds } from '../message/message-fields.ts';
import { contactHeader, fromHeader, pbxUri, registeredHeader, viaHeader } from '../pbx/identity.ts';
import { createCallId } from '../random.ts';
import { transactionTime } from '../transactions/timers.ts';
import {
  type Answer,
  type DialectContext,
  dialogHeader,
  dialogInfoType,
  eventOf,
  type InviteShape,
  type SharedLineDialect,
  seizeTime,
} from './dialect.ts';
import { type DialogInfo, readDialogInfo, writeDialogInfo } from './dialog-info.ts';
import { InTurn } from './in-turn.ts';

/** The SPA9000's appearance agent (SPA9000 guide v3.01, p. 113). */
const agent = 'sa';

const announceTime = 8_000;
const announceRetries = [1_000, 4_000, 16_000];
/** These say that there is no such user or method, so no agent. */
const noAgent = new Set([404, 405, 489, 501, 604]);

/**
 * The SPA9000's own dialect: un-subscribed NOTIFYs of `Event: dialog` both ways (SPA9000 guide v3.01, p. 113-114; the
 * captures 03-07). The NOTIFYs of an extension go out one after the other (in-turn.ts).
 */
export class Spa9000Dialect implements SharedLineDialect {
  /** Constant from boot to boot, as the captures have it. */
  private readonly fromTag: string;
  private readonly turns: InTurn;
  private closed = false;
  private announceTimer: NodeJS.Timeout | null = null;
  /** Until when the PBX wants no more to be asked for an appearance (Retry-After), ms since the epoch. */
  private readonly notBefore = new Map<number, number>();

  constructor(private readonly context: DialectContext) {
    this.fromTag = `${context.random.token()}${context.identity.tagSuffix}`;
    this.turns = new InTurn(context.log);
  }

  announce(): void {
    this.stopAnnouncing();
    this.turns.add('announce', () => this.sendAnnouncement(0));
  }

  seize(call: string, appearance: number, dialog: AppearanceDialog): void {
    this.stopAnnouncing();
    const asked = Date.now();
    if (asked < (this.notBefore.get(appearance) ?? 0)) {
      this.context.tell({ type: 'seize-refused', call, silent: false });
      return;
    }
    this.turns.add(null, async () => {
      const left = Math.max(seizeTime - (Date.now() - asked), 0);
      const answer = await this.send(this.partial(appearance, { ...dialog, state: 'trying' }), left);
      if (this.closed) return;
      if (answer && answer.status < 300) this.context.tell({ type: 'seize-granted', call });
      else this.refused(call, appearance, answer);
    });
  }

  publish(appearance: number, dialog: AppearanceDialog): void {
    this.stopAnnouncing();
    this.turns.add(`${appearance} ${dialog.id}`, async () => {
      const answer = await this.send(this.partial(appearance, dialog), transactionTime);
      if (answer && answer.status < 300) return;
      const status = answer?.status ?? null;
      this.context.log.warn({ appearance, state: dialog.state, status }, 'the PBX did not take a line state');
    });
  }

  receive(notify: SipMessage): Answer | null {
    if (notify.method !== 'NOTIFY' || eventOf(notify) !== 'dialog') return null;
    const { extension, tell, log } = this.context;
    // Empty state is said by an empty document; no body at all says nothing.
    if (notify.body.length === 0) return { status: 200, phrase: 'OK' };
    const read = readDialogInfo(notify.body);
    if (!read.ok) {
      log.warn({ extension, problem: read.problem }, 'line state not understood');
      return { status: 400, phrase: 'Bad Request' };
    }
    this.forgetPauses(read.value);
    // The version is not RFC 4235's: each station has its own counter, and it restarts (facts of captures 04, 07).
    tell({
      type: 'appearances',
      extension,
      full: read.value.state === 'full',
      dialogs: read.value.dialogs,
    });
    return { status: 200, phrase: 'OK' };
  }

  inviteHeaders(): readonly string[] {
    return [];
  }

  appearanceOf(): number | null {
    return null;
  }

  /**
   * The guide's page on resuming is not in our hands: an INVITE to the shared extension, as pickup is documented for
   * the SPA962 (pua_dialoginfo), with Replaces where the NOTIFY named the dialog.
   */
  pickUp(_appearance: number, dialog: AppearanceDialog): InviteShape {
    return this.onTheLine(dialog, 'Replaces');
  }

  bargeIn(_appearance: number, dialog: AppearanceDialog): InviteShape {
    return this.onTheLine(dialog, 'Join');
  }

  close(): void {
    this.closed = true;
    this.turns.close();
    this.stopAnnouncing();
  }

  private refused(call: string, appearance: number, answer: SipMessage | null): void {
    const seconds = answer && readSeconds(header(answer, 'Retry-After'));
    if (seconds !== null) this.notBefore.set(appearance, Date.now() + seconds * 1000);
    this.context.tell({ type: 'seize-refused', call, silent: answer === null });
  }

  /** Whatever the PBX wanted us to wait for, it says now that the appearance is free. */
  private forgetPauses({ state, dialogs }: DialogInfo): void {
    if (state === 'full') this.notBefore.clear();
    for (const { appearance, dialog } of dialogs)
      if (dialog.state === 'terminated') this.notBefore.delete(appearance);
  }

  private onTheLine({ identifiers }: AppearanceDialog, name: 'Replaces' | 'Join'): InviteShape {
    const to = { user: this.context.identity.registeredUser };
    return { to, headers: identifiers ? [dialogHeader(name, identifiers)] : [] };
  }

  private async sendAnnouncement(attempt: number): Promise<void> {
    const { extension, tell, log } = this.context;
    const answer = await this.send({ state: 'full', dialogs: [] }, announceTime);
    if (this.closed) return;
    if (answer && (answer.status < 300 || noAgent.has(answer.status))) {
      tell({ type: 'agent', extension, present: answer.status < 300 });
      return;
    }
    log.info(
      { extension, status: answer?.status ?? null, attempt },
      'no clear answer from the appearance agent',
    );
    if (attempt === 0) tell({ type: 'agent', extension, present: true });
    const wait = announceRetries[attempt];
    if (wait === undefined) return;
    this.announceTimer = setTimeout(
      () => this.turns.add('announce', () => this.sendAnnouncement(attempt + 1)),
      wait,
    );
  }

  /** A full NOTIFY frees all our line keys at the PBX (guide, p. 114): never again once one is in use. */
  private stopAnnouncing(): void {
    if (this.announceTimer) clearTimeout(this.announceTimer);
    this.announceTimer = null;
  }

  private partial(appearance: number, dialog: AppearanceDialog): Pick<DialogInfo, 'state' | 'dialogs'> {
    const { userId, displayName } = this.context.identity;
    const local = dialog.local ?? { number: userId, name: displayName === '' ? null : displayName };
    return { state: 'partial', dialogs: [{ appearance, dialog: { ...dialog, local } }] };
  }

  private send(info: Pick<DialogInfo, 'state' | 'dialogs'>, ms: number): Promise<SipMessage | null> {
    return this.context.ask(this.notify(info), ms);
  }

  /** Header for header as captures 03 and 05: own Call-ID and any CSeq each, no Subscription-State. */
  private notify(info: Pick<DialogInfo, 'state' | 'dialogs'>): SipMessage {
    const { identity, random } = this.context;
    const entity = pbxUri(identity, identity.userId);
    const body = writeDialogInfo({ ...info, version: 0, entity }, { domain: identity.pbx });
    return createRequest(
      'NOTIFY',
      pbxUri(identity, agent),
      [
        viaHeader(identity, random),
        { name: 'From', value: `${fromHeader(identity)};tag=${this.fromTag}` },
        { name: 'To', value: registeredHeader(identity) },
        { name: 'Call-ID', value: createCallId(random, identity.local.address) },
        { name: 'CSeq', value: `${1 + Math.floor(random.fraction() * 65_535)} NOTIFY` },
        { name: 'Max-Forwards', value: '70' },
        { name: 'Contact', value: contactHeader(identity) },
        { name: 'Event', value: 'dialog' },
        { name: 'Content-Length', value: String(Buffer.byteLength(body)) },
        { name: 'Content-Type', value: dialogInfoType },
      ],
      Buffer.from(body),
    );
  }
}
