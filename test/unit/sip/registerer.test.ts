import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../electron/phone/ports.ts';
import {
  createResponse,
  type Header,
  header,
  readMessage,
  type SipMessage,
  writeMessage,
} from '../../../electron/sip/message/message.ts';
import { DigestSession } from '../../../electron/sip/pbx/digest.ts';
import type { Identity } from '../../../electron/sip/pbx/identity.ts';
import { PbxAddress } from '../../../electron/sip/pbx/pbx-address.ts';
import { PbxRequests } from '../../../electron/sip/pbx/pbx-request.ts';
import { ownBinding } from '../../../electron/sip/registration/register-request.ts';
import { Registerer, type RegistrationNews } from '../../../electron/sip/registration/registerer.ts';
import { createEndpoint, type Endpoint } from '../../../electron/sip/transactions/retransmission.ts';
import type { UdpAddress } from '../../../electron/sip/transport/udp-socket.ts';

const identity: Identity = {
  userId: '5031',
  registeredUser: '5041',
  shared: true,
  authId: '5031',
  password: 'secret',
  displayName: 'User-A',
  stationName: 'User-A',
  pbx: { host: 'pbx.example', port: 6060 },
  local: { address: '192.0.2.4', port: 5061 },
  tagSuffix: 'o1',
};

interface Asked {
  readonly request: SipMessage;
  readonly to: UdpAddress;
  answer(status: number, headers?: Record<string, string>): void;
}

/** A registerer, what it sends, and a PBX of one or more addresses. */
function rig(
  addresses: readonly string[] = ['192.0.2.1'],
  ask: (request: SipMessage) => SipMessage | null = () => null,
) {
  const sent: Asked[] = [];
  const news: RegistrationNews[] = [];
  const endpoint = {
    local: identity.local,
    request(request, to, handlers) {
      sent.push({
        request,
        to,
        answer: (status, headers = {}) =>
          handlers?.onResponse(createResponse(request, status, 'No', { headers: listed(headers) })),
      });
      return () => {};
    },
  } as Partial<Endpoint> as Endpoint;
  const find = async () => addresses.map((address) => ({ address, port: 6060 }));
  const pbx = new PbxAddress({ host: 'pbx.example', port: 6060 }, { find });
  const registerer = new Registerer({
    identity,
    endpoint,
    digest: new DigestSession({ user: '5031', password: 'secret' }, () => 'cnonce'),
    pbx,
    ask: async (request) => ask(request),
    tell: (told) => news.push(told),
    displaced: () => {},
    userAgent: 'Partyline/0',
    random: { token: () => '0123456789abcdef', fraction: () => 0.5 },
    log: silentLog,
  });
  /** The REGISTER number `count`, from 1, once it has been sent. */
  const register = async (count: number): Promise<Asked> => {
    await vi.advanceTimersByTimeAsync(0);
    const asked = sent[count - 1];
    if (!asked || sent.length > count) throw new Error(`${sent.length} REGISTERs instead of ${count}`);
    return asked;
  };
  registerer.start();
  return { registerer, register, sent, news };
}

