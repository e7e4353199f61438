import { UserAgentCore } from 'sip.js/lib/core/index.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { profile } from '../../electron/contract/profile.ts';
import type { SipEvent } from '../../electron/phone/events.ts';
import { type Log, type SipPort, silentLog } from '../../electron/phone/ports.ts';
import type { Random } from '../../electron/sip/random.ts';
import { createSipStation } from '../../electron/sip/sip-station.ts';
import { ClientTransactions } from '../../electron/sip/transactions/client-transactions.ts';
import { ServerTransactions } from '../../electron/sip/transactions/server-transactions.ts';
import { transactionTime } from '../../electron/sip/transactions/timers.ts';
import { createRoughNetwork, type RoughNetwork, xorshift } from './rough-network.ts';
import { createFakeNegotiator } from './sip-support.ts';

/** PARTYLINE_LOSS_CALLS sets another number of calls. */
const calls = Number(process.env.PARTYLINE_LOSS_CALLS ?? 500);
const loss = { loss: 0.3, mostInARow: 5, duplicates: 0.1, longestDelay: 300, seed: 20_261_122 };

/** Everything that sip.js and the endpoints still remember of anybody's calls. */
function watchMemory(): () => Record<string, number> {
  const requests = vi.spyOn(UserAgentCore.prototype, 'receiveIncomingRequestFromTransport');
  const responses = vi.spyOn(UserAgentCore.prototype, 'receiveIncomingResponseFromTransport');
  const clients = vi.spyOn(ClientTransactions.prototype, 'send');
  const servers = vi.spyOn(ServerTransactions.prototype, 'take');
  const sum = <T>(items: Iterable<T>, size: (item: T) => number): number =>
    [...items].reduce((total, item) => total + size(item), 0);
  return () => {
    const everyCore = new Set([...requests.mock.contexts, ...responses.mock.contexts] as UserAgentCore[]);
    return {
      stations: everyCore.size,
      dialogs: sum(everyCore, (core) => core.dialogs.size),
      clients: sum(everyCore, (core) => core.userAgentClients.size),
      servers: sum(everyCore, (core) => core.userAgentServers.size),
      sent: sum(new Set(clients.mock.contexts as ClientTransactions[]), (each) => each.size),
      received: sum(new Set(servers.mock.contexts as ServerTransactions[]), (each) => each.size),
    };
  };
}

interface Party {
  readonly port: SipPort;
  readonly media: ReturnType<typeof createFakeNegotiator>;
}

