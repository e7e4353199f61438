import { randomBytes } from 'node:crypto';
import { NegotiationError } from '../../phone/negotiation.ts';
import type { SrtpKeys } from '../../phone/ports.ts';
import { mustEncrypt } from '../sdp/rtp-profile.ts';
import type { RemoteDescription } from '../sdp/session-description.ts';
import type { CryptoLine, SrtpPolicy } from './crypto-attribute.ts';
import { masterLength, type SrtpSuite } from './srtp-keys.ts';

/**
 * What we offer, the stronger tag first: every phone that encrypts has the first (RFC 4568, 6.2.1), and longer keys would
 * only lengthen the INVITE.
 */
const offeredSuites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const;

type RemoteCrypto = Pick<RemoteDescription, 'crypto' | 'protocol'>;

/**
 * Our keys of one call, and what offer and answer make of them (RFC 4568, 5.1). They stay the same through all offers,
 * so that a re-INVITE does not interrupt the sound, until the far end's change: that may be another far end, which must
 * not hear with the keys of the first.
 */
export class CryptoAgreement {
  readonly #policy: SrtpPolicy;
  #own = new Map<SrtpSuite, string>();
  /** What our key is called, and whether RTCP is encrypted with it: as the far end has offered it. */
  #manner: Pick<CryptoLine, 'mki' | 'unencryptedSrtcp'> = {};
  #theirs: string | null = null;

  constructor(policy: SrtpPolicy) {
    this.#policy = policy;
  }

  /** The lines of our offer. */
  offer(): CryptoLine[] {
    if (this.#policy === 'off') return [];
    return this.#offered().map((suite, index) => ({
      tag: index + 1,
      suite,
      key: this.#keyFor(suite),
      ...this.#manner,
    }));
  }

  /** What the answer has chosen of our offer; null: plain. @throws NegotiationError when that will not do. */
  takeAnswer({ crypto, protocol }: RemoteCrypto): SrtpKeys | null {
    const offered = this.offer();
    const chosen = crypto.find((line) =>
      offered.some(({ tag, suite }) => tag === line.tag && suite === line.suite),
    );
    if (!chosen && (this.#policy === 'required' || mustEncrypt(protocol))) {
      throw new NegotiationError('the far end has taken none of our keys for encrypted audio');
    }
    return chosen ? this.#agree(chosen) : null;
  }

  /** The first line of the offer that we can keep, and ours for the answer; null: plain. */
  answer({ crypto }: RemoteCrypto): { readonly keys: SrtpKeys; readonly line: CryptoLine } | null {
    const [chosen] = crypto;
    if (!chosen) return null;
    if (chosen.key !== this.#theirs) this.#own = new Map();
    const { tag, suite, key, ...manner } = chosen;
    this.#manner = manner;
    const keys = this.#agree(chosen);
    return { keys, line: { ...chosen, key: keys.local } };
  }

  #agree({ suite, key, mki, unencryptedSrtcp }: CryptoLine): SrtpKeys {
    this.#theirs = key;
    return {
      suite,
      local: this.#keyFor(suite),
      remote: key,
      ...(this.#manner.mki ? { localMki: this.#manner.mki } : {}),
      ...(mki ? { remoteMki: mki } : {}),
      ...(unencryptedSrtcp ? { unencryptedSrtcp } : {}),
    };
  }

  /** A call that goes on with another suite keeps it. */
  #offered(): SrtpSuite[] {
    const others = [...this.#own.keys()].filter((suite) => !offeredSuites.some((each) => each === suite));
    return [...others, ...offeredSuites];
  }

  #keyFor(suite: SrtpSuite): string {
    const key = this.#own.get(suite) ?? randomBytes(masterLength[suite]).toString('base64');
    this.#own.set(suite, key);
    return key;
  }
}
