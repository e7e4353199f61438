// Prints {"ours": ..., "stock": ...}: line-state NOTIFYs read, told and answered in a second of processor time. Both by
// turns in small rounds, so that whoever else has the machine takes from both alike.
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
/** NOTIFYs in a round. */
const counts = { ours: 400, stock: 40 };
const rounds = 40;
/** Not counted: in these the compiler learns. */
const warmUps = 15;
/** What a busy socket hands in before the event loop gets its turn: a user agent has timers and promises to see to. */
const atOnce = 20;
const plenty = { perSecond: 1e9, burst: 1e9 };
const unlimited: Limits = {
  datagrams: { full: plenty, little: plenty },
  calls: { full: plenty, little: plenty },
  strangers: plenty,
};

const notifyOf = (round: number, index: number): string =>
  lineState({
    target: `sip:6031@${host}:${port + 1}`,
    via: `${host}:${port}`,
    from: '<sip:pbx@h>;tag=p',
    id: `n${round}-${index}`,
    appearance: index % 2,
    state: index % 4 < 2 ? 'confirmed' : 'terminated',
  });

interface Side {
  take(text: string): void;
  /** NOTIFYs so far. */
  counted(): { readonly told: number; readonly answered: number };
}

/** Puts a round in; seconds of processor time. */
async function timeOf(side: Side, round: number, count: number): Promise<number> {
  const texts = Array.from({ length: count }, (_, index) => notifyOf(round, index));
  const before = side.counted();
  const used = process.cpuUsage();
  for (let at = 0; at < count; at += atOnce) {
    for (const text of texts.slice(at, at + atOnce)) side.take(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(used);
  const after = side.counted();
  if (after.told - before.told !== count || after.answered - before.answered < count) {
    throw new Error(
      `of ${count} told ${after.told - before.told}, answered ${after.answered - before.answered}`,
    );
  }
  return (user + system) / 1e6;
}

/** A SIP station on a socket that only hands in. */
async function ours(): Promise<Side> {
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
  return {
    take: (text) => listener?.onDatagram(Buffer.from(text), { address: host, port }),
    counted: () => ({ told, answered }),
  };
}

/** sip.js as it comes: its user agent answers each NOTIFY through its own transport interface. */
async function stock(): Promise<Side> {
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
  return {
    take: (text) => {
      const message = Parser.parseMessage(text, agent.getLogger('bench'));
      if (!(message instanceof IncomingRequestMessage)) throw new Error('not a request');
      agent.userAgentCore.receiveIncomingRequestFromTransport(message);
    },
    counted: () => ({ told, answered }),
  };
}

const [we, they] = [await ours(), await stock()];
const used = { ours: 0, stock: 0 };
for (let round = 0; round < warmUps + rounds; round += 1) {
  const took = { ours: await timeOf(we, round, counts.ours), stock: await timeOf(they, round, counts.stock) };
  if (round < warmUps) continue;
  used.ours += took.ours;
  used.stock += took.stock;
}
console.log(
  JSON.stringify({
    ours: (counts.ours * rounds) / used.ours,
    stock: (counts.stock * rounds) / used.stock,
  }),
);
process.exit(0);
