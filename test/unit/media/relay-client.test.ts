import { describe, expect, it, vi } from 'vitest';
import { createRelayClient } from '../../../electron/media/relay-client.ts';
import { serveRelay } from '../../../electron/media/relay-server.ts';
import type { MediaEvent, MediaPort, PlainLegParams } from '../../../electron/phone/ports.ts';

/** A media process made of paper: says what it is told to say. */
function paperProcess() {
  const listeners = { message: (_: unknown) => {}, exit: (_: number) => {} };
  const sent: unknown[] = [];
  const process = {
    postMessage: (message: unknown) => void sent.push(message),
    on(name: 'message' | 'exit', listener: (argument: never) => void) {
      Object.assign(listeners, { [name]: listener });
    },
    kill: vi.fn(),
  };
  return {
    process,
    sent,
    say: (message: unknown) => listeners.message(message),
    die: () => listeners.exit(1),
  };
}

describe('the relay client', () => {
  it('matches answers to requests, in whatever order they come', async () => {
    const { process, say } = paperProcess();
    const relay = createRelayClient(() => process);
    const first = relay.allocate('c1', '127.0.0.1');
    const second = relay.allocate('c2', '127.0.0.1');
    say({ type: 'allocated', id: 1, rtpPort: 4002 });
    say({ type: 'allocated', id: 0, rtpPort: 4000 });
    expect(await first).toEqual({ rtpPort: 4000 });
    expect(await second).toEqual({ rtpPort: 4002 });
  });

  it('does not wait for ever', async () => {
    const relay = createRelayClient(() => paperProcess().process, { patience: 20 });
    await expect(relay.allocate('c1', '127.0.0.1')).rejects.toThrow(/does not answer/);
  });

  it('rejects what waits and fails its calls when the process dies', async () => {
    const { process, die } = paperProcess();
    const relay = createRelayClient(() => process);
    const events: MediaEvent[] = [];
    relay.on((event) => events.push(event));
    const waiting = relay.allocate('c1', '127.0.0.1');
    die();
    await expect(waiting).rejects.toThrow(/has stopped/);
    expect(events).toMatchObject([{ type: 'failed', call: 'c1' }]);
  });

  it('is not led astray by odd messages', async () => {
    const { process, say } = paperProcess();
    const error = vi.fn();
    const relay = createRelayClient(() => process, { log: { debug() {}, info() {}, warn() {}, error } });
    const waiting = relay.allocate('c1', '127.0.0.1');
    for (const odd of [
      null,
      'x',
      {},
      { type: 'allocated', id: 0, rtpPort: 'x' },
      { type: 'allocated', id: 9, rtpPort: 4 },
    ]) {
      say(odd);
    }
    say({ type: 'allocated', id: 0, rtpPort: 4000 });
    expect(await waiting).toEqual({ rtpPort: 4000 });
    expect(error).toHaveBeenCalledTimes(4);
  });

  it('rejects what waits and ends the process when closed', async () => {
    const { process } = paperProcess();
    const relay = createRelayClient(() => process);
    const waiting = relay.allocate('c1', '127.0.0.1');
    await relay.close();
    await expect(waiting).rejects.toThrow(/closing/);
    expect(process.kill).toHaveBeenCalledOnce();
  });
});

describe('the relay server', () => {
  it('tells of requests that it does not know and does nothing', () => {
    const relay = { on: () => () => {}, release: vi.fn(), join: vi.fn() } as Partial<MediaPort> as MediaPort;
    const replies: unknown[] = [];
    const serve = serveRelay(relay, (reply) => replies.push(reply));
    for (const odd of [
      null,
      { type: 'explode' },
      { type: 'release' },
      { type: 'release', call: 'c1', more: 1 },
      { type: 'join', call: 'c1' },
      { type: 'join', call: 'c1', guest: '' },
    ])
      serve(odd);
    expect(relay.release).not.toHaveBeenCalled();
    expect(relay.join).not.toHaveBeenCalled();
    expect(replies).toHaveLength(6);
    serve({ type: 'join', call: 'c1', guest: 'c2' });
    expect(relay.join).toHaveBeenCalledWith('c1', 'c2');
    serve({ type: 'release', call: 'c1' });
    expect(relay.release).toHaveBeenCalledWith('c1');
  });

  it.each([
    {},
    { rtcp: 'mux' },
    { rtcp: { address: '192.0.2.7', port: 53020 } },
    { opus: { fec: true, constantBitrate: false, maxAverageBitrate: 20_000, maxPlaybackRate: null } },
    {
      srtp: {
        ...{ suite: 'AES_256_CM_HMAC_SHA1_80', local: 'a', remote: 'b' },
        ...{ localMki: '1:4', remoteMki: '2:1', unencryptedSrtcp: true },
      },
    },
  ] as const satisfies Partial<PlainLegParams>[])(
    'carries what an offer/answer has agreed on: %j',
    (agreed) => {
      const params: PlainLegParams = {
        ...{ remote: null, codec: { name: 'opus', payloadType: 111 }, dtmfPayloadType: null },
        ...{ ptime: 20, direction: 'sendrecv' },
        ...agreed,
      };
      const { process, sent } = paperProcess();
      void createRelayClient(() => process).configure('c1', params);
      const configure = vi.fn(async () => {});
      const relay = { on: () => () => {}, configure } as unknown as MediaPort;
      serveRelay(relay, () => {})(structuredClone(sent[0]));
      expect(configure).toHaveBeenCalledWith('c1', params);
    },
  );
});
