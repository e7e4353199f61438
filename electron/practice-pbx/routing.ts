import type { Log } from '../phone/ports.ts';
import { createResponse, header, type SipMessage } from '../sip/message/message.ts';
import { readSipUri, tagOf } from '../sip/message/message-fields.ts';
import type { Random } from '../sip/random.ts';
import type { Endpoint } from '../sip/transactions/retransmission.ts';
import type { UdpAddress } from '../sip/transport/udp-socket.ts';
import type { Binding } from './bindings.ts';
import { ForkedCall } from './forked-call.ts';
import type { HouseCalls } from './house-calls.ts';
import { type NamedDialogOptions, routeToNamed } from './named-dialog.ts';
import { type Refusal, type Route, refusal, type Way } from './route.ts';

export interface RoutingOptions extends NamedDialogOptions {
  readonly endpoint: Pick<Endpoint, 'local' | 'request' | 'respond'>;
  readonly calls: HouseCalls;
  readonly knows: (extension: string) => boolean;
  readonly random: Random;
  /** Milliseconds a call rings before the caller gets 480. */
  readonly ringingTime: number;
  readonly log: Log;
}

/** Brings calls from station to station: every contact of the called extension rings at once (facts 1.4). */
export class Routing {
  readonly #calls = new Map<string, ForkedCall>();

  constructor(private readonly options: RoutingOptions) {}

  invite(request: SipMessage, from: UdpAddress): void {
    const caller = this.options.bindings.at(from);
    // Calls from unregistered stations are refused, as the SPA9000 does (facts 1.1).
    const route = caller ? findRoute(request, caller, this.options) : refusal(403, 'Station Not Registered');
    if (caller && 'targets' in route) this.#fork(request, caller, route);
    else if ('status' in route) this.#refuse(request, route);
  }

  #fork(request: SipMessage, caller: Binding, { targets, invite }: Way): void {
    const { endpoint, calls, random, ringingTime, log } = this.options;
    const key = keyOf(request);
    const call = new ForkedCall(invite, targets, {
      endpoint,
      random,
      ringingTime,
      heard(station, response) {
        if (response) calls.answered(request, caller, station, response);
        else calls.refused(request, station);
      },
      onSettled: () => void this.#calls.delete(key),
    });
    this.#calls.set(key, call);
    log.info({ to: request.uri, contacts: targets.map((it) => it.uri) }, 'call');
    call.start();
  }

  #refuse(request: SipMessage, { status, phrase }: Refusal): void {
    const { endpoint, random, log } = this.options;
    log.info({ to: request.uri, status }, 'call refused');
    endpoint.respond(createResponse(request, status, phrase, { toTag: random.token() }));
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

/** Where the caller's INVITE goes. */
export function findRoute(
  request: SipMessage,
  caller: Binding,
  options: Pick<RoutingOptions, 'bindings' | 'knows' | 'calls' | 'isPrivate'>,
): Route {
  // A dialog has a Route through here (loose-route.ts).
  if (tagOf(header(request, 'To')) !== null) return refusal(481, 'Call Does Not Exist');
  if (header(request, 'Max-Forwards') === '0') return refusal(483, 'Too Many Hops');
  const named = routeToNamed(request, caller, options);
  if (named) return named;
  const extension = readSipUri(request.uri)?.user ?? null;
  if (extension === null || !options.knows(extension)) return refusal(404, 'Unknown Extension');
  // A station that calls an extension it shares does not ring itself.
  const targets = options.bindings.of(extension).filter((it) => it.registrant !== caller.registrant);
  return targets.length > 0 ? { targets, invite: request } : refusal(480, 'Temporarily Unavailable');
}

/** CANCEL carries the Call-ID, From and CSeq number of its INVITE (RFC 3261, 9.1). */
function keyOf(request: SipMessage): string {
  const number = header(request, 'CSeq')?.split(/\s/, 1)[0];
  return [header(request, 'Call-ID'), tagOf(header(request, 'From')), number].join(' ');
}
