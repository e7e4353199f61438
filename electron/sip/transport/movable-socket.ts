import type { BindUdpSocket, UdpAddress, UdpListener, UdpSocket } from './udp-socket.ts';

/** A UDP socket that can go to another address of this machine while what stands above goes on. */
export interface MovableSocket extends UdpSocket {
  /** Binds the same port there, or any if that is taken, and lets the old one go. Rejects as binding does; then all is as before. */
  move(address: string): Promise<void>;
}

export async function bindMovable(
  bind: BindUdpSocket,
  local: UdpAddress,
  listener: UdpListener,
): Promise<MovableSocket> {
  let socket = await bind(local, listener);
  let open = true;
  return {
    get local() {
      return socket.local;
    },
    send: (datagram, to) => socket.send(datagram, to),
    async move(address) {
      const { port } = socket.local;
      const next = await bind({ address, port }, listener).catch(() => bind({ address, port: 0 }, listener));
      const left = open ? socket : next;
      if (open) socket = next;
      await left.close();
    },
    close() {
      open = false;
      return socket.close();
    },
  };
}
