import {
  ClientTransaction,
  DigestAuthentication,
  IncomingRequestMessage,
  IncomingResponseMessage,
  LoggerFactory,
  type OutgoingInviteRequest,
  type OutgoingRequestMessage,
  type OutgoingResponse,
  type ResponseOptions,
  TransactionState,
  type Transport,
  URI,
  UserAgentClient,
  UserAgentCore,
  type UserAgentCoreDelegate,
} from 'sip.js/lib/core/index.js';
import type { Log } from '../../phone/ports.ts';
import { header, headerValues, readMessage, type SipMessage } from '../message/message.ts';
import { escapeQuoted, readVia, tagOf, writeHostPort } from '../message/message-fields.ts';
import { type DigestSession, readChallenge } from '../pbx/digest.ts';
import { contactAddress, contactUri, type Identity } from '../pbx/identity.ts';
import { createBranch, cryptoRandom } from '../random.ts';
import { closeStrayAnswer } from '../transactions/stray-answer.ts';
import { transactionTime } from '../transactions/timers.ts';
import { receiveUpdate } from './dialog-update.ts';
import { forSipJs, fromSipJs } from './sipjs-messages.ts';
import { parseForSipJs } from './sipjs-parsing.ts';

/**
 * sip.js's core (transactions, dialogs, sessions) without its browser-minded upper layers. Its API classes leave
 * in-dialog requests unanswered, throw from timers and know one contact per agent; the core does none of that.
 * What it lacks is beneath it (retransmission.ts); with duplicates absorbed there, its timers D, I, J and K
 * of zero seconds are right: nothing can arrive for a transaction that it has forgotten.
 */
export interface SipJs {
  readonly core: UserAgentCore;
  /** Hands in a message that the ingress guard has passed; false: sip.js's grammar cannot read it. Throws what sip.js throws. */
  receive(message: SipMessage): boolean;
  /** Cancels an INVITE; when no final response comes within 64*T1 it is forgotten (RFC 3261, 9.1). */
  cancel(request: OutgoingInviteRequest): void;
  /** Forgets every dialog and transaction, silently. */
  close(): void;
}

export interface SipJsOptions {
  readonly identity: Identity;
  readonly digest: DigestSession;
  readonly userAgent: string;
  /** Sends what sip.js wrote, tidied; rejects when the destination cannot be resolved. */
  send(message: SipMessage): Promise<void>;
  readonly delegate: UserAgentCoreDelegate;
  readonly log: Log;
}

// A branch is what keeps a stranger's response out: sip.js's own has seven digits of Math.random (RFC 3261, 8.1.1.7).
Reflect.set(ClientTransaction, 'makeId', (request: OutgoingRequestMessage) =>
  request.method === 'CANCEL' && request.branch ? request.branch : createBranch(cryptoRandom),
);

// It answers one challenge; those of a proxy (407) and of the server behind it (401) are two (RFC 3261, 22.3).
const answerChallenge: (message: IncomingResponseMessage, dialog?: unknown) => boolean = Reflect.get(
  UserAgentClient.prototype,
  'authenticationGuard',
);
Reflect.set(
  UserAgentClient.prototype,
  'authenticationGuard',
  function (this: UserAgentClient, message: IncomingResponseMessage, dialog?: unknown): boolean {
    const answered = message.statusCode === 401 ? 'Authorization' : 'Proxy-Authorization';
    if (this.message.getHeader(answered) === undefined) Reflect.set(this, 'challenged', false);
    return answerChallenge.call(this, message, dialog);
  },
);

