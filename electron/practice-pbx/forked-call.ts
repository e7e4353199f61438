import {
  createRequest,
  createResponse,
  type Header,
  header,
  headerValues,
  type SipMessage,
} from '../sip/message/message.ts';
import { createBranch, type Random } from '../sip/random.ts';
import type { Endpoint } from '../sip/transactions/retransmission.ts';
import type { Binding } from './bindings.ts';
import {
  type CancelReason,
  type ForkEffect,
  type ForkEvent,
  type ForkState,
  startFork,
  stepFork,
} from './fork.ts';
import { forwarded, recordRoute, withoutTopVia } from './loose-route.ts';

export interface ForkedCallOptions {
  readonly endpoint: Pick<Endpoint, 'local' | 'request' | 'respond'>;
  readonly random: Random;
  /** Milliseconds until an unanswered call ends with 480. */
  readonly ringingTime: number;
  /** A station has answered; null: it has stayed silent. */
  readonly heard: (from: Binding, response: SipMessage | null) => void;
  /** The call has its final response. */
  readonly onSettled: () => void;
}

interface Leg {
  readonly invite: SipMessage;
  readonly to: Binding;
  refusal: SipMessage | null;
}

/** RFC 3326; the words are what SIP phones look for to leave the call out of their missed calls. */
const reasons: Readonly<Record<CancelReason, string | null>> = {
  'completed-elsewhere': 'SIP;cause=200;text="Call completed elsewhere"',
  timeout: 'SIP;cause=480;text="No answer"',
  caller: null,
};
const phrases: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  487: 'Request Terminated',
};

/**
 * One call being set up: the INVITE as it came from the caller, a leg to each contact, and fork.ts deciding between.
 * The PBX stays in the way (loose-route.ts), for it has to know who talks to whom: house-calls.ts.
 */
export class ForkedCall {
  readonly #legs = new Map<string, Leg>();
  readonly #timer: NodeJS.Timeout;
  #state: ForkState;

  constructor(
    private readonly invite: SipMessage,
    targets: readonly Binding[],
    private readonly options: ForkedCallOptions,
  ) {
    for (const target of targets) {
      const branch = createBranch(options.random);
      this.#legs.set(branch, { invite: this.#inviteFor(target, branch), to: target, refusal: null });
    }
    this.#state = startFork([...this.#legs.keys()]);
    this.#timer = setTimeout(() => this.#happens({ type: 'ringing-timeout' }), options.ringingTime);
  }

  start(): void {
    this.options.endpoint.respond(createResponse(this.invite, 100, 'Trying'));
    for (const [branch, leg] of this.#legs) {
      this.options.endpoint.request(leg.invite, leg.to.target, {
        onResponse: (response) => {
          this.options.heard(leg.to, response);
          this.#happens({ type: 'response', branch, status: response.status }, response);
        },
        onTimeout: () => {
          this.options.heard(leg.to, null);
          this.#happens({ type: 'response', branch, status: 408 });
        },
      });
    }
  }

  /** The caller's CANCEL; its own 200 is not sent here. */
  cancel(): void {
    this.#happens({ type: 'cancelled' });
  }

  /** Forgets the call without a word. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #happens(event: ForkEvent, response?: SipMessage): void {
    if (event.type === 'response' && response && event.status >= 300) {
      const leg = this.#legs.get(event.branch);
      if (leg) leg.refusal = response;
    }
    const wasSettled = isSettled(this.#state);
    const step = stepFork(this.#state, event);
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect, response);
    if (wasSettled || !isSettled(this.#state)) return;
    this.close();
    this.options.onSettled();
  }

  #perform(effect: ForkEffect, response: SipMessage | undefined): void {
    switch (effect.type) {
      case 'pass-on':
        if (response) this.options.endpoint.respond(withoutTopVia(response));
        return;
      case 'cancel': {
        const leg = this.#legs.get(effect.branch);
        if (leg) this.options.endpoint.request(cancelOf(leg.invite, reasons[effect.reason]), leg.to.target);
        return;
      }
      case 'refuse':
        this.options.endpoint.respond(this.#refusal(effect.status, effect.branch));
    }
  }

  #refusal(status: number, branch: string | null): SipMessage {
    const refusal = branch === null ? null : this.#legs.get(branch)?.refusal;
    if (refusal) return withoutTopVia(refusal);
    return createResponse(this.invite, status, phrases[status] ?? 'Refused', {
      toTag: this.options.random.token(),
    });
  }

  /** The INVITE as a proxy forwards it (RFC 3261, 16.6). */
  #inviteFor(target: Binding, branch: string): SipMessage {
    const { local } = this.options.endpoint;
    const { headers, ...invite } = forwarded(this.invite, branch, local);
    const [via, ...others] = headers;
    const route = { name: 'Record-Route', value: recordRoute(local) };
    return { ...invite, uri: target.uri, headers: [...(via ? [via] : []), route, ...others] };
  }
}

const isSettled = ({ phase }: ForkState): boolean => phase === 'answered' || phase === 'refused';

/** RFC 3261, 9.1: everything that names the INVITE, and its Via alone. */
function cancelOf(invite: SipMessage, reason: string | null): SipMessage {
  const copied = (name: string): Header => ({ name, value: header(invite, name) ?? '' });
  const number = header(invite, 'CSeq')?.split(/\s/, 1)[0] ?? '';
  return createRequest('CANCEL', invite.uri, [
    { name: 'Via', value: headerValues(invite, 'Via')[0] ?? '' },
    copied('From'),
    copied('To'),
    copied('Call-ID'),
    { name: 'CSeq', value: `${number} CANCEL` },
    { name: 'Max-Forwards', value: '70' },
    ...(reason === null ? [] : [{ name: 'Reason', value: reason }]),
  ]);
}
