import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { UdpAddress } from './udp-socket.ts';

/** Where the PBX is: its name resolved, and who may therefore send us requests. */
export class PbxAddress {
  private readonly known = new Set<string>();
  private current: UdpAddress | null = null;

  constructor(
    private readonly host: string,
    private readonly port: number,
  ) {}

  /** The address last resolved; null before. */
  get last(): UdpAddress | null {
    return this.current;
  }

  /** Resolves anew; rejects when the name is unknown. An IPv4 address is preferred, as SPA gear has no other. */
  async resolve(): Promise<UdpAddress> {
    const addresses = await resolveHost(this.host);
    this.known.clear();
    for (const address of addresses) this.known.add(address);
    const [first = this.host] = addresses;
    this.current = { address: first, port: this.port };
    return this.current;
  }

  has(address: string): boolean {
    return this.known.has(address);
  }

  /** The address of a hop when it needs no look-up: an IP address, or the PBX by its name. */
  reach(hop: { readonly host: string; readonly port: number }): UdpAddress | null {
    if (isIP(hop.host)) return { address: hop.host, port: hop.port };
    const isPbx = hop.host.toLowerCase() === this.host.toLowerCase();
    return isPbx && this.current ? { ...this.current, port: hop.port } : null;
  }

  /** Rejects when the host is unknown. */
  async find(hop: { readonly host: string; readonly port: number }): Promise<UdpAddress> {
    const [address = hop.host] = await resolveHost(hop.host);
    return { address, port: hop.port };
  }
}

/** IP addresses of a host, IPv4 first; rejects when there is none. */
export async function resolveHost(host: string): Promise<string[]> {
  if (isIP(host)) return [host];
  const found = await lookup(host, { all: true });
  return found.sort((one, other) => one.family - other.family).map(({ address }) => address);
}

/** The address of the interface that reaches `remote`: connecting a UDP socket sends nothing but chooses a route. */
export function localAddressTowards(remote: UdpAddress): Promise<string> {
  const socket = createSocket(isIPv6(remote.address) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const done = (address: string): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => done(anyOwnAddress()));
    socket.connect(remote.port, remote.address, () => done(socket.address().address));
  });
}

/** While the PBX cannot be found there is no better choice than the first interface to the outside. */
export function anyOwnAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
