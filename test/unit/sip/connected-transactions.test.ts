import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../electron/phone/ports.ts';
import {
  createRequest,
  createResponse,
  header,
  readMessage,
  type SipMessage,
  writeMessage,
} from '../../../electron/sip/message/message.ts';
import { createEndpoint, type Endpoint } from '../../../electron/sip/transactions/retransmission.ts';
import { type Peer, peerKey, type TransportListener } from '../../../electron/sip/transport/transport.ts';

const local = { address: '192.0.2.4', port: 5060 };
const byUdp: Peer = { address: '192.0.2.1', port: 5060 };
const byTcp: Peer = { ...byUdp, transport: 'tcp' };
const byTls: Peer = { ...byUdp, transport: 'tls' };

interface Wire {
  readonly endpoint: Endpoint;
  readonly sent: { readonly message: SipMessage; readonly to: Peer }[];
  readonly seen: SipMessage[];
  /** Who is connected, or will be when asked. */
  readonly open: Set<string>;
  /** Whose connections were given up. */
  readonly givenUp: string[];
  receive(message: SipMessage, from: Peer): void;
  lose(peer: Peer): void;
}

/** An endpoint on a network that only remembers. */
async function wire(...open: Peer[]): Promise<Wire> {
  const state = {
    sent: [] as Wire['sent'],
    seen: [] as SipMessage[],
    givenUp: [] as string[],
    open: new Set(open.map(peerKey)),
  };
  let listener: TransportListener | null = null;
  const endpoint = await createEndpoint({
    local,
    log: silentLog,
    onMessage: (message) => state.seen.push(message),
    bind: async (_local, given) => {
      listener = given;
      return {
        local,
        send(datagram, to) {
          const read = readMessage(datagram);
          if (read.ok) state.sent.push({ message: read.message, to });
        },
        connectionTo: (peer) => (state.open.has(peerKey(peer)) ? local : null),
        disconnect: (peer) => void state.givenUp.push(peerKey(peer)),
        connect: async (peer) => state.open.has(peerKey(peer)),
        close: async () => {},
      };
    },
  });
  return {
    endpoint,
    ...state,
    receive: (message, from) => listener?.onDatagram(writeMessage(message), from),
    lose: (peer) => {
      state.open.delete(peerKey(peer));
      listener?.onLost?.(peer, new Error('gone'));
    },
  };
}

const request = (method: string, padding = 0, via = 'SIP/2.0/UDP 192.0.2.4:5060'): SipMessage =>
  createRequest(method, 'sip:5051@192.0.2.1', [
    { name: 'Via', value: `${via};branch=z9hG4bK-1` },
    { name: 'From', value: '<sip:a@b>;tag=1' },
    { name: 'To', value: '<sip:c@d>' },
    { name: 'Call-ID', value: 'x' },
    { name: 'CSeq', value: `1 ${method}` },
    { name: 'Subject', value: 'x'.repeat(padding) },
  ]);
