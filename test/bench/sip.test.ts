import { spawn } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { profile } from '../../electron/contract/profile.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createResponse, header, readMessage, writeMessage } from '../../electron/sip/message/message.ts';
import { createSipStation } from '../../electron/sip/sip-station.ts';
import type { Limits } from '../../electron/sip/transport/rate-limit.ts';
import type { BindUdpSocket } from '../../electron/sip/transport/udp-socket.ts';
import { createFakeNegotiator, host } from '../integration/sip-support.ts';
import { usedMemory } from '../support/heap.ts';
import { runShipped } from './shipped.ts';

const rows: { measure: string; ours: string; other: string; ratio: string }[] = [];
afterAll(() => console.table(rows));

const plenty = { perSecond: 1e9, burst: 1e9 };
const unlimited: Limits = {
  datagrams: { full: plenty, little: plenty },
  calls: { full: plenty, little: plenty },
  strangers: plenty,
};
const input = (port: number, extensions = 1) => ({
  pbx: { address: host, port },
  station: { name: 'Bench', localAddress: host },
  extensions: Array.from({ length: extensions }, (_, index) => ({
    userId: `50${31 + index}`,
    sharedUserId: `60${31 + index}`,
    localPort: port + 1 + index,
  })),
  lineKeys: [{ extension: 1, label: '6031' }],
});

// First, while the heap is small: later garbage would hide it.
it('memory of a registered extension', async () => {
  const [stations, extensions] = [20, 12];
  const before = usedMemory();
  let registered = 0;
  const all = Array.from({ length: stations }, (_, index) =>
    createSipStation({
      profile: profile.parse(input(27_200 + index * 20, extensions)),
      negotiator: createFakeNegotiator(),
      onEvent: (event) => {
        if (event.type === 'registered') registered += 1;
      },
      log: silentLog,
      version: '0',
      bind: answering,
    }),
  );
  await Promise.all(all.map((station) => station.start()));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(registered).toBe(stations * extensions);
  const after = usedMemory();
  const each = (bytes: number): string => `${(bytes / registered / 1024).toFixed(0)} KiB`;
  rows.push({
    measure: 'memory per registered extension (without its socket)',
    ours: `${each(after.heapUsed - before.heapUsed)} heap, ${each(after.rss - before.rss)} RSS`,
    other: '',
    ratio: '',
  });
  await Promise.all(all.map((station) => station.stop()));
});

it('line states a second, against the parser and user agent of stock sip.js', async () => {
  const { ours, stock } = rates.parse(JSON.parse(await runShipped('line-states.ts')));
  rows.push({
    measure: 'line-state NOTIFYs/s of processor time (read, told, answered)',
    ours: ours.toFixed(0),
    other: `stock sip.js ${stock.toFixed(0)}`,
    ratio: (ours / stock).toFixed(1),
  });
  expect(ours).toBeGreaterThan(20 * stock);
});
const rates = z.object({ ours: z.number(), stock: z.number() });

it('a burst of 500 line states over the socket', async () => {
  const all = bursts.parse(JSON.parse(await runShipped('line-state-burst.ts')));
  const shown = all.map((burst) => burst.shown.toFixed(0)).join(', ');
  const used = all.map((burst) => burst.used.toFixed(0)).join(', ');
  rows.push({
    measure: '500 line states: ms until the last key is right',
    ours: shown,
    other: `processor time ${used}`,
    ratio: '',
  });
  // The quickest: whoever else has the machine makes bursts longer, never shorter.
  expect(Math.min(...all.map((burst) => burst.shown))).toBeLessThan(250);
});
const bursts = z.array(z.object({ shown: z.number(), used: z.number() })).min(1);

/** sipp's built-in scenario against a port; resolves with the seconds it took and the calls that failed. */
function sipp(scenario: 'uac' | 'uas', args: readonly string[]): { done: Promise<number>; stop(): void } {
  const child = spawn('sipp', ['-sn', scenario, '-i', host, '-nostdin', ...args], { stdio: 'ignore' });
  const started = performance.now();
  const done = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve((performance.now() - started) / 1000));
  });
  return { done, stop: () => void child.kill('SIGKILL') };
}

describe('calls a second, sipp as the other side', () => {
  const calls = 600;
  const offered = ['-m', String(calls), '-r', '2000', '-l', '40', '-d', '0'];
  const rate = (seconds: number): string => (calls / seconds).toFixed(0);
  let alone = 0;

  it('sipp alone', async () => {
    const uas = sipp('uas', ['-p', '27120']);
    alone = await sipp('uac', ['-p', '27121', ...offered, `${host}:27120`]).done;
    uas.stop();
    expect(alone).toBeGreaterThan(0);
  });

  it('called: sipp calls, we answer, sipp hangs up', async () => {
    const port = 27_130;
    let ended = 0;
    const station = createSipStation({
      profile: profile.parse(input(port)),
      negotiator: createFakeNegotiator(),
      onEvent: (event) => {
        if (event.type === 'incoming') station.perform({ type: 'accept', call: event.call });
        if (event.type === 'ended') ended += 1;
      },
      log: silentLog,
      version: '0',
      limits: unlimited,
    });
    await station.start();
    const seconds = await sipp('uac', ['-p', String(port), '-s', '6031', ...offered, `${host}:${port + 1}`])
      .done;
    expect(ended).toBe(calls);
    rows.push({
      measure: 'calls/s as the called one (INVITE, 200, ACK, BYE)',
      ours: rate(seconds),
      other: `sipp alone ${rate(alone)}`,
      ratio: (alone / seconds).toFixed(3),
    });
    await station.stop();
  });

  it('calling: we call, sipp answers, we hang up', async () => {
    const port = 27_140;
    const uas = sipp('uas', ['-p', String(port)]);
    let [placed, ended] = [0, 0];
    const started = performance.now();
    await new Promise<void>((resolve) => {
      const station = createSipStation({
        profile: profile.parse(input(port)),
        negotiator: createFakeNegotiator(),
        onEvent: (event) => {
          if (event.type === 'answered') station.perform({ type: 'hang-up', call: event.call });
          if (event.type !== 'ended') return;
          ended += 1;
          if (placed < calls) call();
          else if (ended === calls) void station.stop().then(resolve);
        },
        log: silentLog,
        version: '0',
        limits: unlimited,
      });
      const call = (): void => {
        placed += 1;
        station.perform({ type: 'invite', call: `c${placed}`, extension: 1, number: '5051' });
      };
      void station.start().then(() => {
        for (let count = 0; count < 40; count += 1) call();
      });
    });
    const seconds = (performance.now() - started) / 1000;
    uas.stop();
    rows.push({
      measure: 'calls/s as the caller',
      ours: rate(seconds),
      other: `sipp alone ${rate(alone)}`,
      ratio: (alone / seconds).toFixed(3),
    });
    expect(ended).toBe(calls);
  });
});

/** A network in which everything asked is answered 200. */
const answering: BindUdpSocket = async (local, listener) => ({
  local,
  send(datagram, to) {
    const read = readMessage(datagram);
    if (!read.ok || read.message.kind === 'response') return;
    const contact = { name: 'Contact', value: `${header(read.message, 'Contact') ?? ''};expires=3600` };
    const answer = writeMessage(createResponse(read.message, 200, 'OK', { toTag: 'p', headers: [contact] }));
    setImmediate(() => listener.onDatagram(answer, to));
  },
  close: async () => {},
});
