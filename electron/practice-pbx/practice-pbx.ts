import type { Log } from '../phone/ports.ts';
import { createResponse, header, type SipMessage } from '../sip/message/message.ts';
import { readSipUri, tagOf } from '../sip/message/message-fields.ts';
import { cryptoRandom } from '../sip/random.ts';
import { createEndpoint, type Endpoint } from '../sip/transactions/retransmission.ts';
import type { UdpAddress } from '../sip/transport/udp-socket.ts';
import { type Binding, Bindings } from './bindings.ts';
import { DialogWatchers } from './dialog-watchers.ts';
import { Digest } from './digest.ts';
import { HouseCalls } from './house-calls.ts';
import { LooseRoute } from './loose-route.ts';
import { register } from './registrar.ts';
import { Routing } from './routing.ts';
import { SharedLineAgent } from './shared-line-agent.ts';

export interface PracticePbxOptions {
  /** IP address to listen on. */
  readonly address: string;
  /** The next free one is taken when it is in use. */
  readonly port: number;
  /** Extension to password; the extensions of the house when absent. */
  readonly users?: ReadonlyMap<string, string>;
  /** False: everybody may register, as on a SPA9000 without passwords. */
  readonly digest?: boolean;
  /** Milliseconds a call rings before its caller gets 480. */
  readonly ringingTime?: number;
  /** Seconds; the shortest registration that is accepted. */
  readonly minExpires?: number;
  /** Seconds; a longer wish is cut. */
  readonly maxExpires?: number;
  /** A station has come that was not here before. */
  readonly onRegistered?: (extension: string) => void;
  readonly log: Log;
}

export interface PracticePbx {
  /** Resolves with the port that was free; rejects when none of twenty is. */
  start(): Promise<UdpAddress>;
  stop(): Promise<void>;
}

/** The extensions of the practice PBX; the password of each is `pw` and its number. */
const houseExtensions: ReadonlyMap<string, string> = new Map(
  ['5031', '5041', '5051', '5061', '5099'].map((user) => [user, `pw${user}`]),
);

const portsToTry = 20;
const sweepEvery = 500;
const allowed = 'ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, REFER, SUBSCRIBE';

/** A PBX that speaks the SPA9000's dialect: to try the phone without hardware, and a peer for its tests. */
export function createPracticePbx(options: PracticePbxOptions): PracticePbx {
  let running: Running | null = null;
  return {
    async start() {
      running ??= await run(options);
      return running.at;
    },
    async stop() {
      const stopping = running;
      running = null;
      await stopping?.stop();
    },
  };
}

interface Running {
  readonly at: UdpAddress;
  stop(): Promise<void>;
}

async function run(options: PracticePbxOptions): Promise<Running> {
  const { log } = options;
  const users = options.users ?? houseExtensions;
  const knows = (user: string): boolean => users.has(user);
  const now = Date.now;
  const random = cryptoRandom;
  const bindings = new Bindings(now);
  const digest =
    options.digest === false ? null : new Digest('practice', (user) => users.get(user) ?? null, now);

  const endpoint = await bindNextFree(options, (message, from) => {
    if (message.kind === 'request') receive(message, from);
  });
  const agent = new SharedLineAgent({ endpoint, bindings, random, log });
  const ringingTime = options.ringingTime ?? 60_000;
  const calls = new HouseCalls((extension) => watchers.changed(extension));
  const watchers = new DialogWatchers({ endpoint, bindings, knows, calls, random });
  const routing = new Routing({
    endpoint,
    bindings,
    calls,
    isPrivate: (dialog) => agent.isPrivate(dialog),
    knows,
    random,
    ringingTime,
    log,
  });
  const route = new LooseRoute({ endpoint, random, passing: (message) => passing(message, calls) });
  const sweeper = setInterval(() => {
    for (const binding of bindings.sweep()) {
      log.info({ uri: binding.uri }, 'registration expired');
      gone(binding);
    }
  }, sweepEvery);

  function gone(binding: Binding): void {
    agent.gone(binding);
    if (!bindings.current(binding)) calls.gone(binding);
  }

  const answer = (request: SipMessage, status: number, phrase: string): void =>
    endpoint.respond(
      createResponse(request, status, phrase, {
        toTag: random.token(),
        headers: [{ name: 'Allow', value: allowed }],
      }),
    );

  function receive(request: SipMessage, from: UdpAddress): void {
    if (request.method !== 'CANCEL' && route.take(request)) return;
    switch (request.method) {
      case 'REGISTER':
        registered(request, from);
        break;
      case 'INVITE':
        routing.invite(request, from);
        break;
      case 'CANCEL':
        routing.cancel(request);
        break;
      case 'NOTIFY':
        notified(request, from);
        break;
      case 'OPTIONS':
        answer(request, 200, 'OK');
        break;
      case 'SUBSCRIBE':
        subscribed(request, from);
        break;
      case 'ACK':
        break;
      default:
        if (tagOf(header(request, 'To')) !== null) answer(request, 481, 'Call Does Not Exist');
        else answer(request, 405, 'Method Not Allowed');
    }
  }

  function registered(request: SipMessage, from: UdpAddress): void {
    const registrarOptions = {
      bindings,
      knows,
      digest,
      now,
      minExpires: options.minExpires ?? 30,
      maxExpires: options.maxExpires ?? 3600,
      newTag: random.token,
    };
    const { response, added, removed } = register(request, from, registrarOptions);
    endpoint.respond(response);
    for (const binding of removed) gone(binding);
    for (const { extension, uri, registrant, stationName } of added) {
      log.info({ uri, registrant, stationName }, 'registered');
      options.onRegistered?.(extension);
    }
  }

  function subscribed(request: SipMessage, from: UdpAddress): void {
    const { status, phrase, headers, toTag = random.token() } = watchers.subscribe(request, from);
    endpoint.respond(createResponse(request, status, phrase, { toTag, ...(headers && { headers }) }));
  }

  function notified(request: SipMessage, from: UdpAddress): void {
    // The SPA phones keep their NAT binding open with the latter (facts 3.5).
    if (readSipUri(request.uri)?.user === 'sa') agent.notify(request, from);
    else if (/^keep-alive\b/i.test(header(request, 'Event') ?? '')) answer(request, 200, 'OK');
    else answer(request, 481, 'Subscription Does Not Exist');
  }

  log.info(endpoint.local, 'practice PBX ready');
  return {
    at: endpoint.local,
    async stop() {
      clearInterval(sweeper);
      routing.close();
      watchers.close();
      await endpoint.close();
    },
  };
}

/** What ends a dialog on its way through the PBX (RFC 3261, 12.2.1.2 and 15). */
function passing(message: SipMessage, calls: HouseCalls): void {
  const isOver = message.kind === 'request' ? message.method === 'BYE' : [408, 481].includes(message.status);
  if (isOver) calls.ended(message);
}

async function bindNextFree(
  { address, port, log }: PracticePbxOptions,
  onMessage: (message: SipMessage, from: UdpAddress) => void,
): Promise<Endpoint> {
  for (let wanted = port; ; wanted += 1) {
    try {
      return await createEndpoint({ local: { address, port: wanted }, onMessage, log });
    } catch (error) {
      if (!isTaken(error) || wanted >= port + portsToTry - 1 || wanted >= 65_535) throw error;
      log.info({ port: wanted }, 'port taken, trying the next');
    }
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