const last = ({ sent }: Wire) => {
  const it = sent.at(-1);
  if (!it) throw new Error('nothing sent');
  return it;
};
const methods = ({ sent }: Wire): string[] =>
  sent.map(({ message: { kind, method, status } }) => (kind === 'request' ? method : String(status)));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('transactions over a connection', () => {
  it.each([byTcp, byTls])('say in Via what they go over ($transport), and repeat nothing', async (peer) => {
    const w = await wire(peer);
    const onTimeout = vi.fn();
    w.endpoint.request(request('REGISTER'), peer, { onResponse: vi.fn(), onTimeout });
    expect(header(last(w).message, 'Via')).toBe(
      `SIP/2.0/${peer.transport?.toUpperCase()} 192.0.2.4:5060;branch=z9hG4bK-1`,
    );
    await vi.advanceTimersByTimeAsync(31_999);
    expect(methods(w)).toEqual(['REGISTER']);
    expect(onTimeout).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(onTimeout).toHaveBeenCalledWith();
    // It may be dead, and the kernel does not know yet.
    expect(w.givenUp).toEqual([peerKey(peer)]);
  });

  it('are forgotten as soon as they are answered (timers D and K)', async () => {
    const w = await wire(byTcp);
    w.endpoint.request(request('OPTIONS'), byTcp, { onResponse: vi.fn() });
    w.receive(createResponse(last(w).message, 200, 'OK'), byTcp);
    w.endpoint.request(request('INVITE'), byTcp);
    w.receive(createResponse(last(w).message, 486, 'Busy Here', { toTag: 't' }), byTcp);
    // The ACK is ours, and sip.js's own is not sent a second time.
    w.endpoint.request(request('ACK'), byTcp);
    expect(methods(w)).toEqual(['OPTIONS', 'INVITE', 'ACK']);
    expect(w.seen.map(({ status }) => status)).toEqual([486]);
    await vi.advanceTimersByTimeAsync(1);
    expect(w.endpoint.transactions).toBe(0);
  });

  it('answer over the connection, once, and remember nothing afterwards (timers G, I, J)', async () => {
    const caller: Peer = { address: '192.0.2.1', port: 40_000, transport: 'tcp' };
    const w = await wire(caller);
    const invite = request('INVITE', 0, 'SIP/2.0/TCP 192.0.2.1:5060');
    w.receive(invite, caller);
    w.endpoint.respond(createResponse(w.seen[0] ?? invite, 486, 'Busy Here', { toTag: 't' }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(methods(w)).toEqual(['486']);
    expect(last(w).to).toEqual(caller);
    w.receive({ ...request('ACK', 0, 'SIP/2.0/TCP 192.0.2.1:5060') }, caller);
    await vi.advanceTimersByTimeAsync(1);
    expect(w.endpoint.transactions).toBe(0);

    const options = request('OPTIONS', 0, 'SIP/2.0/TCP 192.0.2.1:5060');
    w.receive(options, caller);
    w.endpoint.respond(createResponse(options, 200, 'OK'));
    await vi.advanceTimersByTimeAsync(1);
    expect(w.endpoint.transactions).toBe(0);
  });

  it('answer where the caller listens when its connection is gone (RFC 3261, 18.2.2)', async () => {
    const caller: Peer = { address: '192.0.2.1', port: 40_000, transport: 'tcp' };
    const w = await wire(caller);
    w.receive(request('INVITE', 0, 'SIP/2.0/TCP pbx.example:5070;rport'), caller);
    w.lose(caller);
    const [invite] = w.seen;
    if (!invite) throw new Error('no INVITE');
    w.endpoint.respond(createResponse(invite, 180, 'Ringing', { toTag: 't' }));
    expect(last(w).to).toEqual({ address: '192.0.2.1', port: 5070, transport: 'tcp' });
  });

  it('fail with their connection when nothing has come back', async () => {
    const w = await wire(byTcp);
    const onTimeout = vi.fn();
    w.endpoint.request(request('REGISTER'), byTcp, { onResponse: vi.fn(), onTimeout });
    w.endpoint.request(request('INVITE'), byTcp);
    w.lose({ ...byTcp, port: 5061 });
    expect(onTimeout).not.toHaveBeenCalled();

    w.lose(byTcp);
    expect(onTimeout).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'gone' }));
    // RFC 3261, 8.1.3.1; and whoever acknowledges it does so to nobody.
    expect(w.seen).toMatchObject([{ kind: 'response', method: 'INVITE', status: 503 }]);
    w.endpoint.request(request('ACK'), byTcp);
    await vi.advanceTimersByTimeAsync(1);
    expect(methods(w)).toEqual(['REGISTER', 'INVITE']);
    expect(w.endpoint.transactions).toBe(0);
  });

  it('go on without it when the call is ringing already', async () => {
    const w = await wire(byTcp);
    w.endpoint.request(request('INVITE'), byTcp);
    w.receive(createResponse(last(w).message, 180, 'Ringing', { toTag: 't' }), byTcp);
    w.lose(byTcp);
    expect(w.seen.map(({ status }) => status)).toEqual([180]);
    w.receive(createResponse(last(w).message, 200, 'OK', { toTag: 't' }), byTcp);
    expect(w.seen.map(({ status }) => status)).toEqual([180, 200]);
  });
});

describe('a request that is too large for a datagram', () => {
  it('goes over TCP, and so do its CANCEL and its ACK', async () => {
    const w = await wire(byTcp);
    w.endpoint.request(request('INVITE', 1_200), byUdp);
    await vi.advanceTimersByTimeAsync(0);
    expect(last(w).to).toEqual(byTcp);
    expect(header(last(w).message, 'Via')).toMatch(/^SIP\/2\.0\/TCP /);
    w.receive(createResponse(last(w).message, 180, 'Ringing', { toTag: 't' }), byTcp);

    w.endpoint.request(request('CANCEL'), byUdp);
    expect(last(w).to).toEqual(byTcp);
    expect(header(last(w).message, 'Via')).toMatch(/^SIP\/2\.0\/TCP /);
    const [invite] = w.sent;
    if (!invite) throw new Error('no INVITE');
    w.receive(createResponse(invite.message, 487, 'Request Terminated', { toTag: 't' }), byTcp);
    expect(last(w)).toMatchObject({ message: { method: 'ACK' }, to: byTcp });
    expect(header(last(w).message, 'Via')).toMatch(/^SIP\/2\.0\/TCP /);
  });

  it('goes by UDP as ever where the peer takes no TCP, and is repeated there', async () => {
    const w = await wire();
    w.endpoint.request(request('INVITE', 1_200), byUdp);
    await vi.advanceTimersByTimeAsync(600);
    expect(w.sent.map(({ to }) => to)).toEqual([byUdp, byUdp]);
    expect(header(last(w).message, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
  });

  it('goes by UDP after all when the connection is lost before anything has come back', async () => {
    const w = await wire(byTcp);
    w.endpoint.request(request('INVITE', 1_200), byUdp);
    await vi.advanceTimersByTimeAsync(0);
    w.lose(byTcp);
    expect(w.sent.map(({ to }) => to)).toEqual([byTcp, byUdp]);
    expect(header(last(w).message, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
    expect(w.seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(600);
    expect(w.sent).toHaveLength(3);
  });

  it('is not sent when it was given up before the connection was there', async () => {
    const w = await wire();
    const giveUp = w.endpoint.request(request('INVITE', 1_200), byUdp, { onResponse: vi.fn() });
    giveUp();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(w.sent).toEqual([]);
  });
});
