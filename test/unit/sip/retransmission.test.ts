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
import type { UdpAddress, UdpListener } from '../../../electron/sip/transport/udp-socket.ts';

const local = { address: '192.0.2.4', port: 5060 };
const peer = { address: '192.0.2.1', port: 6060 };

interface Wire {
  endpoint: Endpoint;
  sent: { at: number; message: SipMessage; to: UdpAddress }[];
  seen: SipMessage[];
  receive(message: SipMessage): void;
}

/** An endpoint on a socket that only remembers. */
async function wire(onMessage?: (message: SipMessage) => void): Promise<Wire> {
  const start = Date.now();
  const sent: Wire['sent'] = [];
  const seen: SipMessage[] = [];
  let listener: UdpListener | null = null;
  const endpoint = await createEndpoint({
    local,
    log: silentLog,
    onMessage: (message) => {
      seen.push(message);
      onMessage?.(message);
    },
    bind: async (_local, given) => {
      listener = given;
      return {
        local,
        send(datagram, to) {
          const read = readMessage(datagram);
          if (read.ok) sent.push({ at: Date.now() - start, message: read.message, to });
        },
        close: async () => {},
      };
    },
  });
  return { endpoint, sent, seen, receive: (message) => listener?.onDatagram(writeMessage(message), peer) };
}

const request = (
  method: string,
  branch = 'z9hG4bK-1',
  extra: { name: string; value: string }[] = [],
): SipMessage =>
  createRequest(method, 'sip:5051@192.0.2.1', [
    { name: 'Via', value: `SIP/2.0/UDP 192.0.2.4:5060;branch=${branch}` },
    { name: 'From', value: '<sip:a@b>;tag=1' },
    { name: 'To', value: '<sip:c@d>' },
    { name: 'Call-ID', value: 'x' },
    { name: 'CSeq', value: `1 ${method === 'ACK' ? 'ACK' : method}` },
    ...extra,
  ]);
