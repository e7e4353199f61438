import { join } from 'node:path';
import { profile } from '../../electron/contract/profile.ts';
import { createFileMedia, type FileMediaOptions } from '../../electron/media/file-media.ts';
import { type MediaPort, silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { transactionTime } from '../../electron/sip/transactions/timers.ts';
import { createStation } from '../../electron/station.ts';
import { type Conversation, conversations, type Manners } from './conversations.ts';
import { Party } from './party.ts';

const host = '127.0.0.1';
const pbxPort = 23_000;
const stationPorts = [23_100, 23_110] as const;
const soundPorts = [23_200, 23_999] as const;
const callEvery = 200;
const speech = join(import.meta.dirname, '../../assets/practice/ann-calls.wav');

/** In the order in which they come again and again; both parties call in turn. */
const order: readonly Conversation[] = [
  conversations.talked,
  conversations.held,
  conversations.talked,
  conversations.onSharedLine,
  conversations.held,
  conversations.toSharedLine,
  conversations.talked,
];

/** Two stations that share a line and call each other through the practice PBX: real clock, real sockets, real sound. */
export class RealOffice {
  calls = 0;
  private readonly closing: (() => Promise<void>)[] = [];
  private readonly desks: { readonly party: Party; readonly sound: Sound }[] = [];

  async open(): Promise<void> {
    const pbx = createPracticePbx({ address: host, port: pbxPort, log: silentLog });
    this.closing.push(() => pbx.stop());
    const { port } = await pbx.start();
    await this.station('5031', port, stationPorts[0], { audioIn: speech });
    await this.station('5051', port, stationPorts[1], { echo: true });
  }

  /** One call after the other, five a second if the machine can. */
  async callFor(ms: number): Promise<void> {
    const started = performance.now();
    for (let count = 1; performance.now() - started < ms; count += 1) {
      await this.callOnce();
      await delay(started + count * callEvery - performance.now());
    }
  }

  /** Until every transaction has had its 64*T1. */
  rest(): Promise<void> {
    return delay(transactionTime + 5_000);
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0).reverse()) await close();
  }

  private async callOnce(): Promise<void> {
    const [one, other] = this.calls % 2 === 0 ? this.desks : [...this.desks].reverse();
    const conversation = order[this.calls % order.length];
    if (!one || !other || !conversation) throw new Error('nobody is here');
    this.calls += 1;
    const manners: Manners = {
      talk: async () =>
        void (await Promise.all([one.sound.heard(this.calls), other.sound.heard(this.calls)])),
      ponder: async () => {},
    };
    await conversation(one.party, other.party, manners);
  }

  private async station(number: string, pbx: number, port: number, sound: FileMediaOptions): Promise<void> {
    const media = createFileMedia({ ...sound, portRange: soundPorts });
    const station = createStation({
      profile: profile.parse({
        pbx: { address: host, port: pbx, nat: false },
        station: { name: `User-${number}`, localAddress: host },
        extensions: [
          { userId: number, password: `pw${number}`, localPort: port },
          { userId: number, sharedUserId: '5041', password: `pw${number}`, localPort: port + 1 },
        ],
        lineKeys: [
          { extension: 1, label: number },
          { extension: 2, label: '5041' },
        ],
      }),
      media,
      log: silentLog,
      version: '0',
    });
    this.closing.push(async () => {
      await station.stop();
      await media.close();
    });
    await station.start();
    const party = new Party(station, number);
    this.desks.push({ party, sound: new Sound(media) });
    await party.registered();
  }
}

/** What a station has heard. */
class Sound {
  private calls = 0;
  private told: () => void = () => {};

  constructor(media: MediaPort) {
    media.on(({ type }) => {
      if (type !== 'first-rtp') return;
      this.calls += 1;
      this.told();
    });
  }

  /** Resolves when so many calls in all have been heard. */
  async heard(calls: number): Promise<void> {
    while (this.calls < calls) {
      await new Promise<void>((resolve) => {
        this.told = resolve;
      });
    }
  }
}

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));
