import type { DialogIdentifiers, PlacedDialog } from '../phone/lines/dialog.ts';
import type { Log } from '../phone/ports.ts';
import {
  createRequest,
  createResponse,
  type Header,
  header,
  type SipMessage,
} from '../sip/message/message.ts';
import { readNameAddr, readSipUri, writeHostPort } from '../sip/message/message-fields.ts';
import { createBranch, createCallId, type Random } from '../sip/random.ts';
import { type DialogInfo, readDialogInfo, writeDialogInfo } from '../sip/shared-line/dialog-info.ts';
import type { Endpoint } from '../sip/transactions/retransmission.ts';
import type { UdpAddress } from '../sip/transport/udp-socket.ts';
import {
  type AgentEffect,
  type AgentEvent,
  type AgentState,
  allFree,
  stepAgent,
} from './appearance-agent.ts';
import { type Binding, type Bindings, stationOf } from './bindings.ts';

export interface SharedLineAgentOptions {
  readonly endpoint: Pick<Endpoint, 'local' | 'request' | 'respond'>;
  readonly bindings: Bindings;
  readonly random: Random;
  readonly log: Log;
}

/** The SPA9000 signs with its outside line, not with the extension (facts 1.7): nobody may map a NOTIFY by From. */
const outsideLine = 'PBX Line 1 <sip:5550100@line.practice.invalid>';

/** Seconds until who was refused an appearance may ask again (draft-anil-sipping-bla-04). */
const retryAfter: Header = { name: 'Retry-After', value: '2' };

/** The special user `sa`: un-subscribed NOTIFYs in both directions (facts 1.7), around appearance-agent.ts. */
export class SharedLineAgent {
  #state: AgentState = allFree;
  /** Each receiving station has its own count (facts 1.7). */
  readonly #versions = new Map<string, number>();
  readonly #fromTag: string;

  constructor(private readonly options: SharedLineAgentOptions) {
    this.#fromTag = `${options.random.token()}o2`;
  }

  /** A NOTIFY to `sa`. */
  notify(request: SipMessage, from: UdpAddress): void {
    const event = this.#read(request, from);
    if ('status' in event) this.#answer(request, event.status, event.phrase);
    else this.#happens(event, request);
  }

  /** A station is no longer registered: what it held is free. */
  gone(binding: Binding): void {
    this.#versions.delete(binding.uri);
    this.#happens({ type: 'gone', extension: binding.extension, station: stationOf(binding) }, null);
  }

  /** Whether a sharer has told of this dialog that it is not for the others. */
  isPrivate({ callId, localTag, remoteTag }: DialogIdentifiers): boolean {
    const placed = [...this.#state.values()].flatMap((line) => [...line.values()]).map((it) => it.placed);
    return placed.some(
      ({ dialog: { exclusive, identifiers } }) =>
        exclusive &&
        identifiers?.callId === callId &&
        identifiers.localTag === localTag &&
        identifiers.remoteTag === remoteTag,
    );
  }

  #read(request: SipMessage, from: UdpAddress): AgentEvent | { status: number; phrase: string } {
    if (!/^dialog\s*(;|$)/i.test(header(request, 'Event') ?? '')) return { status: 489, phrase: 'Bad Event' };
    const extension = readSipUri(readNameAddr(header(request, 'To') ?? '')?.uri ?? '')?.user ?? '';
    const binding = this.options.bindings.at(from, extension);
    if (!binding) return { status: 403, phrase: 'Station Not Registered' };
    const info = readDialogInfo(request.body);
    if (!info.ok) return { status: 400, phrase: 'Bad Dialog Info' };
    const station = stationOf(binding);
    if (info.value.state === 'full') return { type: 'announced', extension, station };
    // A partial has exactly one dialog (facts 0, 4).
    const [placed] = info.value.dialogs;
    if (!placed) return { status: 400, phrase: 'Partial Without A Dialog' };
    return { type: 'published', extension, station, placed };
  }

  #happens(event: AgentEvent, request: SipMessage | null): void {
    const step = stepAgent(this.#state, event);
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect, request);
  }

  #perform(effect: AgentEffect, request: SipMessage | null): void {
    switch (effect.type) {
      case 'grant':
        if (request) this.#answer(request, 202, 'Accepted');
        return;
      case 'refuse':
        if (request) this.#answer(request, 409, 'Conflict', [retryAfter]);
        return;
      case 'fan-out':
        for (const sharer of this.options.bindings.of(effect.extension)) {
          if (stationOf(sharer) !== effect.except) this.#tell(sharer, 'partial', [effect.placed]);
        }
        return;
      case 'tell-all':
        for (const sharer of this.options.bindings.of(effect.extension)) {
          if (stationOf(sharer) === effect.station) this.#tell(sharer, 'full', effect.placed);
        }
    }
  }

  /** In the header order of the SPA9000's own answer (capture 06). */
  #answer(request: SipMessage, status: number, phrase: string, more: readonly Header[] = []): void {
    const response = createResponse(request, status, phrase, { toTag: `${this.options.random.token()}-0` });
    const headers = ['To', 'From', 'Call-ID', 'CSeq', 'Via'].flatMap((wanted) =>
      response.headers.filter(({ name }) => name === wanted),
    );
    const server = { name: 'Server', value: 'Partyline practice PBX' };
    this.options.endpoint.respond({ ...response, headers: [...headers, server, ...more] });
    this.options.log.debug({ status, to: header(request, 'To') }, 'shared line');
  }

  /** As captured (04, 07): neither Subscription-State nor Contact nor To tag, a Call-ID and a CSeq of its own. */
  #tell(to: Binding, state: DialogInfo['state'], dialogs: readonly PlacedDialog[]): void {
    const { endpoint, random } = this.options;
    const { address, port } = endpoint.local;
    const version = this.#versions.get(to.uri) ?? 0;
    this.#versions.set(to.uri, version + 1);
    const entity = `sip:sa@${writeHostPort(address, port)}`;
    const layout = { domain: { host: address, port }, newline: '\n' } as const;
    const headers: Header[] = [
      { name: 'Via', value: `SIP/2.0/UDP ${writeHostPort(address, port)};branch=${createBranch(random)}` },
      { name: 'From', value: `${outsideLine};tag=${this.#fromTag}` },
      { name: 'To', value: `<${to.uri}>` },
      { name: 'Call-ID', value: createCallId(random, 'localhost') },
      { name: 'CSeq', value: `${Math.floor(random.fraction() * 65_536)} NOTIFY` },
      { name: 'Max-Forwards', value: '70' },
      { name: 'Event', value: 'dialog' },
      { name: 'Content-Length', value: '' },
      { name: 'Content-Type', value: 'application/dialog-info+xml' },
    ];
    const body = Buffer.from(writeDialogInfo({ state, version, entity, dialogs }, layout));
    endpoint.request(createRequest('NOTIFY', to.uri, headers, body), to.target, {
      onResponse: ({ status }) =>
        status >= 300 && this.options.log.warn({ to: to.uri, status }, 'NOTIFY refused'),
      onTimeout: () => this.options.log.warn({ to: to.uri }, 'NOTIFY not answered'),
    });
  }
}
