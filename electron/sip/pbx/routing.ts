import { headerValues, type SipMessage } from '../message/message.ts';
import { readNameAddr, readSipUri, type SipUri } from '../message/message-fields.ts';
import { defaultPort, readTransport, type TransportName } from '../transport/transport.ts';
import type { Hop } from './dns.ts';

/**
 * The next hop of a request: its first Route, else its Request-URI (RFC 3261, 8.1.2); over the `usual` transport when
 * that names none.
 */
export function nextHop(request: SipMessage, usual: TransportName = 'udp'): Hop | null {
  const [route] = headerValues(request, 'Route');
  const uri = readSipUri(route === undefined ? request.uri : (readNameAddr(route)?.uri ?? ''));
  return uri && hopOf(uri, usual);
}

/** Where a URI leads (RFC 3263, 4, 4.1 and 4.2, without NAPTR). */
export function hopOf(uri: SipUri, usual: TransportName): Hop {
  const named = uri.scheme === 'sips' ? 'tls' : readTransport(uri.params.get('transport'));
  const transport = named ?? usual;
  const port = uri.port ?? defaultPort(transport);
  const host = uri.params.get('maddr') ?? uri.host;
  return transport === 'udp' ? { host, port } : { host, port, transport };
}

/**
 * A strict router (RFC 2543; no `lr` in its Record-Route) goes by the Request-URI alone: it gets its own URI there, and
 * the far end's as the last Route (RFC 3261, 12.2.1.1). sip.js writes every request as for a loose one.
 */
export function forStrictRouter(request: SipMessage): SipMessage {
  const [first, ...rest] = headerValues(request, 'Route');
  const uri = readNameAddr(first ?? '')?.uri;
  if (uri === undefined || readSipUri(uri)?.params.has('lr') !== false) return request;
  const routes = [...rest, `<${request.uri}>`].map((value) => ({ name: 'Route', value }));
  const at = request.headers.findIndex(({ name }) => name === 'Route');
  const others = request.headers.filter(({ name }) => name !== 'Route');
  return { ...request, uri, headers: [...others.slice(0, at), ...routes, ...others.slice(at)] };
}
