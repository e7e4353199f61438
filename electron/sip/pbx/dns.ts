import { lookup, resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import { cryptoRandom } from '../random.ts';
import type { Peer, TransportName } from '../transport/transport.ts';

/** Where a message goes, by name or IP address. */
export interface Hop {
  readonly host: string;
  readonly port: number;
  /** UDP when absent. */
  readonly transport?: TransportName;
}

/** RFC 3263, 4.2. */
const services: Readonly<Record<TransportName, string>> = {
  udp: '_sip._udp',
  tcp: '_sip._tcp',
  tls: '_sips._tcp',
};

/** The name that has the SRV records of a host. */
export const srvName = ({ host, transport = 'udp' }: Hop): string => `${services[transport]}.${host}`;

export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** IP addresses of a host, IPv4 first, as SPA gear has no other; rejects when there is none. */
export async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  const found = await lookup(host, { all: true });
  return found.sort((one, other) => one.family - other.family).map(({ address }) => address);
}

/** All addresses of a SIP server over one transport, best first; by its SRV records if `srv` and there are any. Rejects when there are none. */
export async function findAddresses(
  hop: Hop,
  srv: boolean,
  random = cryptoRandom.fraction,
): Promise<readonly Peer[]> {
  const { host, port, ...over } = hop;
  const addressesAt = async (at: Hop): Promise<Peer[]> =>
    (await resolveHost(at.host)).map((address) => ({ address, port: at.port, ...over }));
  const records = srv && !isIP(host) ? await resolveSrv(srvName(hop)).catch(() => []) : [];
  if (records.length === 0) return addressesAt({ host, port });
  const ordered = inOrder(records, random);
  // One server whose name is gone must not hide the others.
  const found = await Promise.all(
    ordered.map((record) => addressesAt({ host: record.name, port: record.port }).catch(() => [])),
  );
  const addresses = found.flat();
  return addresses.length > 0 ? addresses : addressesAt({ host, port });
}

/** RFC 2782: lowest priority first; within one, at random, in proportion to the weights. */
export function inOrder(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const left = [...records].sort((one, other) => one.priority - other.priority || one.weight - other.weight);
  const ordered: SrvRecord[] = [];
  for (let first = left[0]; first; first = left[0]) {
    const { priority } = first;
    const peers = left.filter((each) => each.priority === priority);
    const total = peers.reduce((sum, { weight }) => sum + weight, 0);
    const chosen = whereItFalls(peers, random() * total) ?? first;
    ordered.push(chosen);
    left.splice(left.indexOf(chosen), 1);
  }
  return ordered;
}

/** The records laid end to end, each as long as its weight: the one that `mark` lies on. */
function whereItFalls(records: readonly SrvRecord[], mark: number): SrvRecord | undefined {
  let end = 0;
  for (const record of records) {
    end += record.weight;
    if (mark <= end) return record;
  }
  return undefined;
}
