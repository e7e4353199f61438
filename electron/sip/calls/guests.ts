import type { IncomingInviteRequest } from 'sip.js/lib/core/index.js';
import type { Party } from '../../phone/lines/dialog.ts';
import type { MediaPort } from '../../phone/ports.ts';
import type { AnsweredCall } from './answered-call.ts';
import { type CallContext, type CallDialog, type Hold, refuseInvite } from './call.ts';
import { answerInvite, inviterOf } from './invite-answer.ts';

interface Guest {
  readonly party: Party;
  readonly leg: AnsweredCall;
}

/** What mixes a guest's plain leg into a call. */
export type Mixer = Pick<MediaPort, 'join' | 'part'>;

/** More voices than that nobody follows. */
const mostGuests = 4;

export interface Knock {
  /** The one dialog that Join names; null: none, or several. */
  readonly state: CallDialog['state'] | null;
  readonly hold: Hold;
  /** Whether the extension lets others join its calls. */
  readonly allowed: boolean;
  readonly guests: number;
}

/**
 * The status that refuses an INVITE with Join (RFC 3911, 4); null: it is accepted. A call that we hold has nobody to
 * talk to, so it is busy for a guest.
 */
export function joinRefusal({ state, hold, allowed, guests }: Knock): number | null {
  if (state === null || state === 'ringing') return 481;
  if (state === 'over') return 603;
  if (!allowed) return 403;
  return state === 'calling' || hold.wanted || guests >= mostGuests ? 486 : null;
}

/**
 * Who has joined the calls of one extension. A guest is a leg of its own (`<call>+<n>`), mixed into the call here:
 * it comes and goes alone, is held with the call, and is sent away when the call ends, for then nobody mixes any more.
 */
export class Guests {
  private readonly guests = new Map<string, Guest[]>();
  private counter = 0;

  constructor(
    private readonly mixer: Mixer,
    private readonly tell: CallContext['tell'],
  ) {}

  of(call: string): readonly Guest[] {
    return this.guests.get(call) ?? [];
  }

  /** IP addresses that their requests may come from. */
  hasPeer(address: string): boolean {
    return [...this.guests.values()].flat().some(({ leg }) => leg.peer === address);
  }

  /**
   * Answers an INVITE with Join at once, if the call still stands when the media side is ready. `context` is that of
   * the extension that the INVITE came to.
   */
  async join(
    request: IncomingInviteRequest,
    call: string,
    isStanding: () => boolean,
    context: CallContext,
  ): Promise<void> {
    this.counter += 1;
    const id = `${call}+${this.counter}`;
    try {
      const answered = await answerInvite(request, {
        id,
        context: { ...context, tell: () => {}, named: () => {} },
        hold: false,
        isWanted: isStanding,
        ended: () => this.left(call, id, context),
      });
      if (answered) this.seat(call, { party: inviterOf(request.message), leg: answered.call });
      else this.turnAway(request, id, 481, context);
    } catch (error) {
      context.log.warn({ call, error }, 'guest not let in');
      this.turnAway(request, id, 488, context);
    }
  }

  hold(call: string, on: boolean): void {
    for (const { leg } of this.of(call)) if (leg.hold.wanted !== on) leg.setHold(on);
  }

  renew(): void {
    for (const { leg } of [...this.guests.values()].flat()) leg.renew();
  }

  /** The call is over. */
  sendAway(call: string): void {
    for (const { leg } of this.of(call)) leg.hangUp();
  }

  private seat(call: string, guest: Guest): void {
    this.guests.set(call, [...this.of(call), guest]);
    this.mixer.join(call, guest.leg.id);
    this.tellJoined(call);
  }

  private left(call: string, id: string, { negotiator }: CallContext): void {
    const others = this.of(call).filter(({ leg }) => leg.id !== id);
    if (others.length > 0) this.guests.set(call, others);
    else this.guests.delete(call);
    this.mixer.part(id);
    negotiator.release(id);
    this.tellJoined(call);
  }

  private tellJoined(call: string): void {
    this.tell({ type: 'joined', call, parties: this.of(call).map(({ party }) => party) });
  }

  private turnAway(request: IncomingInviteRequest, id: string, status: number, context: CallContext): void {
    refuseInvite(request, status, context.log);
    context.negotiator.release(id);
  }
}
