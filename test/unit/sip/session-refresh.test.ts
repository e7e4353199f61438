import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SipEvent } from '../../../electron/phone/events.ts';
import { createStation, field, type TestStation } from '../../integration/sip-support.ts';
import { createMemoryNetwork, type MemoryNetwork } from './memory-network.ts';

const host = '192.0.2.1';
const sdp = (version: number, direction = 'sendrecv'): string =>
  `v=0\r\no=- 9 ${version} IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\na=${direction}\r\n`;

let network: MemoryNetwork;
let alice: TestStation;

const station = (own: number, other: number, userId: string, sessionTimer: number): TestStation =>
  createStation(
    {
      pbx: { address: host, port: other, dialect: 'none' },
      station: { name: userId, localAddress: host },
      extensions: [{ userId, localPort: own }],
      lineKeys: [{ extension: 1, label: userId }],
      calls: { sessionTimer },
    },
    { bind: network.bind },
  );
const told = <T extends SipEvent['type']>(at: TestStation, type: T): SipEvent[] =>
  at.events.all.filter((event) => event.type === type);
const seconds = (count: number): Promise<unknown> => vi.advanceTimersByTimeAsync(count * 1000);

beforeEach(() => {
  vi.useFakeTimers();
  network = createMemoryNetwork();
});
afterEach(async () => {
  const stopped = alice.port.stop();
  await seconds(3);
  await stopped;
  vi.useRealTimers();
});

/** A PBX and far end of strings. */
class FarEnd {
  /** Requests of the station, but for REGISTER, and its responses. */
  readonly got: string[] = [];
  /** What a request is answered with by itself. */
  automatic: (text: string) => { status: string; headers?: string[]; body?: string } | null = () => null;
  /** In its Contact, when it answers. */
  user = '5052';
  private cseq = 0;
  private send: (text: string) => void = () => {};

  async open(): Promise<this> {
    const socket = await network.bind(
      { address: host, port: 5070 },
      { onDatagram: (datagram) => this.receive(datagram.toString()), onError: () => {} },
    );
    this.send = (text) => socket.send(Buffer.from(text), { address: host, port: 5060 });
    return this;
  }

  requests(method: string): string[] {
    return this.got.filter((text) => text.startsWith(`${method} `));
  }

