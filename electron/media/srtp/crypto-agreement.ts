import { randomBytes } from 'node:crypto';
import { NegotiationError } from '../../phone/negotiation.ts';
import type { SrtpKeys } from '../../phone/ports.ts';
import type { RemoteDescription } from '../sdp/session-description.ts';
import { type CryptoLine, type SrtpPolicy, srtpSuites } from './crypto-attribute.ts';
import { masterLength, type SrtpSuite } from './srtp-keys.ts';

type RemoteCrypto = Pick<RemoteDescription, 'crypto' | 'protocol'>;

/**
 * Our keys of one call, and what offer and answer make of them (RFC 4568, 5.1). They stay the same through all offers,
 * so that a re-INVITE does not interrupt the sound, until the far end's change: that may be another far end, which must
 * not hear with the keys of the first.
 */
export class CryptoAgreement {
  readonly #policy: SrtpPolicy;
  readonly #randomKey: () => string;
  #own = new Map<SrtpSuite, string>();
  #theirs: string | null = null;

  constructor(policy: SrtpPolicy, randomKey = () => randomBytes(masterLength).toString('base64')) {
    this.#policy = policy;
    this.#randomKey = randomKey;
  }

  /** The lines of our offer. */
  offer(): CryptoLine[] {
    if (this.#policy === 'off') return [];
    return srtpSuites.map((suite, index) => ({ tag: index + 1, suite, key: this.#keyFor(suite) }));
  }

  /** What the answer has chosen of our offer; null: plain. @throws NegotiationError when that will not do. */
  takeAnswer({ crypto, protocol }: RemoteCrypto): SrtpKeys | null {
    const offered = this.offer();
    const chosen = crypto.find((line) =>
      offered.some(({ tag, suite }) => tag === line.tag && suite === line.suite),
    );
    if (!chosen && (this.#policy === 'required' || protocol === 'RTP/SAVP')) {
      throw new NegotiationError('encryption', 'the far end has taken none of our keys for encrypted audio');
    }
    return chosen ? this.#agree(chosen) : null;
  }

  /** The first line of the offer that we can keep, and ours for the answer; null: plain. */
  answer({ crypto }: RemoteCrypto): { readonly keys: SrtpKeys; readonly line: CryptoLine } | null {
    const [chosen] = crypto;
    if (!chosen) return null;
    if (chosen.key !== this.#theirs) this.#own = new Map();
    const keys = this.#agree(chosen);
    return { keys, line: { ...chosen, key: keys.local } };
  }

  #agree({ suite, key }: CryptoLine): SrtpKeys {
    this.#theirs = key;
    return { suite, local: this.#keyFor(suite), remote: key };
  }

  #keyFor(suite: SrtpSuite): string {
    const key = this.#own.get(suite) ?? this.#randomKey();
    this.#own.set(suite, key);
    return key;
  }
}
