import type { IncomingResponseMessage, Session } from 'sip.js/lib/core/index.js';
import type { NegotiationResult } from '../../phone/negotiation.ts';
import { judgeTimer } from '../session-timer/session-expires.ts';
import { type DialogDelegate, refreshTarget } from '../sipjs/dialog-update.ts';
import { type CallContext, sdpOf } from './call.ts';
import { takeInfo } from './info-digits.ts';
import { acknowledgeReliable, reliableNumber } from './reliable-answer.ts';
import { takeUpdate } from './session-update.ts';

export interface EarlyBranchOptions {
  readonly session: Session;
  readonly context: CallContext;
  /** Answers what the branch offers in an UPDATE; its sound is what is heard from then on. */
  answer(offer: string): Promise<NegotiationResult & { readonly sdp: string }>;
  /** The branch has hung up (RFC 3261, 15). */
  ended(): void;
}

/** One far end of a call of ours that is not answered yet: a dialog of its own for each branch of a fork. */
export class EarlyBranch {
  /** The last description that it has sent. */
  sdp: string | null = null;
  /** What an UPDATE has changed since, so that nothing that its 2xx repeats counts any more. */
  updated: NegotiationResult | null = null;
  /** RSeq of the last reliable response. */
  private number = 0;
  private answering = false;
  private over = false;

  constructor(private readonly options: EarlyBranchOptions) {
    const delegate: DialogDelegate = {
      onInfo: takeInfo,
      onBye: (request) => {
        request.accept();
        options.ended();
      },
      // Our own INVITE is under way in this dialog (RFC 3261, 14.2).
      onInvite: (request) => request.reject({ statusCode: 491 }),
      onPrack: (request) => request.reject({ statusCode: 481 }),
      onUpdate: (request) =>
        void takeUpdate(request, {
          context: options.context,
          pending: () => this.pending,
          judge: () => judgeTimer(request.message, { interval: 0, minimum: 0 }),
          answer: (offer) => this.answer(offer),
          isOver: () => this.over,
          accepted: () => refreshTarget(options.session, request.message),
        }),
    };
    options.session.delegate = delegate;
  }

  get session(): Session {
    return this.options.session;
  }

  /** Takes a provisional response, and acknowledges it where it is reliable; false: a repeat, or out of order. */
  take(message: IncomingResponseMessage): boolean {
    const number = reliableNumber(message);
    refreshTarget(this.session, message);
    if (number !== null) {
      // RFC 3262, 4: the first may have any number, each that follows the next one.
      if (this.number !== 0 && number !== this.number + 1) return false;
      this.number = number;
      acknowledgeReliable(this.session, message, number);
    }
    // The answer to our offer is given once; what follows an UPDATE is the past (RFC 3261, 13.2.1).
    if (!this.updated) this.sdp = sdpOf(message) ?? this.sdp;
    return true;
  }

  /** It is answered, or over. */
  leave(): void {
    this.over = true;
  }

  private get pending(): 'ours' | 'theirs' | null {
    if (this.answering) return 'theirs';
    return this.sdp === null ? 'ours' : null;
  }

  private async answer(offer: string): Promise<string> {
    this.answering = true;
    try {
      const { sdp, heldByRemote } = await this.options.answer(offer);
      this.updated = { heldByRemote };
      this.sdp = offer;
      return sdp;
    } finally {
      this.answering = false;
    }
  }
}
