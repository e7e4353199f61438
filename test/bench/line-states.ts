// Prints {"ours": ..., "stock": ...}: line-state NOTIFYs a second that are read, told and answered.
import { UserAgent } from 'sip.js';
import { IncomingRequestMessage, Parser } from 'sip.js/lib/core/index.js';
import { profile } from '../../electron/contract/profile.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createSipStation } from '../../electron/sip/sip-station.ts';
import type { Limits } from '../../electron/sip/transport/rate-limit.ts';
import type { UdpListener } from '../../electron/sip/transport/udp-socket.ts';
import { lineState } from '../integration/line-state.ts';
import { createFakeNegotiator, host } from '../integration/sip-support.ts';

const port = 27_100;
const count = 3_000;
const plenty = { perSecond: 1e9, burst: 1e9 };
const unlimited: Limits = {
  datagrams: { full: plenty, little: plenty },
  calls: { full: plenty, little: plenty },
  strangers: plenty,
};

/** Twice: the first round warms both of them up. */
const texts = Array.from({ length: 2 * count }, (_, index) =>
  lineState({
    target: `sip:6031@${host}:${port + 1}`,
    via: `${host}:${port}`,
    from: '<sip:pbx@h>;tag=p',
    id: `n${index}`,
    appearance: index % 2,
    state: index % 4 < 2 ? 'confirmed' : 'terminated',
  }),
);

/** Puts all in; the rate of the second half. */
function rate<T>(all: readonly T[], take: (one: T) => void): number {
  for (const one of all.slice(0, count)) take(one);
  const started = performance.now();
  for (const one of all.slice(count)) take(one);
  return (count / (performance.now() - started)) * 1000;
}

function check(told: number, answered: number): void {
  if (told !== texts.length || answered < told) throw new Error(`told ${told}, answered ${answered}`);
}

/** A SIP station on a socket that only hands in. */
async function ours(): Promise<number> {
  let listener: UdpListener | null = null;
  let [answered, told] = [0, 0];
  const station = createSipStation({
    profile: profile.parse({
      pbx: { address: host, port },
      station: { name: 'Bench', localAddress: host },
      extensions: [{ userId: '5031', sharedUserId: '6031', localPort: port + 1 }],
      lineKeys: [{ extension: 1, label: '6031' }],
    }),
    negotiator: createFakeNegotiator(),
    onEvent: (event) => {
      if (event.type === 'appearances') told += 1;
    },
    log: silentLog,
    version: '0',
    limits: unlimited,
    bind: async (local, given) => {
      listener = given;
      const send = (): void => {
        answered += 1;
      };
      return { local, send, close: async () => {} };
    },
  });
  await station.start();
  const datagrams = texts.map((text) => Buffer.from(text));
  const result = rate(datagrams, (datagram) => listener?.onDatagram(datagram, { address: host, port }));
  check(told, answered);
  return result;
}

/** sip.js as it comes: its user agent answers each NOTIFY through its own transport interface. */
async function stock(): Promise<number> {
  let [answered, told] = [0, 0];
  const transport = {
    protocol: 'UDP',
    state: 'Connected',
    stateChange: { addListener() {}, removeListener() {} },
    onConnect: undefined,
    onDisconnect: undefined,
    onMessage: undefined,
    connect: async () => {},
    disconnect: async () => {},
    dispose: async () => {},
    isConnected: () => true,
    send: async () => {
      answered += 1;
    },
  };
  class Stock {
    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: the transport that we hold
      return transport;
    }
  }
  const uri = UserAgent.makeURI(`sip:6031@${host}`);
  if (!uri) throw new Error('no URI');
  const agent = new UserAgent({
    uri,
    transportConstructor: Stock as never,
    transportOptions: {},
    viaHost: host,
    logConfiguration: false,
    logBuiltinEnabled: false,
    contactName: '6031',
    delegate: {
      onNotify: (notification) => {
        told += 1;
        void notification.accept();
      },
    },
  });
  await agent.start();
  const result = rate(texts, (text) => {
    const message = Parser.parseMessage(text, agent.getLogger('bench'));
    if (!(message instanceof IncomingRequestMessage)) throw new Error('not a request');
    agent.userAgentCore.receiveIncomingRequestFromTransport(message);
  });
  check(told, answered);
  return result;
}

console.log(JSON.stringify({ ours: await ours(), stock: await stock() }));
process.exit(0);
