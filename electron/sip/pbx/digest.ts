import { createHash } from 'node:crypto';
import type { SipMessage } from '../message/message.ts';
import { quote, unquote } from '../message/message-fields.ts';

/** A Digest challenge that can be answered (RFC 7616, 3.3; RFC 8760 for SIP). */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  readonly algorithm: 'MD5' | 'SHA-256';
  /** Whether `auth` is among the offered qualities; without any, the answer of RFC 2069 is given. */
  readonly qop: boolean;
  /** Only the nonce was old: the password is not in doubt. */
  readonly stale: boolean;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Takes one WWW-Authenticate or Proxy-Authenticate value; null for another scheme, algorithm or `auth-int` alone. */
export function readChallenge(value: string): Challenge | null {
  const [, list] = /^\s*Digest\s+(.*)$/is.exec(value) ?? [];
  if (list === undefined) return null;
  const fields = new Map<string, string>();
  for (const [, name = '', text = ''] of list.matchAll(/([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]+)/g)) {
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), unquote(text));
  }
  const algorithm = (fields.get('algorithm') ?? 'MD5').toUpperCase();
  const qualities = fields
    .get('qop')
    ?.toLowerCase()
    .split(/[\s,]+/);
  const realm = fields.get('realm');
  const nonce = fields.get('nonce');
  if (realm === undefined || nonce === undefined) return null;
  if (algorithm !== 'MD5' && algorithm !== 'SHA-256') return null;
  if (qualities && !qualities.includes('auth')) return null;
  return {
    realm,
    nonce,
    opaque: fields.get('opaque') ?? null,
    algorithm,
    qop: qualities !== undefined,
    stale: fields.get('stale')?.toLowerCase() === 'true',
  };
}

/** The first challenge of a 401 or 407 that can be answered: the server lists the one it likes best first (RFC 8760, 2.4). */
export function findChallenge(response: SipMessage): Challenge | null {
  const name = response.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  const values = response.headers.filter((each) => each.name === name);
  // A comma list of challenges cannot be told from the commas inside one: one challenge a line, as all servers send.
  for (const { value } of values) {
    const challenge = readChallenge(value);
    if (challenge) return challenge;
  }
  return null;
}

export const credentialsHeaderName = (response: SipMessage): string =>
  response.status === 407 ? 'Proxy-Authorization' : 'Authorization';

export interface DigestRequest {
  readonly method: string;
  /** Must equal the Request-URI. */
  readonly uri: string;
  /** How often this nonce has been used, from 1. */
  readonly count: number;
  readonly cnonce: string;
}

/** The value of Authorization or Proxy-Authorization. */
export function answerChallenge(
  challenge: Challenge,
  credentials: Credentials,
  request: DigestRequest,
): string {
  const hash = (text: string): string =>
    createHash(challenge.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const count = request.count.toString(16).padStart(8, '0');
  const secret = hash(`${credentials.user}:${challenge.realm}:${credentials.password}`);
  const target = hash(`${request.method}:${request.uri}`);
  const middle = challenge.qop ? `${challenge.nonce}:${count}:${request.cnonce}:auth` : challenge.nonce;
  const fields: [name: string, value: string][] = [
    ['username', quote(credentials.user)],
    ['realm', quote(challenge.realm)],
    ['nonce', quote(challenge.nonce)],
    ['uri', quote(request.uri)],
    ['algorithm', challenge.algorithm],
    ['response', `"${hash(`${secret}:${middle}:${target}`)}"`],
  ];
  if (challenge.opaque !== null) fields.push(['opaque', quote(challenge.opaque)]);
  if (challenge.qop) fields.push(['qop', 'auth'], ['cnonce', quote(request.cnonce)], ['nc', count]);
  return `Digest ${fields.map(([name, value]) => `${name}=${value}`).join(', ')}`;
}

/** So many nonces are counted at once: those of a proxy and of the registrar behind it, and what they were before. */
const mostNonces = 8;

/** Counts the uses of each nonce, as servers that check `nc` want it. One per credentials and PBX. */
export class DigestSession {
  private readonly uses = new Map<string, number>();

  constructor(
    private readonly credentials: Credentials,
    private readonly cnonce: () => string,
  ) {}

  answer(challenge: Challenge, method: string, uri: string): string {
    return answerChallenge(challenge, this.credentials, {
      method,
      uri,
      count: this.countUse(challenge.nonce),
      cnonce: this.cnonce(),
    });
  }

  private countUse(nonce: string): number {
    const count = (this.uses.get(nonce) ?? 0) + 1;
    // Set anew, so that the one not used for longest is the first.
    this.uses.delete(nonce);
    this.uses.set(nonce, count);
    const [oldest] = this.uses.keys();
    if (this.uses.size > mostNonces && oldest !== undefined) this.uses.delete(oldest);
    return count;
  }
}
