import type { Header, SipMessage } from '../message/message.ts';
import { Authorization } from './authorization.ts';
import type { DigestSession } from './digest.ts';

export type Credentials = (method: string, uri: string) => readonly Header[];

/** Makes a request anew, with its next CSeq, around Authorization and Proxy-Authorization. */
export type MakeRequest = (credentials: Credentials) => SipMessage;

/** Resolves with the final response, or with null after `ms` milliseconds without one. */
export type Send = (request: SipMessage, ms: number) => Promise<SipMessage | null>;

/** Once without credentials or with old ones, once for a proxy, once for the server behind it. */
const mostAttempts = 3;

/**
 * Requests that carry credentials from the start once somebody has asked for them: five hundred subscriptions are five
 * hundred round trips then, not a thousand.
 */
export class AuthorizedRequests {
  private readonly authorization: Authorization;

  constructor(
    digest: DigestSession,
    private readonly send: Send,
  ) {
    this.authorization = new Authorization(digest);
  }

  async ask(make: MakeRequest, ms: number): Promise<SipMessage | null> {
    const until = Date.now() + ms;
    const credentials: Credentials = (method, uri) => this.authorization.headers(method, uri);
    let answer: SipMessage | null = null;
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      answer = await this.send(make(credentials), until - Date.now());
      if (answer?.status !== 401 && answer?.status !== 407) break;
      if (!this.authorization.take(answer).answerable) break;
    }
    return answer;
  }
}