function party(
  network: RoughNetwork,
  [own, other]: readonly [number, number],
  userId: string,
  log: Log,
  onEvent: (event: SipEvent) => void,
): Party {
  const media = createFakeNegotiator();
  const fraction = xorshift(own);
  const digits = (): string =>
    Math.floor(fraction() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const random: Random = { fraction, token: () => digits() + digits() };
  const port = createSipStation({
    profile: profile.parse({
      pbx: { address: '192.0.2.1', port: other, dialect: 'none', nat: false },
      station: { name: userId, localAddress: '192.0.2.1' },
      extensions: [{ userId, localPort: own }],
      lineKeys: [{ extension: 1, label: userId }],
    }),
    negotiator: media,
    onEvent,
    log,
    version: '0',
    random,
    bind: network.bind,
  });
  return { port, media };
}

interface Outcome {
  /** Calls that were answered, held, resumed, hung up by the caller, and have ended as wanted at both ends. */
  readonly complete: number;
  /** What the caller saw of the others. */
  readonly incomplete: string[];
  readonly errors: string[];
  readonly memory: Record<string, number>;
  readonly media: number;
  /** More than the stations had before the calls. */
  readonly timers: number;
  readonly datagrams: number;
}

/** So many calls from Alice to Bob, two a second: answered, held, resumed and hung up. */
async function callThrough(network: RoughNetwork, count: number): Promise<Outcome> {
  const memory = watchMemory();
  const errors: string[] = [];
  const log: Log = {
    ...silentLog,
    error: (fields, text) => errors.push(`${text} ${JSON.stringify(fields)}`),
  };
  const steps = new Map<string, string[]>();
  let endedAtBobs = 0;

  const after = (ms: number, perform: () => void): void => void setTimeout(perform, ms);
  const alice = party(network, [5060, 5070], '5031', log, (event) => {
    if (!('call' in event)) return;
    steps.get(event.call)?.push(event.type === 'ended' && event.reason ? event.reason.code : event.type);
    const { call } = event;
    if (event.type === 'answered') after(1_000, () => alice.port.perform({ type: 'hold', call }));
    if (event.type === 'held') after(1_000, () => alice.port.perform({ type: 'resume', call }));
    if (event.type === 'resumed') after(1_000, () => alice.port.perform({ type: 'hang-up', call }));
  });
  const bob = party(network, [5070, 5060], '5051', log, (event) => {
    if (event.type === 'incoming') after(500, () => bob.port.perform({ type: 'accept', call: event.call }));
    if (event.type === 'ended' && event.reason === null) endedAtBobs += 1;
  });

  await alice.port.start();
  await bob.port.start();
  await vi.advanceTimersByTimeAsync(1_000);
  const timersBefore = vi.getTimerCount();
  for (let index = 0; index < count; index += 1) {
    const call = `a${index}`;
    steps.set(call, []);
    alice.port.perform({ type: 'invite', call, extension: 1, number: '5051' });
    await vi.advanceTimersByTimeAsync(500);
  }
  // Until nobody has said anything for longer than any repeat waits, and then 64*T1.
  do await vi.advanceTimersByTimeAsync(transactionTime / 2);
  while (Date.now() - network.lastSent < transactionTime + 1_000);
  const left = memory();
  const timers = vi.getTimerCount() - timersBefore;
  const media = alice.media.open.size + bob.media.open.size;
  const stopped = Promise.all([alice.port.stop(), bob.port.stop()]);
  await vi.advanceTimersByTimeAsync(3_000);
  await stopped;

  const wanted = ['answered', 'held', 'resumed', 'ended'];
  const incomplete = [...steps].filter(([, seen]) => !wanted.every((step) => seen.includes(step)));
  return {
    complete: Math.min(count - incomplete.length, endedAtBobs),
    incomplete: incomplete.map(([call, seen]) => `${call}: ${seen.join(' ')}`),
    errors,
    memory: left,
    media,
    timers,
    datagrams: network.sent,
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const nothing = { stations: 2, dialogs: 0, clients: 0, servers: 0, received: 0 };
/** Each station asks its registrar every few seconds: the last question's transaction may stand there, and its timer. */
const questions = 2;

describe('30 % loss each way, duplicates, and datagrams that overtake each other', () => {
  it(`completes ${calls} calls with hold, resume and hang-up, and forgets them 64*T1 later`, async () => {
    const outcome = await callThrough(createRoughNetwork({ ...loss, repeats: true }), calls);
    console.log(`sip-loss: ${outcome.complete} of ${calls} calls, ${outcome.datagrams} datagrams sent`);
    expect(outcome.errors).toEqual([]);
    expect(outcome.incomplete).toEqual([]);
    expect(outcome.complete).toBe(calls);
    expect(outcome.memory).toMatchObject(nothing);
    expect(outcome.memory.sent).toBeLessThanOrEqual(questions);
    expect(outcome.media).toBe(0);
    expect(outcome.timers).toBeLessThanOrEqual(questions);
    expect(vi.getTimerCount()).toBe(0);
  }, 300_000);

  it('does not without retransmission', async () => {
    const count = 20;
    const outcome = await callThrough(createRoughNetwork({ ...loss, repeats: false }), count);
    console.log(`sip-loss, nothing repeated: ${outcome.complete} of ${count} calls`);
    expect(outcome.complete).toBeLessThan(count / 2);
    // Lost calls are forgotten all the same.
    expect(outcome.errors).toEqual([]);
  }, 120_000);
});
