import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NegotiationError, type Negotiator } from '../../electron/phone/negotiation.ts';
import { type BindUdpSocket, bindUdpSocket } from '../../electron/sip/transport/udp-socket.ts';
import { createFakeNegotiator, createStation, host, type TestStation } from './sip-support.ts';

type FakeNegotiator = ReturnType<typeof createFakeNegotiator>;

/** Two stations that take each other for their PBX: every message goes straight. */
interface Pair {
  readonly alice: TestStation;
  readonly bob: TestStation;
  readonly media: { alice: FakeNegotiator; bob: FakeNegotiator };
  stop(): Promise<void>;
}

async function connect(
  port: number,
  options: { bind?: BindUdpSocket; bobsMedia?: Partial<Negotiator> } = {},
): Promise<Pair> {
  const media = { alice: createFakeNegotiator(), bob: createFakeNegotiator() };
  Object.assign(media.bob, options.bobsMedia);
  const one = (own: number, other: number, userId: string, negotiator: Negotiator): TestStation =>
    createStation(
      {
        pbx: { address: host, port: other, dialect: 'none' },
        station: { name: `Phone of "${userId}"`, localAddress: host },
        extensions: [{ userId, localPort: own }],
        lineKeys: [{ extension: 1, label: userId }],
      },
      { negotiator, bind: options.bind ?? bindUdpSocket },
    );
  const alice = one(port, port + 1, '5031', media.alice);
  const bob = one(port + 1, port, '5051', media.bob);
  await alice.port.start();
  await bob.port.start();
  // A phone is no registrar: once both know, nothing is left to unregister at the end.
  await Promise.all([alice.is('register-failed'), bob.is('register-failed')]);
  return {
    alice,
    bob,
    media,
    stop: async () => {
      await Promise.all([alice.port.stop(), bob.port.stop()]);
    },
  };
}

async function answeredCall({ alice, bob }: Pair): Promise<string> {
  alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
  const { call } = await bob.is('incoming');
  bob.port.perform({ type: 'accept', call });
  await Promise.all([bob.is('answered'), alice.is('answered')]);
  return call;
}

describe('a call between two stations', () => {
  let pair: Pair;
  beforeEach(async () => {
    pair = await connect(21_200);
  });
  afterEach(() => pair.stop());

  it('rings, is answered, held, resumed, and hung up by the caller', async () => {
    const { alice, bob, media } = pair;
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
    const incoming = await bob.is('incoming');
    expect(incoming).toMatchObject({ extension: 1, remote: { number: '5031', name: 'Phone of "5031"' } });
    expect(await alice.is('progress')).toEqual({ type: 'progress', call: 'a1', media: false });
    bob.port.perform({ type: 'accept', call: incoming.call });
    await bob.is('answered');
    expect(await alice.is('answered')).toEqual({ type: 'answered', call: 'a1', remote: null });

    alice.port.perform({ type: 'hold', call: 'a1' });
    await alice.is('held');
    expect(await bob.is('remote-hold')).toMatchObject({ on: true });
    alice.port.perform({ type: 'resume', call: 'a1' });
    await alice.is('resumed');
    expect(await bob.is('remote-hold')).toMatchObject({ on: false });

    bob.port.perform({ type: 'hold', call: incoming.call });
    await bob.is('held');
    expect(await alice.is('remote-hold')).toMatchObject({ on: true });

    alice.port.perform({ type: 'hang-up', call: 'a1' });
    expect(await alice.is('ended')).toEqual({ type: 'ended', call: 'a1', reason: null });
    expect(await bob.is('ended')).toMatchObject({ reason: null });
    expect([media.alice.open.size, media.bob.open.size]).toEqual([0, 0]);
  });

  it('is hung up by the called one right after answering, before the ACK', async () => {
    const { alice, bob } = pair;
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
    const { call } = await bob.is('incoming');
    bob.port.perform({ type: 'accept', call });
    await bob.is('answered');
    bob.port.perform({ type: 'hang-up', call });
    expect(await alice.is('ended')).toMatchObject({ reason: null });
  });

  it('gets through when both hold at the same moment', async () => {
    const { alice, bob } = pair;
    const call = await answeredCall(pair);
    alice.port.perform({ type: 'hold', call: 'a1' });
    bob.port.perform({ type: 'hold', call });
    await Promise.all([alice.is('held', 15_000), bob.is('held', 15_000)]);
    alice.port.perform({ type: 'hang-up', call: 'a1' });
    await bob.is('ended');
  });

  it('is given up by the caller before anybody answers', async () => {
    const { alice, bob } = pair;
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
    await bob.is('incoming');
    await alice.is('progress');
    alice.port.perform({ type: 'hang-up', call: 'a1' });
    expect(await alice.is('ended')).toMatchObject({ reason: null });
    expect(await bob.is('ended')).toMatchObject({ reason: null });
  });

  it.each([
    [486, 'busy'],
    [603, 'declined'],
    [480, 'unavailable'],
  ])('is refused with %i: %s', async (status, code) => {
    const { alice, bob } = pair;
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
    const { call } = await bob.is('incoming');
    bob.port.perform({ type: 'decline', call, status });
    expect(await alice.is('ended')).toMatchObject({ reason: { code, params: { status } } });
    expect(await bob.is('ended')).toMatchObject({ reason: null });
  });

  it('is not found at a number that nobody here has', async () => {
    const { alice } = pair;
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5099' });
    expect(await alice.is('ended')).toMatchObject({ reason: { code: 'not-found' } });
  });

  it('has several calls at once', async () => {
    const { alice, bob } = pair;
    for (const call of ['a1', 'a2', 'a3']) {
      alice.port.perform({ type: 'invite', call, extension: 1, number: '5051' });
      bob.port.perform({ type: 'accept', call: (await bob.is('incoming')).call });
      await alice.is('answered');
    }
    alice.port.perform({ type: 'hang-up', call: 'a2' });
    expect(await alice.is('ended')).toMatchObject({ call: 'a2' });
    await bob.is('ended');
    expect(alice.events.all.filter(({ type }) => type === 'ended')).toHaveLength(1);
  });
});

describe('a call whose sound does not fit', () => {
  it('is refused by the called one as not acceptable', async () => {
    const pair = await connect(21_220, {
      bobsMedia: { answer: () => Promise.reject(new NegotiationError('no-codec', 'no common codec')) },
    });
    const { alice, bob } = pair;
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
    const { call } = await bob.is('incoming');
    bob.port.perform({ type: 'accept', call });
    expect(await bob.is('ended')).toMatchObject({ reason: { code: 'not-acceptable' } });
    expect(await alice.is('ended')).toMatchObject({ reason: { code: 'not-acceptable' } });
    await pair.stop();
  });
});
