import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** Two sockets on one address: RTP on an even port, RTCP on the next (RFC 3550, 11). */
export interface PortPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  readonly rtpPort: number;
}

/** From and to, both inclusive. */
export type PortRange = readonly [number, number];

/** The range of the SPA phones begins here too (RTP Port Min). */
export const defaultPortRange: PortRange = [16384, 32767];

const attempts = 40;

/**
 * Binds a free pair within the range, beginning at a random place so that stations on one machine seldom collide.
 * @throws Error with a sentence when the address is not ours or no pair is free.
 */
export async function openPortPair(
  address: string,
  [from, to]: PortRange,
  random: () => number,
): Promise<PortPair> {
  const first = from + (from % 2);
  const pairs = Math.floor((to - first + 1) / 2);
  const start = random() % pairs;
  for (let attempt = 0; attempt < Math.min(attempts, pairs); attempt += 1) {
    const rtpPort = first + 2 * ((start + attempt) % pairs);
    const rtp = await bind(address, rtpPort);
    if (!rtp) continue;
    const rtcp = await bind(address, rtpPort + 1);
    if (rtcp) return { rtp, rtcp, rtpPort };
    rtp.close();
  }
  throw new Error(`no free pair of UDP ports for sound on ${address} between ${from} and ${to}`);
}

/** Null when the port is taken. */
async function bind(address: string, port: number): Promise<Socket | null> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null;
    throw new Error(`cannot receive sound on ${address}: ${error instanceof Error ? error.message : error}`);
  }
}
