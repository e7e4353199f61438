import type { BindUdpSocket, UdpListener } from '../../../electron/sip/transport/udp-socket.ts';

export interface MemoryNetwork {
  readonly bind: BindUdpSocket;
  /** Datagrams for which this is true are lost. */
  loses: (text: string) => boolean;
  /** How often each datagram arrives. */
  copies: number;
  /** Every datagram sent, also the lost ones: its first line. */
  readonly sent: string[];
}

/** UDP within the process: no sockets, so that a fake clock rules everything. */
export function createMemoryNetwork(): MemoryNetwork {
  const listeners = new Map<string, UdpListener>();
  const network: MemoryNetwork = {
    loses: () => false,
    copies: 1,
    sent: [],
    async bind(local, listener) {
      const place = `${local.address}:${local.port}`;
      listeners.set(place, listener);
      return {
        local,
        send(datagram, to) {
          const text = datagram.toString();
          network.sent.push(text.split('\r\n', 1)[0] ?? '');
          if (network.loses(text)) return;
          const arrive = (): void => listeners.get(`${to.address}:${to.port}`)?.onDatagram(datagram, local);
          for (let copy = 0; copy < network.copies; copy += 1) queueMicrotask(arrive);
        },
        close: async () => void listeners.delete(place),
      };
    },
  };
  return network;
}
