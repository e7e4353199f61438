import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SipEvent } from '../../../electron/phone/events.ts';
import { createStation, type TestStation } from '../../integration/sip-support.ts';
import { createMemoryNetwork, type MemoryNetwork } from './memory-network.ts';

let network: MemoryNetwork;
let alice: TestStation;
let bob: TestStation;

/** Two stations, each the other's PBX, in a call that Alice has made, on a fake clock. */
beforeEach(async () => {
  vi.useFakeTimers();
  network = createMemoryNetwork();
  const one = (own: number, other: number, userId: string): TestStation =>
    createStation(
      {
        pbx: { address: '192.0.2.1', port: other, dialect: 'none' },
        station: { name: userId, localAddress: '192.0.2.1' },
        extensions: [{ userId, localPort: own }],
        lineKeys: [{ extension: 1, label: userId }],
      },
      { bind: network.bind },
    );
  [alice, bob] = [one(5060, 5070, '5031'), one(5070, 5060, '5051')];
  await alice.port.start();
  await bob.port.start();
  await vi.advanceTimersByTimeAsync(5_000);
  alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
  await vi.advanceTimersByTimeAsync(100);
  bob.port.perform({ type: 'accept', call: (await bob.is('incoming')).call });
  await vi.advanceTimersByTimeAsync(100);
});
afterEach(async () => {
  const stopped = Promise.all([alice.port.stop(), bob.port.stop()]);
  await vi.advanceTimersByTimeAsync(40_000);
  await stopped;
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const told = <T extends SipEvent['type']>(station: TestStation, type: T): SipEvent[] =>
  station.events.all.filter((event) => event.type === type);
const isReferNotify = (text: string): boolean => text.startsWith('NOTIFY') && /^Event: refer/m.test(text);

/** Alice sends Bob to 5031: back to her own phone, which rings. */
async function refer(): Promise<void> {
  alice.port.perform({ type: 'transfer', call: 'a1', number: '5031' });
  await vi.advanceTimersByTimeAsync(2_000);
  const [referred] = told(bob, 'referred');
  if (referred?.type === 'referred') {
    const { referral } = referred;
    bob.port.perform({ type: 'follow', call: 'b2', extension: 1, referral });
  }
  await vi.advanceTimersByTimeAsync(1_000);
}
async function answer(): Promise<void> {
  alice.port.perform({ type: 'accept', call: (await alice.is('incoming')).call });
  await vi.advanceTimersByTimeAsync(1_000);
}

describe('a transfer over a network that loses', () => {
  it('repeats its REFER and each NOTIFY until they get through', async () => {
    const lost = new Set<string>();
    network.loses = (text) => {
      if (!/^(REFER|NOTIFY|SIP\/2\.0 202)/.test(text) || lost.has(text)) return false;
      lost.add(text);
      return true;
    };
    await refer();
    await vi.advanceTimersByTimeAsync(3_000);
    await answer();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told(alice, 'transfer-accepted')).toHaveLength(1);
    expect(told(alice, 'transferred')).toHaveLength(1);
    expect(told(alice, 'transfer-failed')).toEqual([]);
    expect(told(bob, 'referred')).toHaveLength(1);
  });

  it('gives up after half a minute without a word; the call can be taken back', async () => {
    network.loses = isReferNotify;
    await refer();
    await answer();
    expect(told(bob, 'answered')).toMatchObject([{}, { call: 'b2' }]);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(told(alice, 'transfer-failed')).toEqual([]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(told(alice, 'transfer-failed')).toMatchObject([
      { call: 'a1', reason: { code: 'transfer-failed', params: { status: 408 } } },
    ]);
    alice.port.perform({ type: 'hold', call: 'a1' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told(alice, 'held')).toHaveLength(1);
  });

  it('takes the BYE for the word that was lost', async () => {
    network.loses = isReferNotify;
    await refer();
    await answer();
    bob.port.perform({
      type: 'hang-up',
      call: (bob.events.all.find(({ type }) => type === 'incoming') as { call: string }).call,
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told(alice, 'ended')).toMatchObject([{ call: 'a1', reason: null }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told(alice, 'transfer-failed')).toEqual([]);
  });

  it('fails when the REFER itself never gets through', async () => {
    network.loses = (text) => text.startsWith('REFER');
    await refer();
    await vi.advanceTimersByTimeAsync(32_000);
    expect(told(alice, 'transfer-failed')).toMatchObject([
      { reason: { code: 'transfer-refused', params: { status: 408 } } },
    ]);
  });
});