  answer(request: string, status: string, headers: string[] = [], body = ''): void {
    const to = field(request, 'To');
    this.write(
      [
        `SIP/2.0 ${status}`,
        ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(request, name)}`),
        `To: ${to}${to.includes('tag=') ? '' : ';tag=far'}`,
        `Contact: <sip:${this.user}@${host}:5070>`,
        ...headers,
      ],
      body,
    );
  }

  /** In the dialog of the station's INVITE. */
  request(method: string, headers: string[] = [], body = ''): void {
    if (method !== 'ACK') this.cseq += 1;
    const [invite = ''] = this.requests('INVITE');
    this.write(
      [
        `${method} sip:5031@${host}:5060 SIP/2.0`,
        `Via: SIP/2.0/UDP ${host}:5070;branch=z9hG4bK-far${this.cseq}${method}`,
        `From: ${field(invite, 'To')};tag=far`,
        `To: ${field(invite, 'From')}`,
        `Call-ID: ${field(invite, 'Call-ID')}`,
        `CSeq: ${this.cseq} ${method}`,
        'Max-Forwards: 70',
        `Contact: <sip:5052@${host}:5070>`,
        ...headers,
      ],
      body,
    );
  }

  private isRepeat(text: string): boolean {
    const same = (other: string): boolean =>
      ['Via', 'CSeq'].every((name) => field(other, name) === field(text, name));
    return !text.startsWith('SIP/2.0') && this.got.some(same);
  }

  private write(lines: string[], body: string): void {
    const typed = body ? ['Content-Type: application/sdp'] : [];
    this.send(`${[...lines, ...typed, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`);
  }

  private receive(text: string): void {
    if (/^(REGISTER|BYE) /.test(text)) this.answer(text, '200 OK');
    if (text.startsWith('REGISTER ') || this.isRepeat(text)) return;
    this.got.push(text);
    const answer = this.automatic(text);
    if (answer) this.answer(text, answer.status, answer.headers, answer.body);
  }
}

async function withFarEnd(sessionTimer: number): Promise<FarEnd> {
  const far = await new FarEnd().open();
  alice = station(5060, 5070, '5031', sessionTimer);
  await alice.port.start();
  await seconds(1);
  alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5052' });
  await seconds(1);
  return far;
}

/** `headers` of the 200 to our INVITE; re-INVITEs and UPDATEs are answered alike. */
async function talk(sessionTimer: number, headers: string[]): Promise<FarEnd> {
  const far = await withFarEnd(sessionTimer);
  const answer = { status: '200 OK', headers, body: sdp(1) };
  const [invite = ''] = far.requests('INVITE');
  far.answer(invite, answer.status, headers, answer.body);
  await seconds(1);
  expect(told(alice, 'answered')).toHaveLength(1);
  far.automatic = (text) => (/^(INVITE|UPDATE) /.test(text) ? answer : null);
  return far;
}

const bodyOf = (text: string): string => text.split('\r\n\r\n')[1] ?? '';

describe('a session that we refresh (RFC 4028)', () => {
  it('asks for a timer, and repeats what it said at half the interval, to the letter', async () => {
    const far = await talk(90, ['Session-Expires: 90;refresher=uac', 'Require: timer']);
    const [invite = ''] = far.requests('INVITE');
    expect(field(invite, 'Session-Expires')).toBe('90');
    expect(field(invite, 'Supported')).toContain('timer');
    await seconds(43);
    expect(far.requests('INVITE')).toHaveLength(1);
    await seconds(2);
    const [, refresh = ''] = far.requests('INVITE');
    expect(field(refresh, 'Session-Expires')).toBe('90;refresher=uac');
    expect(field(refresh, 'Supported')).toContain('timer');
    expect(bodyOf(refresh)).toBe(bodyOf(invite));
    await seconds(600);
    expect(far.requests('INVITE')).toHaveLength(1 + Math.floor(645 / 45));
    expect(told(alice, 'ended')).toEqual([]);
    expect(told(alice, 'held')).toEqual([]);
  });

  it('does so by UPDATE where the far end allows it, and by re-INVITE where it does not after all', async () => {
    const terms = ['Session-Expires: 90;refresher=uac', 'Require: timer', 'Allow: INVITE, UPDATE'];
    const far = await talk(90, terms);
    await seconds(45);
    const [update = ''] = far.requests('UPDATE');
    expect(field(update, 'Session-Expires')).toBe('90;refresher=uac');
    expect(bodyOf(update)).toBe('');
    await seconds(45);
    expect([far.requests('UPDATE').length, far.requests('INVITE').length]).toEqual([2, 1]);
    const good = far.automatic;
    far.automatic = (text) => (text.startsWith('UPDATE') ? { status: '405 Method Not Allowed' } : good(text));
    await seconds(45);
    expect([far.requests('UPDATE').length, far.requests('INVITE').length]).toEqual([3, 2]);
  });

  it('moves the far end by the answer to an UPDATE, too, and not by a re-INVITE that is refused', async () => {
    const far = await talk(0, [
      'Session-Expires: 100;refresher=uac',
      'Require: timer',
      'Allow: INVITE, UPDATE',
    ]);
    far.user = 'moved';
    await seconds(51);
    expect(far.requests('UPDATE')).toHaveLength(1);
    far.request('INVITE', ['Content-Encoding: gzip'], sdp(2));
    await seconds(1);
    alice.port.perform({ type: 'hang-up', call: 'a1' });
    await seconds(1);
    expect(far.requests('BYE').join()).toMatch(/^BYE sip:moved@/);
  });

  it('is refreshed by every re-INVITE of ours, which says the same', async () => {
    const far = await talk(90, ['Session-Expires: 90;refresher=uac']);
    await seconds(30);
    alice.port.perform({ type: 'hold', call: 'a1' });
    await seconds(30);
    expect(told(alice, 'held')).toHaveLength(1);
    const [, hold = '', ...more] = far.requests('INVITE');
    expect(field(hold, 'Session-Expires')).toBe('90;refresher=uac');
    expect(more).toEqual([]);
    await seconds(20);
    expect(bodyOf(far.requests('INVITE')[2] ?? '')).toBe(bodyOf(hold));
  });

  it('ends with a BYE when no refresh is answered, a third before the end', async () => {
    const far = await talk(90, ['Session-Expires: 90;refresher=uac']);
    far.automatic = (text) => (text.startsWith('INVITE') ? { status: '503 Service Unavailable' } : null);
    await seconds(58);
    expect(far.requests('BYE')).toHaveLength(0);
    expect(far.requests('INVITE').length).toBe(3);
    await seconds(2);
    expect(far.requests('BYE')).toHaveLength(1);
    expect(told(alice, 'ended')).toMatchObject([{ reason: { code: 'call-lost' } }]);
  });

  it.each(['481 Call/Transaction Does Not Exist', '408 Request Timeout'])(
    'ends at once on %s',
    async (status) => {
      const far = await talk(90, ['Session-Expires: 90;refresher=uac', 'Allow: UPDATE']);
      far.automatic = () => ({ status });
      await seconds(45);
      expect(told(alice, 'ended')).toMatchObject([{ reason: { code: 'call-lost' } }]);
    },
  );

  it('takes a longer interval from a 422, in the first INVITE and in a refresh', async () => {
    const far = await withFarEnd(90);
    const [first = ''] = far.requests('INVITE');
    far.answer(first, '422 Session Interval Too Small', ['Min-SE: 120']);
    await seconds(1);
    const [, second = ''] = far.requests('INVITE');
    expect([field(second, 'Session-Expires'), field(second, 'Min-SE')]).toEqual(['120', '120']);
    expect(field(second, 'CSeq')).toBe('2 INVITE');
    expect(field(second, 'Call-ID')).toBe(field(first, 'Call-ID'));
    far.answer(second, '200 OK', ['Session-Expires: 120;refresher=uac'], sdp(1));
    await seconds(1);
    far.automatic = (text) =>
      text.startsWith('INVITE')
        ? { status: '422 Session Interval Too Small', headers: ['Min-SE: 300'] }
        : null;
    await seconds(59.5);
    const refreshes = far.requests('INVITE').slice(2);
    expect(refreshes.map((text) => field(text, 'Session-Expires'))).toEqual([
      '120;refresher=uac',
      '300;refresher=uac',
    ]);
  });

  it('gives up when the answers are 422 for no reason', async () => {
    const far = await withFarEnd(90);
    far.automatic = (text) =>
      text.startsWith('INVITE')
        ? { status: '422 Session Interval Too Small', headers: ['Min-SE: 120'] }
        : null;
    far.answer(far.requests('INVITE')[0] ?? '', '422 Session Interval Too Small', ['Min-SE: 120']);
    await seconds(1);
    expect(far.requests('INVITE')).toHaveLength(2);
    expect(told(alice, 'ended')).toHaveLength(1);
  });
});

describe('a session that the far end refreshes', () => {
  it('lives as long as it does, by UPDATE and by re-INVITE, and no longer', async () => {
    const far = await talk(0, ['Session-Expires: 90;refresher=uas', 'Require: timer']);
    expect(field(far.requests('INVITE')[0] ?? '', 'Session-Expires')).toBe('');
    const timer = ['Supported: timer', 'Session-Expires: 90;refresher=uac'];
    await seconds(45);
    far.request('UPDATE', timer);
    await seconds(1);
    const answer = far.got.at(-1) ?? '';
    expect(answer).toMatch(/^SIP\/2\.0 200/);
    expect(field(answer, 'Session-Expires')).toBe('90;refresher=uac');
    expect(field(answer, 'Require')).toBe('timer');
    await seconds(44);
    far.request('INVITE', timer, sdp(1));
    await seconds(0.1);
    expect(field(far.got.at(-1) ?? '', 'Session-Expires')).toBe('90;refresher=uac');
    far.request('ACK');
    await seconds(59);
    expect(far.requests('BYE')).toHaveLength(0);
    await seconds(2);
    expect(far.requests('BYE')).toHaveLength(1);
    expect(told(alice, 'ended')).toMatchObject([{ reason: { code: 'call-lost' } }]);
  });

  it('whose refresh asks for too little is told so, and stays', async () => {
    const far = await talk(0, ['Session-Expires: 90;refresher=uas']);
    for (const method of ['UPDATE', 'INVITE']) {
      far.request(method, ['Supported: timer', 'Session-Expires: 89'], method === 'INVITE' ? sdp(1) : '');
      await seconds(0.1);
      expect(far.got.findLast((text) => text.startsWith('SIP/2.0 '))).toMatch(/^SIP\/2\.0 422/);
    }
    expect(told(alice, 'ended')).toEqual([]);
  });

  it('and one without a timer lives on', async () => {
    const far = await talk(90, []);
    await seconds(3_600);
    expect(far.requests('INVITE')).toHaveLength(1);
    expect(told(alice, 'ended')).toEqual([]);
  });
});

describe('two stations', () => {
  it.each([
    ['the caller asks', 90, 0],
    ['the one called asks', 0, 90],
    ['both ask', 90, 120],
  ])('keep a call alive when %s, and the one that is left ends it', async (_who, hers, his) => {
    alice = station(5060, 5070, '5031', hers);
    const bob = station(5070, 5060, '5051', his);
    await alice.port.start();
    await bob.port.start();
    await seconds(5);
    alice.port.perform({ type: 'invite', call: 'a1', extension: 1, number: '5051' });
    await seconds(1);
    bob.port.perform({ type: 'accept', call: (await bob.is('incoming')).call });
    await seconds(1_000);
    const updates = network.sent.filter((line) => line.startsWith('UPDATE')).length;
    expect(updates).toBeGreaterThanOrEqual(16);
    expect(updates).toBeLessThanOrEqual(22);
    expect([told(alice, 'ended'), told(bob, 'ended')]).toEqual([[], []]);
    network.loses = () => true;
    await seconds(120);
    expect([told(alice, 'ended').length, told(bob, 'ended').length]).toEqual([1, 1]);
    network.loses = () => false;
    const stopped = bob.port.stop();
    await seconds(3);
    await stopped;
  });
});

describe('a re-INVITE of ours to which the far end says 100, and then nothing', () => {
  it('is cancelled after 64*T1; then it is refused, and the next one is taken', async () => {
    const far = await talk(0, []);
    const taken = far.automatic;
    far.automatic = (text) => (text.startsWith('INVITE') ? { status: '100 Trying' } : null);
    alice.port.perform({ type: 'hold', call: 'a1' });
    await seconds(31);
    expect(far.requests('CANCEL')).toHaveLength(0);
    await seconds(2);
    const [cancel = ''] = far.requests('CANCEL');
    far.answer(cancel, '200 OK');
    far.answer(far.requests('INVITE')[1] ?? '', '487 Request Terminated');
    await seconds(1);
    expect(told(alice, 'hold-failed')).toHaveLength(1);
    far.automatic = taken;
    alice.port.perform({ type: 'hold', call: 'a1' });
    await seconds(1);
    expect(told(alice, 'held')).toHaveLength(1);
    await seconds(100);
    expect(told(alice, 'ended')).toEqual([]);
  });

  it('ends the call when nothing comes to the CANCEL either', async () => {
    const far = await talk(0, []);
    far.automatic = (text) => (text.startsWith('INVITE') ? { status: '100 Trying' } : null);
    alice.port.perform({ type: 'hold', call: 'a1' });
    await seconds(63);
    expect(told(alice, 'ended')).toEqual([]);
    await seconds(2);
    expect(told(alice, 'ended')).toMatchObject([{ reason: { code: 'call-lost' } }]);
    expect(far.requests('BYE')).toHaveLength(1);
  });

  it('is forgotten with the call', async () => {
    const far = await talk(0, []);
    far.automatic = (text) => (text.startsWith('INVITE') ? { status: '100 Trying' } : null);
    alice.port.perform({ type: 'hold', call: 'a1' });
    await seconds(5);
    far.request('BYE');
    await seconds(100);
    expect(told(alice, 'ended')).toMatchObject([{ reason: null }]);
    expect(far.requests('CANCEL')).toHaveLength(0);
  });
});
