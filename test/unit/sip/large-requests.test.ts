import { beforeEach, describe, expect, it } from 'vitest';
import { LargeRequests, largestByUdp } from '../../../electron/sip/transport/large-requests.ts';
import { type Peer, peerKey } from '../../../electron/sip/transport/transport.ts';

const pbx: Peer = { address: '192.0.2.1', port: 5060 };
const overTcp: Peer = { ...pbx, transport: 'tcp' };
const large = largestByUdp + 1;
const end = { address: '192.0.2.4', port: 40_000 };

let now: number;
let asked: string[];
let takes: boolean;
let connected: boolean;
let requests: LargeRequests;

beforeEach(() => {
  now = 0;
  asked = [];
  takes = true;
  connected = false;
  const transport = {
    connectionTo: () => (connected ? end : null),
    connect: async (peer: Peer) => {
      asked.push(peerKey(peer));
      return takes;
    },
  };
  requests = new LargeRequests(transport, () => now);
});

describe('the way of a large request', () => {
  it('is TCP, where the peer takes a connection (RFC 3261, 18.1.1)', async () => {
    expect(requests.wayOf(largestByUdp, pbx)).toBe(pbx);
    expect(await requests.wayOf(large, pbx)).toEqual(overTcp);
    expect(asked).toEqual(['tcp 192.0.2.1 5060']);
  });

  it('is known at once while there is a connection', () => {
    connected = true;
    expect(requests.wayOf(large, pbx)).toEqual(overTcp);
    expect(asked).toEqual([]);
  });

  it('is UDP where the peer takes none, and for ten minutes nobody waits to find out again', async () => {
    takes = false;
    expect(await requests.wayOf(large, pbx)).toBe(pbx);
    now = 599_999;
    expect(requests.wayOf(large, pbx)).toBe(pbx);
    expect(asked).toHaveLength(1);
    expect(await requests.wayOf(large, { ...pbx, port: 5070 })).toMatchObject({ port: 5070 });
    expect(asked).toHaveLength(2);

    now = 600_000;
    takes = true;
    expect(await requests.wayOf(large, pbx)).toEqual(overTcp);
  });

  it('is UDP for a while when the connection was taken but not the request', () => {
    requests.refused(pbx);
    expect(requests.wayOf(large, pbx)).toBe(pbx);
    expect(asked).toEqual([]);
  });

  it('stays what it is where a connection was wanted anyway, or where there is only UDP', () => {
    const overTls: Peer = { ...pbx, transport: 'tls' };
    expect(requests.wayOf(large, overTls)).toBe(overTls);
    expect(new LargeRequests({}, () => 0).wayOf(large, pbx)).toBe(pbx);
  });
});
