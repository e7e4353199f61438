import { Grammar, type URI } from 'sip.js/lib/grammar/index.js';
import { readNameAddr, splitList } from '../message/message-fields.ts';
import type { TransportName } from '../transport/transport.ts';

/** Servers that send a call in circles must not keep it going. */
const mostHops = 5;

/**
 * Where 3xx answers send a call of ours (RFC 3261, 8.1.3.4): the Contacts one after the other, the best first, none
 * twice. 305 would have the call go past the PBX, and what 380 offers is in a body that nobody writes.
 */
export class CallRedirection {
  private hops = 0;
  private readonly tried = new Set<string>();
  private waiting: { readonly uri: URI; readonly q: number }[] = [];

  constructor(
    first: URI,
    private readonly transport: TransportName,
  ) {
    this.tried.add(keyOf(first));
  }

  /** Takes the Contact headers of a 3xx. */
  take(status: number, contacts: readonly string[]): void {
    if (status > 302) return;
    const found = contacts.flatMap(splitList).flatMap((contact) => this.targetsOf(contact));
    // What a target names comes before the other targets of the server that named it.
    this.waiting = [...found.sort((one, other) => other.q - one.q), ...this.waiting];
  }

  /** Where to try next; null: nowhere any more. */
  next(): URI | null {
    for (let target = this.waiting.shift(); target; target = this.waiting.shift()) {
      if (this.hops >= mostHops) return null;
      const key = keyOf(target.uri);
      if (this.tried.has(key)) continue;
      this.tried.add(key);
      this.hops += 1;
      return target.uri;
    }
    return null;
  }

  private targetsOf(contact: string): { uri: URI; q: number }[] {
    const { uri: text, params } = readNameAddr(contact) ?? { uri: '', params: new Map() };
    // A sips URI wants TLS all the way (RFC 3261, 26.2.2).
    const scheme = this.transport === 'tls' ? /^sips?:/i : /^sip:/i;
    const uri = scheme.test(text) ? Grammar.URIParse(text) : undefined;
    if (!uri) return [];
    // Nobody puts headers of his own, or another method, into our INVITE (RFC 3261, 19.1.5).
    uri.clearHeaders();
    uri.deleteParam('method');
    const q = Number(params.get('q') ?? 1);
    return [{ uri, q: Number.isFinite(q) ? q : 1 }];
  }
}

/** Enough of RFC 3261, 19.1.4 to know a place that we have been to. */
const keyOf = (uri: URI): string => `${uri.user ?? ''}@${uri.host.toLowerCase()}:${uri.port ?? ''}`;
