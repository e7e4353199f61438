import type { Header, SipMessage } from '../message/message.ts';
import { type Challenge, credentialsHeaderName, type DigestSession, findChallenge } from './digest.ts';

/** What a 401 or 407 means to who was challenged. */
export interface Challenged {
  /** There is a challenge we know how to answer. */
  readonly answerable: boolean;
  /** Only the nonce was old. */
  readonly stale: boolean;
  /** Nobody of this realm has asked in this attempt yet: first a proxy (407), then the registrar (401). */
  readonly another: boolean;
}

/** The challenges met so far, answered unasked: most PBXs take a nonce for a while, and a refresh is one round trip. */
export class Authorization {
  private readonly challenges = new Map<string, { readonly header: string; readonly challenge: Challenge }>();
  private readonly askedBy = new Set<string>();

  constructor(private readonly digest: DigestSession) {}

  /** A new attempt: whoever challenges now may do so once. */
  begin(): void {
    this.askedBy.clear();
  }

  take(response: SipMessage): Challenged {
    const challenge = findChallenge(response);
    if (!challenge) return { answerable: false, stale: false, another: false };
    const header = credentialsHeaderName(response);
    const who = `${header} ${challenge.realm}`;
    const another = !this.askedBy.has(who);
    this.askedBy.add(who);
    this.challenges.set(who, { header, challenge });
    return { answerable: true, stale: challenge.stale, another };
  }

  /** Authorization and Proxy-Authorization of one request. */
  headers(method: string, uri: string): Header[] {
    return [...this.challenges.values()].map(({ header, challenge }) => ({
      name: header,
      value: this.digest.answer(challenge, method, uri),
    }));
  }
}