const incoming = (method: string, branch: string): SipMessage => {
  const message = request(method, branch);
  const via = { name: 'Via', value: `SIP/2.0/UDP 192.0.2.1:6060;branch=${branch}` };
  return { ...message, headers: [via, ...message.headers.slice(1)] };
};
const times = ({ sent }: Wire): number[] => sent.map(({ at }) => at);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('sending requests', () => {
  it('repeats a non-INVITE after T1, doubling up to T2, for 64*T1 (timers E, F)', async () => {
    const w = await wire();
    const onTimeout = vi.fn();
    w.endpoint.request(request('REGISTER'), peer, { onResponse: vi.fn(), onTimeout });
    await vi.advanceTimersByTimeAsync(31_999);
    expect(onTimeout).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(times(w)).toEqual([0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
    expect(onTimeout).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('slows a non-INVITE down to T2 after a provisional response', async () => {
    const w = await wire();
    const sentRequest = request('NOTIFY');
    w.endpoint.request(sentRequest, peer);
    w.receive(createResponse(sentRequest, 100, 'Trying'));
    await vi.advanceTimersByTimeAsync(9_000);
    expect(times(w)).toEqual([0, 500, 4500, 8500]);
  });

  it('repeats an INVITE doubling without limit until a provisional response (timers A, B)', async () => {
    const w = await wire();
    const invite = request('INVITE');
    w.endpoint.request(invite, peer);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(times(w)).toEqual([0, 500, 1500, 3500, 7500]);
    w.receive(createResponse(invite, 180, 'Ringing'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(w.sent).toHaveLength(5);
    w.receive(createResponse(invite, 200, 'OK', { toTag: 'a' }));
    w.receive(createResponse(invite, 200, 'OK', { toTag: 'a' }));
    expect(w.seen.map(({ status }) => status)).toEqual([180, 200, 200]);
    await vi.advanceTimersByTimeAsync(32_000);
    expect(w.endpoint.transactions).toBe(0);
  });

  it('acknowledges a non-2xx itself, with all routes, again for each repeat, and absorbs those', async () => {
    const w = await wire();
    const routes = ['<sip:p1;lr>', '<sip:p2;lr>'].map((value) => ({ name: 'Route', value }));
    const invite = request('INVITE', 'z9hG4bK-9', routes);
    w.endpoint.request(invite, peer);
    const busy = createResponse(invite, 486, 'Busy Here', { toTag: 'b' });
    w.receive(busy);
    w.receive(busy);
    w.endpoint.send(request('ACK', 'z9hG4bK-9'), peer);
    const acks = w.sent.filter(({ message }) => message.method === 'ACK').map(({ message }) => message);
    expect(acks).toHaveLength(2);
    expect(acks[0] && header(acks[0], 'To')).toBe('<sip:c@d>;tag=b');
    expect(acks[0]?.headers.filter(({ name }) => name === 'Route')).toEqual(routes);
    expect(w.seen).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(32_000);
    expect(w.endpoint.transactions).toBe(0);
  });

  it('absorbs repeated final responses and those to nothing', async () => {
    const w = await wire();
    const options = request('OPTIONS');
    w.endpoint.request(options, peer);
    w.receive(createResponse(options, 200, 'OK'));
    w.receive(createResponse(options, 200, 'OK'));
    w.receive(createResponse(request('OPTIONS', 'z9hG4bK-other'), 200, 'OK'));
    expect(w.seen).toHaveLength(1);
  });

  it('forgets a cancelled INVITE whose 487 never comes after 64*T1', async () => {
    const w = await wire();
    const invite = request('INVITE');
    w.endpoint.request(invite, peer);
    w.receive(createResponse(invite, 180, 'Ringing'));
    const cancel = request('CANCEL');
    w.endpoint.request(cancel, peer);
    w.receive(createResponse(cancel, 200, 'OK'));
    await vi.advanceTimersByTimeAsync(32_000);
    expect(w.endpoint.transactions).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('receiving requests', () => {
  it('passes a request on once and answers its repeats with the last response', async () => {
    const w = await wire();
    const notify = incoming('NOTIFY', 'z9hG4bK-n');
    w.receive(notify);
    w.receive(notify);
    expect(w.sent).toHaveLength(0);
    const [first] = w.seen;
    if (!first) throw new Error('not passed on');
    w.endpoint.respond(createResponse(first, 200, 'OK'));
    w.receive(notify);
    expect(w.seen).toHaveLength(1);
    expect(w.sent.map(({ message, to }) => [message.status, to])).toEqual([
      [200, peer],
      [200, peer],
    ]);
    await vi.advanceTimersByTimeAsync(32_000);
    expect(w.endpoint.transactions).toBe(0);
  });

  it('tells requests of an old branch style apart by Call-ID, tag and CSeq', async () => {
    const w = await wire();
    w.receive(incoming('OPTIONS', '1'));
    w.receive({
      ...incoming('OPTIONS', '1'),
      headers: incoming('OPTIONS', '1').headers.map((each) =>
        each.name === 'CSeq' ? { name: 'CSeq', value: '2 OPTIONS' } : each,
      ),
    });
    w.receive(incoming('OPTIONS', '1'));
    expect(w.seen).toHaveLength(2);
  });

  it('repeats a refusal of an INVITE until its ACK, and absorbs repeated ACKs (timer G)', async () => {
    const w = await wire((message) => {
      if (message.method === 'INVITE')
        w.endpoint.respond(createResponse(message, 486, 'Busy Here', { toTag: 't' }));
    });
    w.receive(incoming('INVITE', 'z9hG4bK-i'));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(times(w)).toEqual([0, 500, 1500, 3500, 7500]);
    const ack = incoming('ACK', 'z9hG4bK-i');
    w.receive(ack);
    w.receive(ack);
    await vi.advanceTimersByTimeAsync(4_999);
    expect([w.sent.length, w.endpoint.transactions]).toEqual([5, 1]);
    expect(w.seen.map(({ method }) => method)).toEqual(['INVITE', 'ACK']);
    // Timer I: T4 after the ACK.
    await vi.advanceTimersByTimeAsync(1);
    expect(w.endpoint.transactions).toBe(0);
  });

  it('gives a refusal up after 64*T1 without an ACK (timer H)', async () => {
    const w = await wire((message) =>
      w.endpoint.respond(createResponse(message, 603, 'Decline', { toTag: 't' })),
    );
    w.receive(incoming('INVITE', 'z9hG4bK-i'));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(w.sent).toHaveLength(11);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not repeat a 2xx: that is the user of the call', async () => {
    const w = await wire((message) => {
      if (message.method === 'INVITE') w.endpoint.respond(createResponse(message, 200, 'OK', { toTag: 't' }));
    });
    w.receive(incoming('INVITE', 'z9hG4bK-i'));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(w.sent).toHaveLength(1);
    w.receive(incoming('ACK', 'z9hG4bK-of-its-own'));
    expect(w.seen.map(({ method }) => method)).toEqual(['INVITE', 'ACK']);
  });

  it('remembers 4,096 requests at most: those answered longest ago make room, ringing calls do not', async () => {
    const w = await wire((message) => {
      if (message.method === 'NOTIFY') w.endpoint.respond(createResponse(message, 200, 'OK'));
    });
    w.receive(incoming('INVITE', 'z9hG4bK-ringing'));
    for (let index = 0; index < 4_500; index += 1) {
      // What a PBX may send a second is not the point here.
      if (index % 1_000 === 0) await vi.advanceTimersByTimeAsync(1_000);
      w.receive(incoming('NOTIFY', `z9hG4bK-n${index}`));
    }
    expect(w.endpoint.transactions).toBe(4_096);
    const seen = w.seen.length;
    w.receive(incoming('INVITE', 'z9hG4bK-ringing'));
    w.receive(incoming('NOTIFY', 'z9hG4bK-n4499'));
    expect(w.seen).toHaveLength(seen);
    w.receive(incoming('NOTIFY', 'z9hG4bK-n0'));
    expect(w.seen).toHaveLength(seen + 1);
  });

  it('passes on the late end of an INVITE that it has forgotten, and absorbs late provisionals', async () => {
    const w = await wire();
    const invite = request('INVITE', 'z9hG4bK-forgotten');
    for (const status of [180, 200, 487]) w.receive(createResponse(invite, status, 'Late', { toTag: 'a' }));
    expect(w.seen.map(({ status }) => status)).toEqual([200, 487]);
  });

  it('survives a user that throws when a request times out', async () => {
    const w = await wire();
    const onTimeout = vi.fn(() => {
      throw new Error('broken user');
    });
    w.endpoint.request(request('REGISTER'), peer, { onResponse: vi.fn(), onTimeout });
    await vi.advanceTimersByTimeAsync(32_000);
    expect(onTimeout).toHaveBeenCalledTimes(1);
  });

  it('survives a user that throws, and leaves no timer when closed', async () => {
    const w = await wire(() => {
      throw new Error('broken user');
    });
    expect(() => w.receive(incoming('INVITE', 'z9hG4bK-i'))).not.toThrow();
    w.endpoint.request(request('REGISTER'), peer);
    await w.endpoint.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
