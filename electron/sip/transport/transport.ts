import type { SipMessage } from '../message/message.ts';
import { headerValues } from '../message/message.ts';
import { readVia, writeVia } from '../message/message-fields.ts';
import type { UdpAddress } from './udp-socket.ts';

/** Over what a message travels (RFC 3261, 18; TLS is 26.2.1's). */
export type TransportName = 'udp' | 'tcp' | 'tls';

/**
 * Where a message goes or has come from; by UDP when it does not say. At the other end of a connection that was opened
 * to us it names that connection: the port is the one that the peer opened it from.
 */
export interface Peer extends UdpAddress {
  readonly transport?: TransportName;
}

export interface TransportListener {
  /** One whole message, well-formed or not; `local` is our end where that is not the transport's own `local`. */
  onDatagram(message: Buffer, from: Peer, local?: UdpAddress): void;
  /** A message could not be sent, or the socket failed; the transport stays open. */
  onError(error: Error): void;
  /** A connection could not be made, or has ended: what was sent over it may not have arrived. */
  onLost?(peer: Peer, error: Error): void;
}

/**
 * What carries SIP messages: a UDP socket (udp-socket.ts) is one that has no connections, and transports.ts joins UDP,
 * TCP and TLS.
 */
export interface Transport {
  readonly local: UdpAddress;
  /** Sends, or tells `onError` or `onLost`; never throws. `to.address` must be an IP address. */
  send(message: Buffer, to: Peer): void;
  /** Our end of the connection to that peer; null: there is none. */
  connectionTo?(peer: Peer): UdpAddress | null;
  /** Opens a connection if there is none; false: there is none within `ms` milliseconds. */
  connect?(peer: Peer, ms: number): Promise<boolean>;
  /** Gives up the connection to a peer that is silent; `onLost` is told, and the next message opens another. */
  disconnect?(peer: Peer): void;
  close(): Promise<void>;
}

export type BindTransport = (local: UdpAddress, listener: TransportListener) => Promise<Transport>;

/** Over a connection nothing is lost and nothing is repeated (RFC 3261, 17). */
export const isConnected = ({ transport }: Peer): boolean => transport === 'tcp' || transport === 'tls';

export const peerKey = ({ transport, address, port }: Peer): string =>
  `${transport ?? 'udp'} ${address} ${port}`;

/** The port of a SIP address that names none (RFC 3261, 19.1.2). */
export const defaultPort = (transport: TransportName | undefined): number =>
  transport === 'tls' ? 5061 : 5060;

/** What a URI's or a Via's text says; undefined: nothing, or something that we do not speak. */
export function readTransport(text: string | null | undefined): TransportName | undefined {
  const name = text?.toLowerCase();
  return name === 'udp' || name === 'tcp' || name === 'tls' ? name : undefined;
}

/** A request whose top Via names what it really travels over: that is the transport's to say (RFC 3261, 18.1.1). */
export function sentOver(request: SipMessage, transport: TransportName = 'udp'): SipMessage {
  const [top = '', ...rest] = headerValues(request, 'Via');
  const via = readVia(top);
  const name = transport.toUpperCase();
  if (!via || via.transport === name) return request;
  const vias = [writeVia({ ...via, transport: name }), ...rest].map((value) => ({ name: 'Via', value }));
  const others = request.headers.filter((each) => each.name !== 'Via');
  return { ...request, headers: [...vias, ...others] };
}