export function createSipJs(options: SipJsOptions): SipJs {
  const { identity } = options;
  const loggerFactory = createLoggerFactory(options.log);
  const transport: Transport = {
    protocol: 'UDP',
    send(text) {
      const read = readMessage(Buffer.from(text));
      if (!read.ok) return Promise.reject(new Error(`sip.js wrote a bad message: ${read.problem}`));
      return options.send(fromSipJs(read.message));
    },
  };
  const core = new Core(
    {
      aor: new URI('sip', identity.userId, bracketed(identity.pbx.host), identity.pbx.port ?? undefined),
      contact: {
        pubGruu: undefined,
        tempGruu: undefined,
        // Both are asked for with each message: the phone may have moved to another address.
        get uri() {
          const { address, port } = contactAddress(identity);
          const { transport = 'udp' } = identity;
          const uri = new URI('sip', identity.registeredUser, bracketed(address), port);
          if (transport !== 'udp') uri.setParam('transport', transport);
          return uri;
        },
        toString: () => `<${contactUri(identity)}>`,
      },
      displayName: escapeQuoted(identity.displayName),
      loggerFactory,
      hackViaTcp: false,
      routeSet: [],
      supportedOptionTags: [],
      supportedOptionTagsResponse: [],
      sipjsId: '',
      userAgentHeaderFieldValue: options.userAgent,
      get viaForceRport() {
        return identity.place?.asks === true;
      },
      get viaHost() {
        return writeHostPort(identity.local.address, identity.local.port);
      },
      authenticationFactory: () => new SharedDigest(loggerFactory, options.digest),
      transportAccessor: () => transport,
    },
    options.delegate,
  );
  const guards = new Set<NodeJS.Timeout>();
  const parserLog = loggerFactory.getLogger('sip.Parser');

  function acknowledgeStray(answer: SipMessage): boolean {
    const requests = closeStrayAnswer(answer, identity.local, cryptoRandom);
    if (!requests) return true;
    const known = core.dialogs.has(
      `${header(answer, 'Call-ID')}${tagOf(header(answer, 'From'))}${tagOf(header(answer, 'To'))}`,
    );
    const wanted = known ? [requests.ack] : [requests.ack, requests.bye];
    for (const request of wanted) {
      options.send(request).catch((error) => options.log.debug({ error }, 'stray answer not closed'));
    }
    return true;
  }

  function receiveRequest(request: IncomingRequestMessage): void {
    if (request.method === 'UPDATE') receiveUpdate(core, request);
    else core.receiveIncomingRequestFromTransport(request);
  }

  return {
    core,
    receive(message) {
      if (isStrayAnswer(core, message)) return acknowledgeStray(message);
      const parsed = parseForSipJs(forSipJs(message, identity), parserLog);
      if (parsed instanceof IncomingRequestMessage) receiveRequest(parsed);
      else if (parsed instanceof IncomingResponseMessage) core.receiveIncomingResponseFromTransport(parsed);
      return parsed !== undefined;
    },
    cancel(request) {
      try {
        request.cancel();
      } catch (error) {
        options.log.debug({ error }, 'CANCEL not sent');
      }
      const guard = setTimeout(() => {
        guards.delete(guard);
        forget(core, request);
      }, transactionTime);
      guards.add(guard);
    },
    close() {
      for (const guard of guards) clearTimeout(guard);
      core.dispose();
    },
  };
}

class Core extends UserAgentCore {
  /** The ACK to a 2xx is its dialog's, even if it has the INVITE's branch (RFC 6026, 7.1); sip.js would drop it then. */
  override receiveIncomingRequestFromTransport(message: IncomingRequestMessage): void {
    const invite = message.method === 'ACK' ? this.userAgentServers.get(message.viaBranch) : undefined;
    if (invite?.transaction.state === TransactionState.Accepted) message.viaBranch += '-ack';
    super.receiveIncomingRequestFromTransport(message);
  }

  /**
   * The answer to a CANCEL has the To tag of its INVITE's answers (RFC 3261, 9.2): a caller that keeps the tag it heard
   * last would name no dialog of ours otherwise when its CANCEL comes too late.
   */
  override replyStateless(message: IncomingRequestMessage, options: ResponseOptions): OutgoingResponse {
    const invite = message.method === 'CANCEL' ? this.userAgentServers.get(message.viaBranch) : undefined;
    const toTag: unknown = invite && Reflect.get(invite, 'toTag');
    return super.replyStateless(message, typeof toTag === 'string' ? { ...options, toTag } : options);
  }
}

/** A 2xx to an INVITE whose client transaction is gone (timer M, or a CANCEL that was never answered). */
function isStrayAnswer(core: UserAgentCore, message: SipMessage): boolean {
  if (message.kind === 'request' || message.method !== 'INVITE') return false;
  const branch = readVia(headerValues(message, 'Via')[0] ?? '')?.params.get('branch') ?? '';
  return message.status >= 200 && message.status < 300 && !core.userAgentClients.has(`${branch}INVITE`);
}

function forget(core: UserAgentCore, request: OutgoingInviteRequest): void {
  for (const [id, client] of core.userAgentClients) {
    if (client !== request) continue;
    client.dispose();
    core.userAgentClients.delete(id);
  }
}

/** Of a request that was challenged; the ACK to its 2xx has them too (RFC 3261, 13.2.2.4). */
export const credentialsOf = (request: OutgoingRequestMessage): string[] =>
  ['Authorization', 'Proxy-Authorization'].flatMap((name) =>
    request.getHeaders(name).map((value) => `${name}: ${value}`),
  );

export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Answers INVITE, BYE and re-INVITE challenges with the extension's own digest session: nonce counts, SHA-256. */
class SharedDigest extends DigestAuthentication {
  private value = '';

  constructor(
    loggerFactory: LoggerFactory,
    private readonly session: DigestSession,
  ) {
    super(loggerFactory, undefined, undefined, undefined);
  }

  override authenticate(request: OutgoingRequestMessage, challenge: Record<string, unknown>): boolean {
    // Its grammar has taken the fields apart; ours wants them as they came.
    const text = Object.entries(challenge).map(([name, value]) => `${name}="${String(value ?? '')}"`);
    const read = readChallenge(`Digest ${text.join(', ')}`);
    if (!read) return false;
    this.value = this.session.answer(read, request.method, request.ruri.toRaw());
    return true;
  }

  override toString(): string {
    return this.value;
  }
}

function createLoggerFactory(log: Log): LoggerFactory {
  const factory = new LoggerFactory();
  factory.builtinEnabled = false;
  factory.connector = (level, category, _label, content) => {
    const text = String(content);
    if (level === 'error' || level === 'warn') log.warn({ category }, text);
  };
  return factory;
}
