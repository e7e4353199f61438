import type { Log } from '../phone/ports.ts';
import { createResponse, header, type SipMessage } from '../sip/message.ts';
import { readSipUri, tagOf } from '../sip/message-fields.ts';
import type { Random } from '../sip/random.ts';
import type { Endpoint } from '../sip/retransmission.ts';
import type { UdpAddress } from '../sip/udp-socket.ts';
import type { Binding, Bindings } from './bindings.ts';
import { ForkedCall } from './forked-call.ts';

export interface RoutingOptions {
  readonly endpoint: Pick<Endpoint, 'local' | 'request' | 'respond'>;
  readonly bindings: Bindings;
  readonly knows: (extension: string) => boolean;
  readonly random: Random;
  /** Milliseconds a call rings before the caller gets 480. */
  readonly ringingTime: number;
  readonly log: Log;
}

/** Where an INVITE goes, or why it goes nowhere. */
export type Route =
  | { readonly targets: readonly Binding[] }
  | { readonly status: number; readonly phrase: string };

/** Brings calls from station to station: every contact of the called extension rings at once (facts 1.4). */
export class Routing {
  readonly #calls = new Map<string, ForkedCall>();

  constructor(private readonly options: RoutingOptions) {}

  invite(request: SipMessage, from: UdpAddress): void {
    const { endpoint, random, ringingTime, log } = this.options;
    const route = findRoute(request, from, this.options);
    if ('status' in route) {
      log.info({ to: request.uri, status: route.status }, 'call refused');
      endpoint.respond(createResponse(request, route.status, route.phrase, { toTag: random.token() }));
      return;
    }
    const key = keyOf(request);
    const onSettled = (): void => void this.#calls.delete(key);
    const call = new ForkedCall(request, route.targets, { endpoint, random, ringingTime, onSettled });
    this.#calls.set(key, call);
    log.info({ to: request.uri, contacts: route.targets.map((it) => it.uri) }, 'call');
    call.start();
  }

  cancel(request: SipMessage): void {
    const call = this.#calls.get(keyOf(request));
    const [status, phrase] = call ? ([200, 'OK'] as const) : ([481, 'Call Does Not Exist'] as const);
    this.options.endpoint.respond(
      createResponse(request, status, phrase, { toTag: this.options.random.token() }),
    );
    call?.cancel();
  }

  close(): void {
    for (const call of this.#calls.values()) call.close();
    this.#calls.clear();
  }
}

/** Calls from unregistered stations are refused, as the SPA9000 does (facts 1.1). */
export function findRoute(
  request: SipMessage,
  from: UdpAddress,
  { bindings, knows }: Pick<RoutingOptions, 'bindings' | 'knows'>,
): Route {
  const refuse = (status: number, phrase: string): Route => ({ status, phrase });
  // Stations reach each other directly, so a request inside a dialog has nothing to look for here.
  if (tagOf(header(request, 'To')) !== null) return refuse(481, 'Call Does Not Exist');
  const caller = bindings.at(from);
  if (!caller) return refuse(403, 'Station Not Registered');
  if (header(request, 'Max-Forwards') === '0') return refuse(483, 'Too Many Hops');
  const extension = readSipUri(request.uri)?.user ?? null;
  if (extension === null || !knows(extension)) return refuse(404, 'Unknown Extension');
  // A station that calls an extension it shares does not ring itself.
  const targets = bindings.of(extension).filter((it) => it.registrant !== caller.registrant);
  return targets.length > 0 ? { targets } : refuse(480, 'Temporarily Unavailable');
}

/** CANCEL carries the Call-ID, From and CSeq number of its INVITE (RFC 3261, 9.1). */
function keyOf(request: SipMessage): string {
  const number = header(request, 'CSeq')?.split(/\s/, 1)[0];
  return [header(request, 'Call-ID'), tagOf(header(request, 'From')), number].join(' ');
}
