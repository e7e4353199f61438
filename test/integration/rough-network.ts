import {
  createResponse,
  header,
  readMessage,
  type SipMessage,
  writeMessage,
} from '../../electron/sip/message/message.ts';
import type { BindUdpSocket, UdpAddress, UdpListener } from '../../electron/sip/transport/udp-socket.ts';

export interface Roughness {
  readonly seed: number;
  /** Share of the datagrams that never arrive, each way. */
  readonly loss: number;
  /**
   * A datagram that was lost so often in a row gets through the next time. RFC 3261 sends an INVITE seven times: at
   * 30 % one in 4,600 is lost for good, and which one that is no phone can help.
   */
  readonly mostInARow: number;
  /** Share that arrive twice. */
  readonly duplicates: number;
  /** Each copy travels for up to so many milliseconds, so that datagrams overtake each other. */
  readonly longestDelay: number;
  /** False: a datagram that has been sent before is swallowed, as if nobody ever repeated anything. */
  readonly repeats: boolean;
}

export interface RoughNetwork {
  readonly bind: BindUdpSocket;
  readonly sent: number;
  /** When the last datagram was sent, REGISTER aside; milliseconds of the clock in force. */
  readonly lastSent: number;
}

/**
 * UDP within the process, so that a fake clock rules everything, that loses, doubles and reorders: the same way in
 * every run. REGISTER is answered by the network itself, so that nothing of it is left when calls are counted.
 */
export function createRoughNetwork(roughness: Roughness): RoughNetwork {
  const listeners = new Map<string, UdpListener>();
  /** How often each datagram has been lost since it last got through. */
  const losses = new Map<string, number>();
  const random = xorshift(roughness.seed);
  /** What the registrar holds, by the socket that it was registered from. */
  const contacts = new Map<string, string>();
  let sent = 0;
  let lastSent = 0;

  const register = (datagram: Buffer, place: string): Buffer => {
    const message = read(datagram);
    const contact = header(message, 'Contact') ?? contacts.get(place) ?? '';
    contacts.set(place, contact);
    const headers = [{ name: 'Contact', value: `${contact};expires=36000` }];
    return writeMessage(createResponse(message, 200, 'OK', { toTag: 'r', headers }));
  };

  const isLost = (text: string): boolean => {
    const before = losses.get(text) ?? 0;
    const lost = random() < roughness.loss && before < roughness.mostInARow;
    losses.set(text, lost ? before + 1 : 0);
    return lost;
  };
  const deliver = (datagram: Buffer, from: UdpAddress, to: UdpAddress): void => {
    const copies = random() < roughness.duplicates ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      setTimeout(
        () => listeners.get(placeOf(to))?.onDatagram(datagram, from),
        1 + random() * roughness.longestDelay,
      );
    }
  };

  return {
    async bind(local, listener) {
      listeners.set(placeOf(local), listener);
      return {
        local,
        send(datagram, to) {
          const text = datagram.toString('latin1');
          if (text.startsWith('REGISTER ')) {
            setTimeout(() => listener.onDatagram(register(datagram, placeOf(local)), to), 1);
            return;
          }
          sent += 1;
          lastSent = Date.now();
          if (!roughness.repeats && losses.has(text)) return;
          if (!isLost(text)) deliver(datagram, local, to);
        },
        close: async () => void listeners.delete(placeOf(local)),
      };
    },
    get sent() {
      return sent;
    },
    get lastSent() {
      return lastSent;
    },
  };
}

const placeOf = ({ address, port }: UdpAddress): string => `${address}:${port}`;

function read(datagram: Buffer): SipMessage {
  const result = readMessage(datagram);
  if (!result.ok) throw new Error(result.problem);
  return result.message;
}

/** xorshift32; 0 <= x < 1. */
export function xorshift(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