const listed = (headers: Record<string, string>): Header[] =>
  Object.entries(headers).map(([name, value]) => ({ name, value }));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the registerer', () => {
  it.each([301, 302])('goes where a %i sends it, and stays there', async (status) => {
    const { register, news, registerer } = rig();
    const first = await register(1);
    first.answer(status, { Contact: '<sips:safe.example>, <sip:5041@192.0.2.9:5070>;q=0.5' });
    const second = await register(2);
    expect(second.to).toEqual({ address: '192.0.2.9', port: 5070 });
    expect(second.request.uri).toBe('sip:192.0.2.9:5070');
    // The extension is still that of the PBX.
    expect(header(second.request, 'To')).toBe('"User-A" <sip:5041@pbx.example:6060>');
    second.answer(200, { Expires: '100' });
    expect(news.at(-1)).toEqual({ type: 'registered', fresh: true });
    registerer.registerNow();
    expect((await register(3)).to.address).toBe('192.0.2.9');
  });

  it('comes back to the PBX when nobody is where it was sent', async () => {
    const { register } = rig();
    (await register(1)).answer(302, { Contact: '<sip:192.0.2.9>' });
    expect((await register(2)).to).toEqual({ address: '192.0.2.9', port: 5060 });
    await vi.advanceTimersByTimeAsync(4_500);
    expect((await register(3)).to).toEqual({ address: '192.0.2.1', port: 6060 });
  });

  it('does not run in circles', async () => {
    const { register, news } = rig();
    for (let count = 1; count <= 6; count += 1) {
      (await register(count)).answer(302, { Contact: `<sip:192.0.2.${(count % 2) + 8}>` });
    }
    await register(6);
    expect(news.at(-1)).toMatchObject({ type: 'register-failed', reason: { code: 'pbx-error' } });
  });

  it('says so when a redirection leads nowhere that it can go', async () => {
    const { register, news } = rig();
    (await register(1)).answer(302, { Contact: '<sip:192.0.2.9;transport=tcp>' });
    await register(1);
    expect(news.at(-1)).toMatchObject({ type: 'register-failed', reason: { params: { status: 302 } } });
  });

  it('takes the next address of the PBX at a 503, and tells when there is none left', async () => {
    const { register, news } = rig(['192.0.2.1', '192.0.2.2']);
    (await register(1)).answer(503, { 'Retry-After': '1800' });
    const second = await register(2);
    expect(second.to.address).toBe('192.0.2.2');
    expect(news).toEqual([{ type: 'registering' }]);
    second.answer(503, { 'Retry-After': '20 (in a while);duration=60' });
    await register(2);
    expect(news.at(-1)).toMatchObject({ type: 'register-failed', reason: { code: 'pbx-error' } });
    await vi.advanceTimersByTimeAsync(20_900);
    await register(2);
    await vi.advanceTimersByTimeAsync(200);
    await register(3);
  });

  it('takes the next address of the PBX when one is silent for as long as a user waits', async () => {
    const { register, news } = rig(['192.0.2.1', '192.0.2.2']);
    await register(1);
    await vi.advanceTimersByTimeAsync(4_500);
    const second = await register(2);
    expect(second.to.address).toBe('192.0.2.2');
    second.answer(200);
    expect(news).toEqual([{ type: 'registering' }, { type: 'registered', fresh: true }]);
  });

  it('answers SHA-256 as RFC 7616 has it, a stale nonce and a new count', async () => {
    const { register, registerer, news } = rig();
    const challenge = (nonce: string, more = ''): Record<string, string> => ({
      'WWW-Authenticate': `Digest realm="office", nonce="${nonce}", algorithm=SHA-256, qop="auth"${more}`,
    });
    (await register(1)).answer(401, challenge('n1'));
    const answered = await register(2);
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    const expected = sha(
      `${sha('5031:office:secret')}:n1:00000001:cnonce:auth:${sha('REGISTER:sip:pbx.example:6060')}`,
    );
    expect(header(answered.request, 'Authorization')).toContain(`response="${expected}"`);
    answered.answer(200);
    registerer.registerNow();
    const refresh = await register(3);
    expect(header(refresh.request, 'Authorization')).toContain('nc=00000002');
    refresh.answer(401, challenge('n2', ', stale=true'));
    (await register(4)).answer(401, challenge('n3', ', stale=true'));
    const last = await register(5);
    expect(header(last.request, 'Authorization')).toMatch(/nonce="n3".*nc=00000001/);
    last.answer(200);
    expect(news.map(({ type }) => type)).toEqual(['registering', 'registered', 'registered']);
  });

  it('answers a proxy and the registrar behind it in one request', async () => {
    const { register, news } = rig();
    (await register(1)).answer(407, { 'Proxy-Authenticate': 'Digest realm="edge", nonce="e1"' });
    (await register(2)).answer(401, { 'WWW-Authenticate': 'Digest realm="office", nonce="o1"' });
    const both = await register(3);
    expect(header(both.request, 'Proxy-Authorization')).toContain('nonce="e1"');
    expect(header(both.request, 'Authorization')).toContain('nonce="o1"');
    both.answer(401, { 'WWW-Authenticate': 'Digest realm="office", nonce="o2"' });
    await register(3);
    expect(news.at(-1)).toMatchObject({ type: 'register-failed', reason: { code: 'wrong-password' } });
  });
});

