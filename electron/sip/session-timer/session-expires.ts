import { readSeconds, readValue, splitList } from '../message/message-fields.ts';

/** What is agreed of a session's life (RFC 4028): it ends after `interval` seconds if nobody refreshes it. */
export interface TimerTerms {
  readonly interval: number;
  readonly refresher: 'us' | 'them';
}

/** What we ask for; `interval` 0: nothing. `minimum`: the largest Min-SE that anybody on the way has named. */
export interface TimerWish {
  readonly interval: number;
  readonly minimum: number;
}

/** The headers of a message, whoever parsed it. */
export interface HeaderSource {
  getHeader(name: string): string | undefined;
  getHeaders(name: string): readonly string[];
}

/** RFC 4028, 5: nobody may ask for less. */
export const leastInterval = 90;
/** Each proxy on the way may ask for more than the one before (7.3); one that never has enough is not followed. */
export const mostTooBrief = 5;
/** Twenty days: what a timer of Node holds. */
const longestInterval = 1_728_000;

const bounded = (seconds: number): number => Math.min(Math.max(seconds, leastInterval), longestInterval);

/** The headers of a request of ours that begins or refreshes a session; the refresher of a new one is left open. */
export function askForTimer(wish: TimerWish, current: TimerTerms | null): string[] {
  const minimum = wish.minimum > leastInterval ? [`Min-SE: ${wish.minimum}`] : [];
  if (current)
    return [sessionExpires(current.interval, current.refresher === 'us' ? 'uac' : 'uas'), ...minimum];
  return wish.interval === 0 ? [] : [sessionExpires(Math.max(wish.interval, wish.minimum)), ...minimum];
}

const sessionExpires = (interval: number, refresher?: 'uac' | 'uas'): string =>
  `Session-Expires: ${interval}${refresher ? `;refresher=${refresher}` : ''}`;

/** What a 2xx to a request of ours says (7.2); null: the session lives until somebody hangs up. */
export function termsOfAnswer(answer: HeaderSource): TimerTerms | null {
  const read = readSessionExpires(answer);
  return read && { interval: bounded(read.interval), refresher: read.refresher === 'uas' ? 'them' : 'us' };
}

/** The Min-SE of a 422; null: it names none. */
export const readMinimum = (message: HeaderSource): number | null => readSeconds(message.getHeader('Min-SE'));

export type TimerVerdict =
  /** To be answered 422 with these headers. */
  | { readonly kind: 'too-brief'; readonly headers: string[] }
  /** For our 2xx. */
  | { readonly kind: 'taken'; readonly terms: TimerTerms | null; readonly headers: string[] };

/**
 * What becomes of a far end's request (RFC 4028, 9 and table 2). A far end that does not know timers is not asked to
 * refresh, and unless it (or a proxy for it) asked, has none forced upon it.
 */
export function judgeTimer(
  request: HeaderSource,
  wish: TimerWish,
  current: TimerTerms | null = null,
): TimerVerdict {
  const knowsTimers = optionsOf(request, 'Supported').concat(optionsOf(request, 'Require')).includes('timer');
  const asked = readSessionExpires(request);
  if (asked && asked.interval < leastInterval && knowsTimers) {
    return { kind: 'too-brief', headers: [`Min-SE: ${leastInterval}`] };
  }
  const terms = agreeOn({ asked, knowsTimers, minimum: readMinimum(request) ?? 0, wish, current });
  if (!terms) return { kind: 'taken', terms, headers: [] };
  const refresher = terms.refresher === 'us' ? 'uas' : 'uac';
  const required = knowsTimers ? ['Require: timer'] : [];
  return { kind: 'taken', terms, headers: [sessionExpires(terms.interval, refresher), ...required] };
}

interface Positions {
  readonly asked: Asked | null;
  readonly knowsTimers: boolean;
  readonly minimum: number;
  readonly wish: TimerWish;
  readonly current: TimerTerms | null;
}

function agreeOn({ asked, knowsTimers, minimum, wish, current }: Positions): TimerTerms | null {
  if (!knowsTimers) {
    const interval = asked?.interval ?? (current?.refresher === 'us' ? current.interval : 0);
    return interval === 0 ? null : { interval: bounded(interval), refresher: 'us' };
  }
  const interval = asked?.interval ?? current?.interval ?? wish.interval;
  if (interval === 0) return null;
  const named = asked?.refresher && (asked.refresher === 'uas' ? 'us' : 'them');
  // Who began the timer refreshes, so that it costs the other nothing.
  const refresher = named ?? current?.refresher ?? (asked ? 'them' : 'us');
  return { interval: bounded(Math.max(interval, minimum)), refresher };
}

interface Asked {
  readonly interval: number;
  readonly refresher: 'uac' | 'uas' | null;
}

function readSessionExpires(message: HeaderSource): Asked | null {
  const { value, params } = readValue(message.getHeader('Session-Expires') ?? '');
  const interval = readSeconds(value);
  if (interval === null) return null;
  const refresher = params.get('refresher')?.toLowerCase();
  return { interval, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : null };
}

/** The option tags, or methods, that a header lists. */
export const optionsOf = (message: HeaderSource, name: string): string[] =>
  message
    .getHeaders(name)
    .flatMap(splitList)
    .map((each) => each.toLowerCase());
