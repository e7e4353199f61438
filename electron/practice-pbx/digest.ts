import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { splitList, unquote } from '../sip/message/message-fields.ts';

export type DigestVerdict =
  | { readonly ok: true; readonly user: string }
  /** `stale`: right password, old nonce: the station may try again without asking anybody (RFC 2617, 3.2.1). */
  | { readonly ok: false; readonly stale: boolean };

const nonceLifetime = 300_000;

/** MD5 digest as an office PBX of the SPA9000's time asks for it (RFC 2617). Nonces carry their own age. */
export class Digest {
  readonly #secret = randomBytes(16);

  constructor(
    private readonly realm: string,
    /** null: no such user. */
    private readonly passwordOf: (user: string) => string | null,
    private readonly now: () => number,
  ) {}

  /** The value of WWW-Authenticate. */
  challenge(stale: boolean): string {
    const nonce = this.#nonce(this.now());
    return `Digest realm="${this.realm}", nonce="${nonce}", algorithm=MD5, qop="auth"${stale ? ', stale=true' : ''}`;
  }

  /** Checks the value of Authorization. */
  check(authorization: string | undefined, method: string): DigestVerdict {
    const refused = { ok: false, stale: false } as const;
    const fields = readFields(authorization);
    const user = fields?.get('username') ?? '';
    const password = this.passwordOf(user);
    if (!fields || password === null || fields.get('realm') !== this.realm) return refused;
    const secret = md5(`${user}:${this.realm}:${password}`);
    const what = md5(`${method}:${fields.get('uri') ?? ''}`);
    const nonce = fields.get('nonce') ?? '';
    const freshness =
      fields.get('qop') === 'auth'
        ? `${nonce}:${fields.get('nc') ?? ''}:${fields.get('cnonce') ?? ''}:auth`
        : nonce;
    if (!equal(fields.get('response') ?? '', md5(`${secret}:${freshness}:${what}`))) return refused;
    return this.#isFresh(nonce) ? { ok: true, user } : { ok: false, stale: true };
  }

  #nonce(issuedAt: number): string {
    const stamp = issuedAt.toString(16);
    return `${stamp}-${createHmac('sha256', this.#secret).update(stamp).digest('hex').slice(0, 32)}`;
  }

  #isFresh(nonce: string): boolean {
    const issuedAt = Number.parseInt(nonce, 16);
    return equal(nonce, this.#nonce(issuedAt)) && this.now() - issuedAt < nonceLifetime;
  }
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

const equal = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

function readFields(authorization: string | undefined): ReadonlyMap<string, string> | null {
  const [, list] = /^Digest\s+(.+)$/i.exec(authorization ?? '') ?? [];
  if (list === undefined) return null;
  return new Map(
    splitList(list).map((field) => {
      const equals = field.indexOf('=');
      return [field.slice(0, equals).trim().toLowerCase(), unquote(field.slice(equals + 1).trim())];
    }),
  );
}
