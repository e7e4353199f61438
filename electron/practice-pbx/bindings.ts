import type { UdpAddress } from '../sip/transport/udp-socket.ts';

/** Where a station can be reached for one of its extensions: one Contact of a REGISTER (RFC 3261, 10.3). */
export interface Binding {
  /** The extension: user of the To header. */
  readonly extension: string;
  /** The station's own user: user of the From header. Differs from `extension` for a shared one. */
  readonly registrant: string;
  /** The Contact URI as registered. */
  readonly uri: string;
  /** Where requests for it go: host and port of the Contact. */
  readonly target: UdpAddress;
  /** Where the REGISTER came from; the same as `target` but for stations that register through a helper. */
  readonly source: UdpAddress;
  readonly stationName: string | null;
  readonly callId: string;
  readonly cseq: number;
  /** Milliseconds on the clock of the store. */
  readonly expiresAt: number;
}

/** `address:port` of a binding's target: what identifies a station on a line. */
export type StationId = string;
export const stationOf = (binding: Binding): StationId => placeOf(binding.target);
/** Whether two bindings are of one phone's slot for one extension; its address may have changed. */
export const isSamePhone = (one: Binding, other: Binding): boolean =>
  one.extension === other.extension && one.registrant === other.registrant;
const placeOf = ({ address, port }: UdpAddress): string => `${address}:${port}`;

/** Who is registered where. Expired bindings are gone for every reader; `sweep` tells which went. */
export class Bindings {
  readonly #byExtension = new Map<string, Map<string, Binding>>();

  constructor(private readonly clock: () => number) {}

  /** Adds or refreshes. `stale`: an older REGISTER of the same Call-ID, overtaken by a newer one (10.3, step 7). */
  save(binding: Binding): 'new' | 'refreshed' | 'stale' {
    const contacts = this.#byExtension.get(binding.extension) ?? new Map<string, Binding>();
    const known = contacts.get(binding.uri);
    if (known && isOvertaken(binding, known)) return 'stale';
    this.#byExtension.set(binding.extension, contacts.set(binding.uri, binding));
    return known && known.expiresAt > this.clock() ? 'refreshed' : 'new';
  }

  remove(extension: string, uri: string): Binding | null {
    const contacts = this.#byExtension.get(extension);
    const known = contacts?.get(uri) ?? null;
    contacts?.delete(uri);
    return known;
  }

  of(extension: string): readonly Binding[] {
    return [...(this.#byExtension.get(extension)?.values() ?? [])].filter(
      (it) => it.expiresAt > this.clock(),
    );
  }

  /** Where the phone of a binding is now; null: nowhere. */
  current(binding: Binding): Binding | null {
    return this.of(binding.extension).findLast((it) => isSamePhone(it, binding)) ?? null;
  }

  all(): readonly Binding[] {
    return [...this.#byExtension.keys()].flatMap((extension) => this.of(extension));
  }

  /** The binding that a datagram from `place` speaks for: of `extension`, or any when none is given. */
  at(place: UdpAddress, extension?: string): Binding | null {
    const candidates = extension === undefined ? this.all() : this.of(extension);
    const wanted = placeOf(place);
    return candidates.find((it) => placeOf(it.target) === wanted || placeOf(it.source) === wanted) ?? null;
  }

  /** Forgets what has expired and returns it. */
  sweep(): readonly Binding[] {
    const expired = [...this.#byExtension.values()]
      .flatMap((contacts) => [...contacts.values()])
      .filter((it) => it.expiresAt <= this.clock());
    for (const it of expired) this.remove(it.extension, it.uri);
    return expired;
  }
}

export const isOvertaken = (late: Pick<Binding, 'callId' | 'cseq'>, known: Binding): boolean =>
  known.callId === late.callId && known.cseq >= late.cseq;
