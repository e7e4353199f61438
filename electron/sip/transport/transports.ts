import { bindMovable } from './movable-socket.ts';
import { Streams, type StreamsOptions } from './streams.ts';
import { isConnected, type Transport, type TransportListener } from './transport.ts';
import type { BindUdpSocket, UdpAddress } from './udp-socket.ts';

/** UDP, TCP and TLS of one extension, at one address and port of this machine. */
export interface Transports extends Required<Transport> {
  /** Goes to another address, with the same port if it is free there. Rejects as binding does; then all is as before. */
  move(address: string): Promise<void>;
}

export interface TransportsOptions {
  readonly udp: BindUdpSocket;
  /** null: UDP alone. */
  readonly streams: StreamsOptions | null;
}

/** Rejects with node's error when the UDP port cannot be bound. */
export async function bindTransports(
  { udp, streams: wanted }: TransportsOptions,
  local: UdpAddress,
  listener: TransportListener,
): Promise<Transports> {
  const socket = await bindMovable(udp, local, listener);
  const streams = wanted && new Streams(wanted, listener);
  await streams?.open(socket.local);
  return {
    get local() {
      return socket.local;
    },
    send(message, to) {
      if (!isConnected(to)) socket.send(message, to);
      else if (streams) streams.send(message, to);
      else listener.onError(new Error(`no way to send over ${to.transport}`));
    },
    // Asked for every datagram.
    connectionTo: (peer) => (isConnected(peer) ? (streams?.connectionTo(peer) ?? null) : null),
    connect: async (peer, ms) => (await streams?.connect(peer, ms)) ?? false,
    disconnect: (peer) => streams?.disconnect(peer),
    async move(address) {
      await socket.move(address);
      await streams?.open(socket.local);
    },
    async close() {
      await streams?.close();
      await socket.close();
    },
  };
}
