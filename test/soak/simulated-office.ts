import { vi } from 'vitest';
import { profile } from '../../electron/contract/profile.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx, type PracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { createStation } from '../../electron/station.ts';
import { requestText } from '../integration/line-state.ts';
import { xorshift } from '../integration/rough-network.ts';
import { keptByProgram } from '../support/heap.ts';
import { type Counts, listenersOf } from './census.ts';
import { type Conversation, conversations, type Manners } from './conversations.ts';
import { createFakeMedia } from './fake-media.ts';
import { createSocket, network, type Socket } from './memory-dgram.ts';
import { Party } from './party.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** No transaction remembers for so long; with what a call in trouble still waits for. */
const quietTime = 5 * minute;
const longestCall = 4 * minute;
/** More messages than a station's trace holds. */
const ringSize = 4_200;

const pbxAddress = '192.0.2.1';
/** Grants five minutes, and is on the other side of an address translator. */
const farPbxAddress = '198.51.100.1';
const homeAddress = '10.0.0.2';
const proberPort = 5_090;
const homeSeen = '203.0.113.9';

export interface Hour {
  readonly calls: number;
  /** In this hour and all before. */
  readonly callsSoFar: number;
  /** What became of calls that did not come to the end they were meant to. */
  readonly broken: readonly string[];
  readonly trouble: boolean;
  readonly registers: number;
  readonly datagrams: number;
  /** INVITEs to a Contact where nobody is any more. */
  readonly strayCalls: number;
  /** Bytes of what the program keeps; 0 where it is not judged. */
  readonly heap: number;
  readonly counts: Counts;
}

/**
 * Two stations that share a line at a PBX that challenges, a third one beyond an address translator, and what happens
 * to them in a day: calls of all kinds, probes, outages of the PBX, changes of address. The clock is vitest's fake one
 * and node:dgram is memory-dgram.ts: the test sees to both.
 */
export class SimulatedOffice {
  private readonly random = xorshift(5_031);
  private readonly media = Array.from({ length: 3 }, createFakeMedia);
  private readonly probers = new Map<string, Socket>();
  private readonly stations: Party[] = [];
  private pbx = practicePbx(pbxAddress, 3_600);
  private readonly farPbx = practicePbx(farPbxAddress, 300);
  private probing: NodeJS.Timeout | null = null;
  private probes = 0;
  private callsSoFar = 0;

  constructor(private readonly heapIsJudged: boolean) {}

  private readonly manners: Manners = {
    talk: () => this.pause(90 * second),
    ponder: () => this.pause(4 * second),
  };

  /** Opens; where the heap is to be judged, fills the rings that remember the last messages: that is no growth. */
  async open(): Promise<void> {
    network.servers.add(pbxAddress).add(farPbxAddress);
    network.translated.set(homeAddress, homeSeen);
    for (const address of network.servers) {
      this.probers.set(address, createSocket().bind({ address, port: proberPort }));
    }
    await this.passing(this.begin());
    if (this.heapIsJudged) await this.fillRings();
    for (const conversation of Object.values(conversations)) await this.call(conversation);
    this.probing = setInterval(() => this.probe(), 30 * second);
    await this.passing(delay(quietTime));
  }

  /** What there is; to be compared when nothing has gone on for a while. */
  counts(): Counts {
    const sockets = [...network.sockets.values()];
    return {
      timers: vi.getTimerCount(),
      sockets: sockets.length,
      'listeners on them': sockets.reduce((sum, socket) => sum + listenersOf(socket), 0),
      'listeners on the process': listenersOf(process),
      'calls with sound': this.media.reduce((sum, { open }) => sum + open.size, 0),
    };
  }

  /** An hour of the day: its last minutes are quiet, in two of three there is trouble in the middle. */
  async hour(number: number): Promise<Hour> {
    const end = Date.now() + hour;
    const { registers, datagrams, strayCalls } = traffic();
    const troubles = [() => this.outage(), () => this.change()];
    let trouble = troubles[number % 3];
    let calls = 0;
    const broken: string[] = [];
    const callOnce = async (): Promise<void> => {
      calls += 1;
      const failure = await this.call(this.choose());
      if (failure) broken.push(failure);
    };
    while (Date.now() < end - quietTime - longestCall) {
      const due = Date.now() > end - hour / 2 ? trouble : undefined;
      if (due) {
        trouble = undefined;
        await Promise.all([due(), callOnce()]);
      } else await callOnce();
      await this.passing(this.pause(2 * minute));
    }
    this.callsSoFar += calls;
    await this.passing(delay(end - Date.now()));
    const after = traffic();
    return {
      calls,
      callsSoFar: this.callsSoFar,
      broken,
      trouble: troubles[number % 3] !== undefined,
      registers: after.registers - registers,
      datagrams: after.datagrams - datagrams,
      strayCalls: after.strayCalls - strayCalls,
      heap: this.heapIsJudged ? keptByProgram() : 0,
      counts: this.counts(),
    };
  }

