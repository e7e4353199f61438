import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

export interface UdpAddress {
  readonly address: string;
  readonly port: number;
}

export interface UdpSocket {
  readonly local: UdpAddress;
  /** Sends, or tells `onError`; never throws. `to.address` must be an IP address. */
  send(datagram: Buffer, to: UdpAddress): void;
  close(): Promise<void>;
}

export interface UdpListener {
  onDatagram(datagram: Buffer, from: UdpAddress): void;
  /** A datagram could not be sent, or the socket failed; it stays open. */
  onError(error: Error): void;
}

/** Bytes; the kernel gives what it allows. */
const receiveBuffer = 2 ** 20;

/** Binds one UDP port (0: any). Rejects with node's error (EADDRINUSE, EADDRNOTAVAIL, EACCES). */
export type BindUdpSocket = (local: UdpAddress, listener: UdpListener) => Promise<UdpSocket>;

export const bindUdpSocket: BindUdpSocket = async (local, listener) => {
  // The usual 200 kB hold some ninety line states; a PBX that comes back sends more of them at once.
  const type = isIPv6(local.address) ? 'udp6' : 'udp4';
  const socket = createSocket({ type, recvBufferSize: receiveBuffer });
  await bound(socket, local);
  socket.on('error', (error) => listener.onError(error));
  socket.on('message', (datagram, { address, port }) => listener.onDatagram(datagram, { address, port }));
  let open = true;
  return {
    local: { address: local.address, port: socket.address().port },
    send(datagram, to) {
      if (!open) return;
      try {
        socket.send(datagram, to.port, to.address, (error) => error && open && listener.onError(error));
      } catch (error) {
        // Port 0 or the like, out of a peer's Via or Contact: node throws at once.
        listener.onError(error instanceof Error ? error : new Error(String(error)));
      }
    },
    close: () => {
      if (!open) return Promise.resolve();
      open = false;
      return new Promise((resolve) => socket.close(() => resolve()));
    },
  };
};

function bound(socket: Socket, local: UdpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => {
      socket.close();
      reject(error);
    };
    socket.once('error', refused);
    socket.bind({ port: local.port, address: local.address, exclusive: true }, () => {
      socket.off('error', refused);
      resolve();
    });
  });
}
