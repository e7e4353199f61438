import type { IncomingInfoRequest, Session } from 'sip.js/lib/core/index.js';
import type { Log } from '../../phone/ports.ts';
import { requestInDialog } from '../sipjs/dialog-request.ts';

const relayType = 'application/dtmf-relay';
/** How long the far end is to play a digit, and the silence after it, in ms. */
const digitTime = 160;
const digitGap = 70;
const pauseTime = 500;

/** The body of one digit, as Cisco's gateways began it. */
const relayBody = (digit: string): string => `Signal=${digit}\r\nDuration=${digitTime}\r\n`;

/** Digits of one call in INFO requests, each after the far end has answered the one before. */
export class InfoDigits {
  private waiting = '';
  private busy = false;
  private pause: NodeJS.Timeout | null = null;
  private over = false;

  constructor(
    private readonly session: Session,
    private readonly log: Log,
  ) {}

  /** A comma is a pause. */
  send(tones: string): void {
    this.waiting += tones;
    this.next();
  }

  stop(): void {
    this.over = true;
    this.waiting = '';
    if (this.pause) clearTimeout(this.pause);
  }

  private next(): void {
    const [digit] = this.waiting;
    if (this.busy || this.over || digit === undefined) return;
    this.waiting = this.waiting.slice(1);
    this.busy = true;
    if (digit === ',') this.goOnIn(pauseTime);
    else this.say(digit);
  }

  private say(digit: string): void {
    const goOn = (): void => this.goOnIn(digitTime + digitGap);
    const body = { contentDisposition: 'render', contentType: relayType, content: relayBody(digit) };
    const refused = { onReject: goOn, onRedirect: goOn };
    try {
      requestInDialog(this.session, { method: 'INFO', headers: [], body }, { onAccept: goOn, ...refused });
    } catch (error) {
      this.log.debug({ error }, 'digit not sent');
    }
  }

  private goOnIn(ms: number): void {
    if (this.over) return;
    this.pause = setTimeout(() => {
      this.busy = false;
      this.next();
    }, ms);
  }
}

/**
 * A far end's INFO: digits have no meaning here and are taken; so is an empty one, which asks whether we are there.
 * Info packages we have none (RFC 6086, 4.2.2 and 10.10), and of the older uses no other.
 */
export function takeInfo(request: IncomingInfoRequest): void {
  const { message } = request;
  const type = message.getHeader('Content-Type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (message.hasHeader('Info-Package')) {
    request.reject({ statusCode: 469, extraHeaders: ['Recv-Info:'] });
  } else if (!message.body || type === relayType || type === 'application/dtmf') {
    request.accept();
  } else {
    request.reject({ statusCode: 415, extraHeaders: [`Accept: ${relayType}, application/dtmf`] });
  }
}
