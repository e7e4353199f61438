import {
  type IncomingInviteRequest,
  type IncomingPrackRequest,
  type Session,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import { allow } from '../pbx/identity.ts';
import { optionsOf } from '../session-timer/session-expires.ts';
import { Repeater, transactionTime } from '../transactions/timers.ts';
import { type CallContext, sdpOf, sessionBody } from './call.ts';
import type { Agreed } from './invite-answer.ts';

/** Whether a caller wants our ringing acknowledged (RFC 3262, 3). */
export const wantsReliability = ({ message }: IncomingInviteRequest): boolean =>
  optionsOf(message, 'Require').includes('100rel');

export interface ReliableRingingOptions {
  readonly call: string;
  readonly request: IncomingInviteRequest;
  /** To an INVITE without one: the first reliable response must have it (RFC 3261, 13.2.1). */
  readonly offer: string | null;
  readonly context: CallContext;
  /** No PRACK came, or one without the answer that it owes us: the INVITE is to be refused with this. */
  failed(statusCode: number, error: unknown): void;
}

/** Our 180 with a number, repeated until its PRACK comes (RFC 3262, 3). */
export class ReliableRinging {
  readonly session: Session;
  private readonly number: number;
  private acknowledged = false;
  private readonly repeater: Repeater;
  private readonly expiry: NodeJS.Timeout;
  private answering = false;
  private sound: Agreed | null = null;
  private readonly settled: Promise<void>;
  private settle: () => void = () => {};

  constructor(private readonly options: ReliableRingingOptions) {
    const { request, offer, context } = options;
    // A first number of 31 bits, so that those that follow fit as well.
    this.number = 1 + Math.floor(context.random.fraction() * (2 ** 31 - 2));
    this.settled = new Promise((resolve) => {
      this.settle = resolve;
    });
    const { session, message } = request.progress({
      statusCode: 180,
      extraHeaders: ['Require: 100rel', `RSeq: ${this.number}`, `Allow: ${allow}`],
      ...(offer !== null && { body: sessionBody(offer) }),
    });
    this.session = session;
    this.repeater = new Repeater(() => this.repeat(message), transactionTime);
    this.expiry = setTimeout(() => this.giveUp(), transactionTime);
    if (offer === null) this.settle();
  }

  /**
   * What has been agreed while it rang, if anything, once there is nothing to wait for: an offer in the 180 must have
   * its answer before the INVITE has its 2xx (RFC 3262, 3).
   */
  get agreed(): Promise<Agreed | null> {
    return this.settled.then(() => this.sound);
  }

  /** Whose offer waits for its answer. */
  get pending(): 'ours' | 'theirs' | null {
    if (this.options.offer === null || this.answering) return 'theirs';
    return this.sound ? null : 'ours';
  }

  /** A PRACK in the early dialog. */
  take(prack: IncomingPrackRequest): void {
    const [number, cseq, method] = (prack.message.getHeader('RAck') ?? '').trim().split(/\s+/);
    const { message } = this.options.request;
    const isOurs =
      Number(number) === this.number && Number(cseq) === message.cseq && method?.toUpperCase() === 'INVITE';
    if (!isOurs || this.acknowledged) {
      prack.reject({ statusCode: 481 });
      return;
    }
    this.acknowledged = true;
    this.stop();
    if (this.options.offer === null) prack.accept();
    else void this.takeAnswer(prack, this.options.offer);
  }

  /** Answers what the caller offers in an UPDATE, once the first offer has its answer. */
  async answer(offer: string): Promise<string> {
    const { call, context } = this.options;
    this.answering = true;
    try {
      const { sdp, heldByRemote } = await context.negotiator.answer(call, offer, {
        localAddress: context.identity.local.address,
        hold: false,
      });
      this.sound = { session: this.session, ours: sdp, theirs: offer, heldByRemote };
      return sdp;
    } finally {
      this.answering = false;
    }
  }

  /** A final answer has gone out. */
  stop(): void {
    this.repeater.stop();
    clearTimeout(this.expiry);
  }

  private async takeAnswer(prack: IncomingPrackRequest, ours: string): Promise<void> {
    const { call, context, failed } = this.options;
    const theirs = sdpOf(prack.message);
    try {
      if (theirs === null) throw new Error('PRACK without the answer');
      const { heldByRemote } = await context.negotiator.takeAnswer(call, theirs);
      this.sound = { session: this.session, ours, theirs, heldByRemote };
      prack.accept();
      this.settle();
    } catch (error) {
      const statusCode = theirs === null ? 400 : 488;
      prack.reject({ statusCode });
      failed(statusCode, error);
    }
  }

  private repeat(response: string): void {
    const { log } = this.options.context;
    if (!(this.session instanceof SessionDialog)) return;
    this.session.userAgentCore.transport
      .send(response)
      .catch((error) => log.debug({ error }, '180 not sent again'));
  }

  private giveUp(): void {
    this.stop();
    this.options.failed(504, new Error('no PRACK came'));
  }
}
