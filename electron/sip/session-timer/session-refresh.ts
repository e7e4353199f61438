import type { IncomingResponseMessage, Session } from 'sip.js/lib/core/index.js';
import { requestInDialog } from '../sipjs/dialog-request.ts';
import {
  askForTimer,
  type HeaderSource,
  judgeTimer,
  optionsOf,
  readMinimum,
  type TimerTerms,
  type TimerVerdict,
  type TimerWish,
  termsOfAnswer,
} from './session-expires.ts';
import { noTimer, type SessionTimer, type SessionTimerEvent, sessionTimerAfter } from './session-timer.ts';

export interface SessionRefreshOptions {
  readonly session: Session;
  /** Seconds that we ask for; 0: nothing of our own. */
  readonly interval: number;
  /** What every request of ours says. */
  said(): string[];
  /** Refreshes the session by a re-INVITE, which is to be told with `answered` or `refused`. */
  reinvite(): void;
  /** An UPDATE of ours is answered: where the far end is. */
  located(answer: IncomingResponseMessage): void;
  /** Nobody has refreshed the session in time, or the far end does not know it any more. */
  lost(): void;
}

/** Keeps a session's timer (session-timer.ts), and what is said of it in requests and answers. */
export class SessionRefresh {
  private timer: SessionTimer = noTimer;
  private terms: TimerTerms | null = null;
  private wish: TimerWish;
  private alarm: NodeJS.Timeout | null = null;
  /** The far end takes UPDATE (RFC 3311, 4); only what it has said itself counts. */
  private updates = false;
  private over = false;

  constructor(private readonly options: SessionRefreshOptions) {
    this.wish = { interval: options.interval, minimum: 0 };
  }

  /** For a request of ours that begins, changes or refreshes the session. */
  get headers(): string[] {
    return askForTimer(this.wish, this.terms);
  }

  /** A 2xx to a request of ours. */
  answered(answer: HeaderSource): void {
    this.heard(answer);
    this.agree(termsOfAnswer(answer));
  }

  /** What a far end's request wants; nothing has happened yet. */
  judge(request: HeaderSource): TimerVerdict {
    return judgeTimer(request, this.wish, this.terms);
  }

  /** And we have answered it with a 2xx that says so. */
  take(request: HeaderSource): void {
    const verdict = this.judge(request);
    if (verdict.kind === 'too-brief') return;
    this.heard(request);
    this.agree(verdict.terms);
  }

  /** Our request was refused. */
  refused(answer: HeaderSource & { readonly statusCode?: number | undefined }): void {
    const minimum = answer.statusCode === 422 ? readMinimum(answer) : null;
    if (minimum !== null) {
      this.wish = { ...this.wish, minimum };
      if (this.terms) this.terms = { ...this.terms, interval: Math.max(this.terms.interval, minimum) };
    }
    this.step({ type: 'refused', minimum });
  }

  stop(): void {
    this.step({ type: 'over' });
    this.over = true;
  }

  private agree(terms: TimerTerms | null): void {
    this.terms = terms;
    this.step({ type: 'agreed', terms });
  }

  private heard(message: HeaderSource): void {
    const allowed = optionsOf(message, 'Allow');
    if (allowed.length > 0) this.updates = allowed.includes('update');
  }

  private step(event: SessionTimerEvent): void {
    if (this.over) return;
    const { timer, effect } = sessionTimerAfter(this.timer, event, Date.now());
    this.timer = timer;
    if (this.alarm) clearTimeout(this.alarm);
    this.alarm = 'due' in timer ? this.alarmAt(timer.due) : null;
    if (effect === 'refresh') this.renew();
    if (effect === 'end') this.options.lost();
  }

  private renew(): void {
    if (!this.updates) {
      this.options.reinvite();
      return;
    }
    const headers = [...this.options.said(), ...this.headers];
    const refused = ({ message }: { message: IncomingResponseMessage }): void => this.updateRefused(message);
    requestInDialog(
      this.options.session,
      { method: 'UPDATE', headers },
      { onAccept: ({ message }) => this.updated(message), onReject: refused, onRedirect: refused },
    );
  }

  private updated(answer: IncomingResponseMessage): void {
    if (this.over) return;
    this.options.located(answer);
    this.answered(answer);
  }

  private updateRefused(message: IncomingResponseMessage): void {
    if (this.over) return;
    const status = message.statusCode ?? 500;
    if (status === 481 || status === 408) this.options.lost();
    else if (status === 405 || status === 501) {
      this.updates = false;
      this.renew();
    } else this.refused(message);
  }

  private alarmAt(due: number): NodeJS.Timeout {
    return setTimeout(() => this.step({ type: 'woken' }), Math.max(due - Date.now(), 0));
  }
}
