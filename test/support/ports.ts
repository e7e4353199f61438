import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

export const loopback = '127.0.0.1';
export const firstPort = 24_000;
export const lastPort = 24_999;
const blockSize = 10;
/** Given away a while ago: nobody is still about to bind there, and what is bound is found out. */
const remembered = 50;
const taken = new Set<number>();

/**
 * The first of ten neighbouring ports of the tests' range that nobody listens on, UDP or TCP. Ten, since SIP user
 * agents take the neighbour too (TLS).
 */
export async function portBlock(): Promise<number> {
  const blocks = Math.floor((lastPort - firstPort + 1) / blockSize);
  const start = Math.floor(Math.random() * blocks);
  for (let step = 0; step < blocks; step += 1) {
    const port = firstPort + ((start + step) % blocks) * blockSize;
    if (taken.has(port)) continue;
    // Before it is looked at: tests that run at the same time ask at the same time.
    taken.add(port);
    if (await isFree(port)) {
      const [oldest] = taken;
      if (taken.size > remembered && oldest !== undefined) taken.delete(oldest);
      return port;
    }
  }
  throw new Error(`no ten free ports between ${firstPort} and ${lastPort}`);
}

async function isFree(port: number): Promise<boolean> {
  for (let offset = 0; offset < blockSize; offset += 1) {
    if (!(await udpIsFree(port + offset)) || !(await tcpIsFree(port + offset))) return false;
  }
  return true;
}

async function udpIsFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, loopback);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function tcpIsFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, loopback);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
