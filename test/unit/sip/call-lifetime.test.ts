import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SipEvent } from '../../../electron/phone/events.ts';
import { createStation, type TestStation } from '../../integration/sip-support.ts';
import { createMemoryNetwork, type MemoryNetwork } from './memory-network.ts';

let network: MemoryNetwork;
let alice: TestStation;
let bob: TestStation;
const transactionTime = 32_000;

/** Two stations, each the other's PBX, on a fake clock. */
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
});
afterEach(async () => {
  const stopped = Promise.all([alice.port.stop(), bob.port.stop()]);
  await vi.advanceTimersByTimeAsync(3_000);
  await stopped;
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const told = <T extends SipEvent['type']>(station: TestStation, type: T): SipEvent[] =>
  station.events.all.filter((event) => event.type === type);
const count = (start: string): number => network.sent.filter((line) => line.startsWith(start)).length;

async function ring(): Promise<string> {
  alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
  await vi.advanceTimersByTimeAsync(100);
  return (await bob.is('incoming')).call;
}
async function talk(): Promise<string> {
  const call = await ring();
  bob.port.perform({ type: 'accept', call });
  await vi.advanceTimersByTimeAsync(100);
  return call;
}

describe('when messages are lost for good', () => {
  it('ends a call whose ACK never comes, on both sides, without a throw', async () => {
    network.loses = (text) => text.startsWith('ACK');
    await talk();
    expect(told(alice, 'answered')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(transactionTime + 1_000);
    expect(told(bob, 'ended')).toMatchObject([{ reason: { code: 'call-lost' } }]);
    expect(told(alice, 'ended')).toMatchObject([{ reason: null }]);
  });

  it('survives a BYE that comes instead of the ACK, and stays quiet afterwards', async () => {
    network.loses = (text) => text.startsWith('ACK');
    await talk();
    alice.port.perform({ type: 'hang-up', call: 'a1' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told(bob, 'ended')).toHaveLength(1);
    const byes = count('BYE');
    await vi.advanceTimersByTimeAsync(2 * transactionTime);
    expect(count('BYE')).toBe(byes);
    expect(told(bob, 'ended')).toHaveLength(1);
  });

  it('forgets a cancelled call whose 487 never comes', async () => {
    await ring();
    network.loses = (text) => text.startsWith('SIP/2.0 487');
    alice.port.perform({ type: 'hang-up', call: 'a1' });
    expect(told(alice, 'ended')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2 * transactionTime + 1_000);
    const sent = network.sent.length;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(
      network.sent.slice(sent).filter((line) => !line.includes('REGISTER') && !line.includes('405')),
    ).toEqual([]);
  });

  it('acknowledges and ends a call whose answer comes long after it was given up', async () => {
    const call = await ring();
    network.loses = (text) => /^(CANCEL|SIP\/2\.0 200)/.test(text);
    alice.port.perform({ type: 'hang-up', call: 'a1' });
    await vi.advanceTimersByTimeAsync(transactionTime + 1_000);
    bob.port.perform({ type: 'accept', call });
    network.loses = () => false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told(bob, 'answered')).toHaveLength(1);
    expect(told(bob, 'ended')).toMatchObject([{ reason: null }]);
    expect([count('ACK'), count('BYE')]).toEqual([1, 1]);
  });

  it('ends a call whose re-INVITE is answered but never acknowledged, on both sides', async () => {
    await talk();
    network.loses = (text) => text.startsWith('ACK');
    alice.port.perform({ type: 'hold', call: 'a1' });
    await vi.advanceTimersByTimeAsync(transactionTime - 1_000);
    expect(told(bob, 'ended')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told(bob, 'ended')).toMatchObject([{ reason: { code: 'call-lost' } }]);
    expect(told(alice, 'ended')).toMatchObject([{ reason: null }]);
  });

  it('takes a re-INVITE and its ACK although the ACK to the first answer never came', async () => {
    network.loses = (text) => /^ACK/.test(text) && /CSeq: 1 ACK/.test(text);
    await talk();
    for (const type of ['hold', 'resume'] as const) {
      alice.port.perform({ type, call: 'a1' });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(count('ACK')).toBeGreaterThan(2);
    expect([told(alice, 'held').length, told(alice, 'resumed').length]).toEqual([1, 1]);
  });

  it('stops repeating the answers to two quick re-INVITEs when the call ends before the second ACK', async () => {
    const call = await talk();
    network.loses = (text) => /^ACK/.test(text) && /CSeq: 3 ACK/.test(text);
    alice.port.perform({ type: 'hold', call: 'a1' });
    await vi.advanceTimersByTimeAsync(100);
    alice.port.perform({ type: 'resume', call: 'a1' });
    await vi.advanceTimersByTimeAsync(100);
    bob.port.perform({ type: 'hang-up', call });
    await vi.advanceTimersByTimeAsync(100);
    const answers = count('SIP/2.0 200');
    await vi.advanceTimersByTimeAsync(transactionTime);
    expect(told(alice, 'ended')).toHaveLength(1);
    expect(count('SIP/2.0 200')).toBe(answers);
  });

  it('tells that the PBX is silent when no answer at all comes', async () => {
    network.loses = (text) => text.startsWith('INVITE');
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
    await vi.advanceTimersByTimeAsync(transactionTime + 1_000);
    expect(told(alice, 'ended')).toMatchObject([{ reason: { code: 'pbx-silent' } }]);
    expect(count('INVITE')).toBe(7);
  });

  it('ends a call whose far end has gone when it cannot be held any more', async () => {
    await talk();
    network.loses = () => true;
    alice.port.perform({ type: 'hold', call: 'a1' });
    await vi.advanceTimersByTimeAsync(transactionTime + 1_000);
    expect(told(alice, 'ended')).toMatchObject([{ reason: { code: 'call-lost' } }]);
  });

  it('stops ringing when the caller has gone without a word', async () => {
    await ring();
    network.loses = () => true;
    await vi.advanceTimersByTimeAsync(300_000);
    expect(told(bob, 'ended')).toMatchObject([{ reason: { code: 'no-answer' } }]);
  });
});

describe('when one message of each kind is lost', () => {
  it.each(['INVITE', 'SIP/2.0 100', 'SIP/2.0 180', 'SIP/2.0 200', 'ACK', 'BYE'])(
    'a call is answered, held and hung up although the first %s is lost',
    async (start) => {
      let lost = false;
      network.loses = (text) => {
        if (lost || !text.startsWith(start)) return false;
        lost = true;
        return true;
      };
      alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
      await vi.advanceTimersByTimeAsync(1_000);
      bob.port.perform({ type: 'accept', call: (await bob.is('incoming')).call });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(told(alice, 'answered')).toHaveLength(1);
      alice.port.perform({ type: 'hold', call: 'a1' });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(told(alice, 'held')).toHaveLength(1);
      alice.port.perform({ type: 'hang-up', call: 'a1' });
      await vi.advanceTimersByTimeAsync(5_000);
      expect(told(bob, 'ended')).toHaveLength(1);
      expect(lost).toBe(true);
    },
  );
});

it('takes every datagram twice and does everything once', async () => {
  network.copies = 2;
  const call = await talk();
  bob.port.perform({ type: 'hold', call });
  await vi.advanceTimersByTimeAsync(3_000);
  bob.port.perform({ type: 'hang-up', call });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told(bob, 'incoming')).toHaveLength(1);
  expect(told(alice, 'remote-hold')).toHaveLength(1);
  expect(told(alice, 'ended')).toHaveLength(1);
});