describe('registering once more, to see whether the PBX still knows us', () => {
  let asked: SipMessage[];
  /** The status of each answer; 0: none. 200 when there are no more. */
  let answers: number[];
  let challenge: string;

  async function registered() {
    asked = [];
    answers = [];
    challenge = 'Digest realm="office", nonce="n9"';
    const made = rig(undefined, (request) => {
      asked.push(request);
      const status = answers.shift() ?? 200;
      if (status === 0) return null;
      const headers = status === 401 ? [{ name: 'WWW-Authenticate', value: challenge }] : [];
      return createResponse(request, status, 'No', { headers });
    });
    (await made.register(1)).answer(200, { Contact: '<sip:5041@192.0.2.4:5061>;expires=3600' });
    return made.registerer;
  }

  it('is a REGISTER like any other, in the same series: the simplest registrar understands it', async () => {
    const registerer = await registered();
    expect(await registerer.askBinding(3_000)).toBe('there');
    expect(asked.map(({ method }) => method)).toEqual(['REGISTER']);
    expect(asked[0] && [header(asked[0], 'Contact'), header(asked[0], 'CSeq')]).toEqual([
      '"User-A" <sip:5041@192.0.2.4:5061>;expires=3600',
      '2 REGISTER',
    ]);
  });

  it('shows a PBX that has begun anew: it does not know the nonce that it took', async () => {
    const registerer = await registered();
    answers = [401];
    expect(await registerer.askBinding(3_000)).toBe('forgotten');
  });

  it('takes a nonce that has only grown old for what it is', async () => {
    const registerer = await registered();
    challenge += ', stale=true';
    answers = [401, 200];
    expect(await registerer.askBinding(3_000)).toBe('there');
    expect(asked[1] && header(asked[1], 'Authorization')).toContain('nonce="n9"');
  });

  it('concludes nothing from a PBX that never takes a nonce twice', async () => {
    const registerer = await registered();
    const answered = [];
    for (let count = 0; count < 3; count += 1) {
      answers = [401];
      answered.push(await registerer.askBinding(3_000));
    }
    expect(answered).toEqual(['forgotten', 'forgotten', 'there']);
  });

  it('tells silence, and life of any kind', async () => {
    const registerer = await registered();
    answers = [0, 503];
    expect(await registerer.askBinding(3_000)).toBe('silent');
    expect(await registerer.askBinding(3_000)).toBe('there');
  });
});

describe('a REGISTER that is still repeated', () => {
  const cseqOf = (text: string): number => Number(/^CSeq: (\d+)/m.exec(text)?.[1]);

  /** A registered station whose question has got lost; what it does next is to be seen. */
  async function asking() {
    const sent: string[] = [];
    const { local } = identity;
    const pbxAddress = { address: '192.0.2.1', port: 6060 };
    let answers = true;
    const random = { token: () => `0123456789abc${sent.length + 100}`, fraction: () => 0.5 };
    const endpoint = await createEndpoint({
      local,
      log: silentLog,
      onMessage: () => {},
      bind: async (_, { onDatagram }) => ({
        local,
        send(datagram) {
          sent.push(String(datagram));
          const read = readMessage(datagram);
          if (!answers || !read.ok) return;
          const answer = createResponse(read.message, 200, 'OK', { toTag: 'p' });
          queueMicrotask(() => onDatagram(writeMessage(answer), pbxAddress));
        },
        close: async () => {},
      }),
    });
    const digest = new DigestSession({ user: '5031', password: 'secret' }, random.token);
    const pbx = new PbxAddress({ host: 'pbx.example', port: 6060 }, { find: async () => [pbxAddress] });
    const requests = new PbxRequests({ endpoint, pbx, digest, random });
    const registerer = new Registerer({
      identity,
      endpoint,
      digest,
      pbx,
      ask: (...asked) => requests.askOnce(...asked),
      tell: () => {},
      displaced: () => {},
      userAgent: 'Partyline/0',
      random,
      log: silentLog,
    });
    registerer.start();
    await vi.advanceTimersByTimeAsync(0);
    answers = false;
    const answer = registerer.askBinding(3_000);
    await vi.advanceTimersByTimeAsync(100);
    answers = true;
    return { registerer, sent, answer };
  }

  it.each<[string, (registerer: Registerer) => unknown]>([
    ['we have gone elsewhere', (registerer) => registerer.renew({ address: '192.0.2.3', port: 5061 })],
    ['we have gone', (registerer) => registerer.stop()],
  ])('does not bind the old Contact again when %s', async (_, go) => {
    const { registerer, sent, answer } = await asking();
    void go(registerer);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(sent.map(cseqOf)).toEqual([1, 2, 3]);
    expect(await answer).toBe('there');
  });
});

describe('our own binding among those of colleagues', () => {
  const answer = (contact: string): SipMessage =>
    ({ headers: [{ name: 'Contact', value: contact }] }) as Partial<SipMessage> as SipMessage;
  const expiresOf = (contact: string): string | null | undefined =>
    ownBinding(answer(contact), identity)?.params.get('expires');

  it.each([
    '<sip:5041@192.0.2.6:5061>;expires=17, "User-A" <sip:5041@192.0.2.4:5061>;expires=3600',
    '<sip:5041@192.0.2.4:5062>;expires=17, <sip:5041@192.0.2.4:5061;transport=udp>;expires=3600',
    '<sip:5031@192.0.2.4:5061>;expires=17,<sip:5041@192.0.2.4:5061>;q=1;expires="3600"',
  ])('is found in %s', (contact) => expect(expiresOf(contact)).toBe('3600'));

  it.each(['<sip:5041@192.0.2.6:5061>;expires=17', '<sip:5041@192.0.2.4>;expires=17', '*'])(
    'is not %s',
    (contact) => expect(ownBinding(answer(contact), identity)).toBeNull(),
  );
});
