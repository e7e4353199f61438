import { createResponse, header, headerValues, type SipMessage, withHeader } from '../sip/message/message.ts';
import { readNameAddr, readSipUri, tagOf, writeHostPort } from '../sip/message/message-fields.ts';
import { nextHop } from '../sip/pbx/routing.ts';
import { createBranch, type Random } from '../sip/random.ts';
import type { Endpoint } from '../sip/transactions/retransmission.ts';
import type { UdpAddress } from '../sip/transport/udp-socket.ts';

export interface LooseRouteOptions {
  readonly endpoint: Pick<Endpoint, 'local' | 'request' | 'respond'>;
  readonly random: Random;
  /** A request inside a dialog, or its final answer, on its way. */
  readonly passing: (message: SipMessage) => void;
}

/** Puts the PBX in the way of whatever follows in the dialog (RFC 3261, 16.6, step 4). */
export const recordRoute = ({ address, port }: UdpAddress): string =>
  `<sip:${writeHostPort(address, port)};lr>`;

/** Carries requests inside dialogs from station to station, by the Route that `recordRoute` has brought about. */
export class LooseRoute {
  constructor(private readonly options: LooseRouteOptions) {}

  /** False: it is not on our route. */
  take(request: SipMessage): boolean {
    const [first, ...others] = headerValues(request, 'Route');
    if (first === undefined || !this.#isOurs(first) || tagOf(header(request, 'To')) === null) return false;
    const routed = {
      ...request,
      headers: [
        ...others.map((value) => ({ name: 'Route', value })),
        ...request.headers.filter(({ name }) => name !== 'Route'),
      ],
    };
    const hop = nextHop(routed);
    if (header(request, 'Max-Forwards') === '0') this.#refuse(request, 483, 'Too Many Hops');
    else if (hop === null) this.#refuse(request, 400, 'Bad Route');
    else this.#pass(request, routed, { address: hop.host, port: hop.port });
    return true;
  }

  #pass(request: SipMessage, routed: SipMessage, to: UdpAddress): void {
    const { endpoint, random, passing } = this.options;
    passing(request);
    endpoint.request(forwarded(routed, createBranch(random), endpoint.local), to, {
      onResponse(response) {
        if (response.status === 100) return;
        if (response.status >= 200) passing(response);
        endpoint.respond(withoutTopVia(response));
      },
      onTimeout: () => this.#refuse(request, 408, 'Request Timeout'),
    });
  }

  #refuse(request: SipMessage, status: number, phrase: string): void {
    if (request.method !== 'ACK') this.options.endpoint.respond(createResponse(request, status, phrase));
  }

  #isOurs(route: string): boolean {
    const { address, port } = this.options.endpoint.local;
    const uri = readSipUri(readNameAddr(route)?.uri ?? '');
    return uri?.host === address && (uri.port ?? 5060) === port;
  }
}

/** A request as a proxy sends it on (RFC 3261, 16.6). */
export function forwarded(request: SipMessage, branch: string, { address, port }: UdpAddress): SipMessage {
  const via = { name: 'Via', value: `SIP/2.0/UDP ${writeHostPort(address, port)};branch=${branch}` };
  const hops = Number(header(request, 'Max-Forwards') ?? 70);
  const closer = withHeader(request, 'Max-Forwards', String(hops - 1));
  return { ...closer, headers: [via, ...closer.headers] };
}

/** A response as a proxy passes it back (RFC 3261, 16.7, step 3). */
export function withoutTopVia(response: SipMessage): SipMessage {
  const [, ...vias] = headerValues(response, 'Via');
  const others = response.headers.filter(({ name }) => name !== 'Via');
  return { ...response, headers: [...vias.map((value) => ({ name: 'Via', value })), ...others] };
}