  async close(): Promise<void> {
    if (this.probing) clearInterval(this.probing);
    await this.passing(Promise.all(this.stations.map(({ station }) => station.stop())));
    await this.passing(Promise.all([this.pbx.stop(), this.farPbx.stop()]));
    for (const prober of this.probers.values()) prober.close();
  }

  private async begin(): Promise<void> {
    await Promise.all([this.pbx.start(), this.farPbx.start()]);
    await this.station('5031', pbxAddress, 5_060);
    await this.station('5051', pbxAddress, 5_070);
    await this.station('5061', farPbxAddress, 5_080, homeAddress);
    await this.allRegistered();
  }

  private async station(number: string, pbx: string, port: number, localAddress?: string): Promise<void> {
    const media = this.media[this.stations.length];
    if (!media) throw new Error('no such station');
    const station = createStation({
      profile: profile.parse({
        pbx: { address: pbx, nat: localAddress !== undefined },
        station: { name: `User-${number}`, ...(localAddress !== undefined && { localAddress }) },
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
    this.stations.push(new Party(station, number));
    await station.start();
  }

  /** With what leaves nothing else behind: datagrams that are no messages. */
  private async fillRings(): Promise<void> {
    for (let sent = 0; sent < ringSize; sent += 1) {
      for (const [pbx, target] of this.targets()) {
        this.probers.get(pbx)?.send(Buffer.from(`${sent} `.padEnd(500, '.')), target.port, target.address);
      }
      if (sent % 500 === 0) await this.passing(delay(second));
    }
  }

  private readonly allRegistered = (): Promise<unknown> =>
    Promise.all(this.stations.map((party) => party.registered()));

  /** Lets the time go by until something has happened; rejects as it does. */
  private async passing<T>(happening: Promise<T>): Promise<T> {
    let over = false;
    const settled = (): void => {
      over = true;
    };
    happening.then(settled, settled);
    while (!over) {
      vi.advanceTimersToNextTimer();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return happening;
  }

  private pause(longest: number): Promise<void> {
    return delay(second + this.random() * longest);
  }

  private choose(): Conversation {
    const kinds = Object.values(conversations);
    return kinds[Math.floor(this.random() * kinds.length)] ?? conversations.talked;
  }

  /** Null: it came to its end. */
  private async call(conversation: Conversation): Promise<string | null> {
    const [one, other] = this.stations;
    if (!one || !other) throw new Error('no stations');
    const [caller, callee] = this.random() < 0.5 ? [one, other] : [other, one];
    try {
      await this.passing(conversation(caller, callee, this.manners));
      return null;
    } catch (error) {
      await this.passing(Promise.all([caller.leave(), callee.leave()]));
      return `${conversation.name}: ${error instanceof Error ? error.message : error}`;
    }
  }

  /** The PBX is away for a few minutes and comes back knowing nobody. */
  private async outage(): Promise<void> {
    await this.passing(this.pbx.stop());
    await this.passing(delay(5 * minute));
    this.pbx = practicePbx(pbxAddress, 3_600);
    await this.passing(this.pbx.start());
    await this.passing(this.allRegistered());
  }

  /** This machine is in another place, in the middle of a call or not. */
  private async change(): Promise<void> {
    await this.passing(delay(20 * second));
    network.own = network.own === '192.0.2.10' ? '192.0.2.20' : '192.0.2.10';
    await this.passing(delay(5 * minute));
    await this.passing(this.allRegistered());
  }

  /** What a PBX sends to see whether a station is there, and to keep an address translator awake. */
  private probe(): void {
    this.probes += 1;
    const isKeepAlive = this.probes % 10 === 0;
    for (const [pbx, { address, port }] of this.targets()) {
      const text = requestText({
        method: isKeepAlive ? 'NOTIFY' : 'OPTIONS',
        target: `sip:${address}:${port}`,
        via: `${pbx}:${proberPort}`,
        from: `<sip:${pbx}>;tag=p`,
        id: `probe${this.probes}.${port}`,
        headers: isKeepAlive ? ['Event: keep-alive'] : [],
      });
      this.probers.get(pbx)?.send(Buffer.from(text), port, address);
    }
  }

  /** Each PBX, and a station of its as it sees it. */
  private targets(): readonly (readonly [pbx: string, station: { address: string; port: number }])[] {
    return [
      [pbxAddress, { address: network.own, port: 5_060 }],
      [pbxAddress, { address: network.own, port: 5_070 }],
      [farPbxAddress, { address: homeSeen, port: 5_080 }],
    ];
  }
}

const practicePbx = (address: string, maxExpires: number): PracticePbx =>
  createPracticePbx({ address, port: 6_060, maxExpires, ringingTime: 20 * second, log: silentLog });

const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)));

const traffic = (): { registers: number; datagrams: number; strayCalls: number } => ({
  registers: network.sent.get('REGISTER') ?? 0,
  datagrams: [...network.sent.values()].reduce((sum, count) => sum + count, 0),
  strayCalls: network.strayCalls,
});
