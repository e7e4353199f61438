import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { respond } from './raw-call.ts';
import {
  createStation,
  field,
  host,
  isMethod,
  RawPbx,
  type Received,
  type TestStation,
} from './sip-support.ts';

const pbxPort = 21_300;
const phonePort = 21_310;
const answerSdp = `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n`;

let pbx: RawPbx;
let station: TestStation;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|BYE|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  station = createStation({
    pbx: { address: host, port: pbxPort },
    station: { name: 'User-A', localAddress: host },
    extensions: [
      { userId: '5031', sharedUserId: '5041', authId: 'auth5031', password: 'pw', localPort: phonePort },
    ],
    lineKeys: [{ extension: 1, label: '5041' }],
  });
  await station.port.start();
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
});

const received = (method: string): Promise<Received> => pbx.requests.next(isMethod(method));
const dial = (number = '5051'): void =>
  station.port.perform({ type: 'invite', call: 'c1', extension: 1, number });
const accept = (invite: Received, status: string, sdp: string | null = answerSdp): void =>
  respond(pbx, invite, status, 'far', [`Contact: <sip:5051@${host}:${pbxPort}>`], sdp ?? '');

let counter = 0;
interface Sent {
  readonly branch: string;
  readonly callId: string;
  request(method: string, extra?: string[], body?: string): void;
  /** The INVITE once more, as if it had been forked and merged again (RFC 3261, 8.2.2.2). */
  again(branch: string): void;
  /** The status of the next final or provisional response other than 100 to `method`. */
  status(method: string): Promise<string>;
}

/** A call from the PBX, message by message. */
function callFromPbx(uri = `sip:5041@${host}:${phonePort}`): Sent {
  counter += 1;
  const branch = `z9hG4bK-in${counter}`;
  const callId = `in${counter}@pbx`;
  let toTag = '';
  let cseq = 1;
  return {
    branch,
    callId,
    again: (merged) => write('INVITE', [], answerSdp, merged, ''),
    request(method, extra = [], body = '') {
      const same = (method === 'INVITE' && toTag === '') || method === 'CANCEL';
      if (!same && method !== 'ACK') cseq += 1;
      write(method, extra, body, same ? branch : `${branch}-${method}-${cseq}`, same ? '' : `;tag=${toTag}`);
    },
    async status(method) {
      const { text } = await pbx.responses.next(
        (each) =>
          field(each.text, 'CSeq').endsWith(method) &&
          field(each.text, 'Call-ID') === callId &&
          !each.text.startsWith('SIP/2.0 100'),
      );
      toTag = /;tag=([^;]+)/.exec(field(text, 'To'))?.[1] ?? '';
      return text.slice(8).split('\r\n', 1)[0] ?? '';
    },
  };

  function write(method: string, extra: string[], body: string, branchNow: string, tag: string): void {
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=${branchNow}`,
      'From: "Carol" <sip:5052@pbx>;tag=carol',
      `To: <sip:5041@pbx>${tag}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      'Max-Forwards: 70',
      `Contact: <sip:5052@${host}:${pbxPort}>`,
      ...extra,
      ...(body ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${body.length}`,
    ];
    pbx.send(`${lines.join('\r\n')}\r\n\r\n${body}`, phonePort);
  }
}

describe('calling out', () => {
  it('sends an INVITE like a SPA phone: own user in From, shared user in Contact', async () => {
    dial('55#1');
    const { text } = await received('INVITE');
    expect(text).toMatch(/^INVITE sip:55%231@127\.0\.0\.1:21300 SIP\/2\.0\r\n/);
    expect(field(text, 'Via')).toMatch(/^SIP\/2\.0\/UDP 127\.0\.0\.1:21310;branch=z9hG4bK-[0-9a-f]{16}$/);
    expect(field(text, 'From')).toMatch(/^"User-A" <sip:5031@127\.0\.0\.1:21300>;tag=[0-9a-f]{16}o0$/);
    expect(field(text, 'Contact')).toBe(`<sip:5041@${host}:${phonePort}>`);
    expect(field(text, 'User-Agent')).toBe('Partyline/0.0.0');
    expect(field(text, 'Supported')).toBe('replaces, join, 100rel, timer');
    expect(text).not.toContain(';ob');
  });

  it('answers a challenge with the primary user, and acknowledges the 407', async () => {
    dial();
    const first = await received('INVITE');
    pbx.answer(first, '407 Proxy Authentication Required', [
      'Proxy-Authenticate: Digest realm="pbx", nonce="n2", algorithm=SHA-512-256, qop="auth"',
      'Proxy-Authenticate: Digest realm="pbx", nonce="n1", algorithm=SHA-256, qop="auth"',
    ]);
    await received('ACK');
    const { text } = await received('INVITE');
    const sent = field(text, 'Proxy-Authorization');
    const part = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(sent)?.[1] ?? '';
    const hash = (value: string): string => createHash('sha256').update(value).digest('hex');
    const [secret, target] = [hash('auth5031:pbx:pw'), hash(`INVITE:sip:5051@${host}:${pbxPort}`)];
    expect(part('response')).toBe(hash(`${secret}:n1:${part('nc')}:${part('cnonce')}:auth:${target}`));
    expect(part('nc')).toBe('00000001');
    expect(field(text, 'CSeq')).toBe('2 INVITE');
  });

  it('tells early media, and takes the same answer from a 200 without SDP', async () => {
    dial();
    const invite = await received('INVITE');
    accept(invite, '180 Ringing', null);
    expect(await station.is('progress')).toMatchObject({ media: false });
    accept(invite, '183 Session Progress');
    expect(await station.is('progress')).toMatchObject({ media: true });
    accept(invite, '200 OK', null);
    await station.is('answered');
    await received('ACK');
  });

  it('acknowledges every repeat of a 200', async () => {
    dial();
    const invite = await received('INVITE');
    accept(invite, '200 OK');
    accept(invite, '200 OK');
    await received('ACK');
    await received('ACK');
    await station.is('answered');
  });

  it('cancels only after a provisional response, and ends for the user at once', async () => {
    dial();
    const invite = await received('INVITE');
    station.port.perform({ type: 'hang-up', call: 'c1' });
    expect(await station.is('ended')).toMatchObject({ reason: null });
    expect(pbx.requests.all.some(isMethod('CANCEL'))).toBe(false);
    pbx.answer(invite, '180 Ringing', [`Contact: <sip:5051@${host}:${pbxPort}>`]);
    const cancel = await received('CANCEL');
    expect(field(cancel.text, 'Via')).toBe(field(invite.text, 'Via'));
    pbx.answer(invite, '487 Request Terminated');
    await received('ACK');
  });

  it('hangs up a call that was answered while being cancelled', async () => {
    dial();
    const invite = await received('INVITE');
    accept(invite, '180 Ringing', null);
    await station.is('progress');
    station.port.perform({ type: 'hang-up', call: 'c1' });
    await received('CANCEL');
    accept(invite, '200 OK');
    await received('ACK');
    await received('BYE');
    expect(station.events.all.filter(({ type }) => type === 'ended' || type === 'answered')).toHaveLength(1);
  });

  it('reports hold refused, and a far end that has lost the call', async () => {
    dial();
    accept(await received('INVITE'), '200 OK');
    await station.is('answered');
    station.port.perform({ type: 'hold', call: 'c1' });
    const hold = await pbx.requests.next(({ text }) => text.includes('a=sendonly'));
    expect(field(hold.text, 'Contact')).toBe(`<sip:5041@${host}:${phonePort}>`);
    pbx.answer(hold, '488 Not Acceptable Here');
    await station.is('hold-failed');
    station.port.perform({ type: 'hold', call: 'c1' });
    pbx.answer(
      await pbx.requests.next(
        ({ text }) => text.includes('a=sendonly') && field(text, 'CSeq') !== field(hold.text, 'CSeq'),
      ),
      '481 Call/Transaction Does Not Exist',
    );
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'call-lost' } });
  });
});

describe('being called', () => {
  it('prefers what the PBX asserts of the caller', async () => {
    const call = callFromPbx();
    call.request('INVITE', ['P-Asserted-Identity: "Dora" <sip:0123@pbx>'], answerSdp);
    expect(await call.status('INVITE')).toBe('180 Ringing');
    expect(await station.is('incoming')).toMatchObject({ remote: { number: '0123', name: 'Dora' } });
  });

  it('knows from the CANCEL that a colleague was faster', async () => {
    const call = callFromPbx();
    call.request('INVITE', [], answerSdp);
    await station.is('incoming');
    call.request('CANCEL', ['Reason: SIP;cause=200;text="Call completed elsewhere"']);
    expect(await call.status('CANCEL')).toBe('200 OK');
    expect(await call.status('INVITE')).toMatch(/^180/);
    expect(await call.status('INVITE')).toMatch(/^487/);
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'answered-elsewhere' } });
  });

  it('answers an INVITE without SDP with an offer, and takes the answer from the ACK', async () => {
    const call = callFromPbx();
    call.request('INVITE');
    const { call: id } = await station.is('incoming');
    await call.status('INVITE');
    station.port.perform({ type: 'accept', call: id });
    const { text } = await pbx.responses.next((each) => each.text.startsWith('SIP/2.0 200'));
    expect(text).toContain('m=audio');
    expect(field(text, 'Contact')).toBe(`<sip:5041@${host}:${phonePort}>`);
    call.request('ACK', [], `${answerSdp}a=sendonly\r\n`);
    expect(await station.is('remote-hold')).toMatchObject({ on: true });
  });

  it('answers what comes in the call: re-INVITE (hold by c=0.0.0.0), INFO, OPTIONS, REFER, BYE', async () => {
    const call = callFromPbx();
    call.request('INVITE', [], answerSdp);
    const { call: id } = await station.is('incoming');
    await call.status('INVITE');
    station.port.perform({ type: 'accept', call: id });
    expect(await call.status('INVITE')).toBe('200 OK');
    call.request('ACK');
    call.request('INVITE', [], answerSdp.replace(`c=IN IP4 ${host}`, 'c=IN IP4 0.0.0.0'));
    expect(await call.status('INVITE')).toBe('200 OK');
    expect(await station.is('remote-hold')).toMatchObject({ on: true });
    call.request('ACK');
    for (const [method, status] of [
      ['INFO', '200 OK'],
      ['OPTIONS', '200 OK'],
      ['REFER', '603 Decline'],
      ['BYE', '200 OK'],
    ] as const) {
      call.request(method, method === 'REFER' ? ['Refer-To: <sip:1@pbx>'] : []);
      if (method === 'REFER') {
        const { referral } = await station.is('referred');
        station.port.perform({ type: 'refuse-referral', referral, status: 603 });
      }
      expect(await call.status(method)).toBe(status);
    }
    expect(await station.is('ended')).toMatchObject({ reason: null });
  });

  it('answers a BYE that comes before the ACK, and nothing breaks when the ACK never comes', async () => {
    const call = callFromPbx();
    call.request('INVITE', [], answerSdp);
    const { call: id } = await station.is('incoming');
    await call.status('INVITE');
    station.port.perform({ type: 'accept', call: id });
    await call.status('INVITE');
    call.request('BYE');
    expect(await call.status('BYE')).toBe('200 OK');
    expect(await station.is('ended')).toMatchObject({ reason: null });
  });

  it('refuses what it cannot take: unknown user, unknown extensions, a second copy by another way', async () => {
    const stranger = callFromPbx(`sip:9999@${host}:${phonePort}`);
    stranger.request('INVITE', [], answerSdp);
    expect(await stranger.status('INVITE')).toBe('404 Not Found');
    const demanding = callFromPbx();
    demanding.request('INVITE', ['Require: precondition'], answerSdp);
    expect(await demanding.status('INVITE')).toBe('420 Bad Extension');
    const first = callFromPbx();
    first.request('INVITE', [], answerSdp);
    await station.is('incoming');
    await first.status('INVITE');
    first.again('z9hG4bK-merged');
    expect(await first.status('INVITE')).toBe('482 Loop Detected');
    expect(station.events.all.filter(({ type }) => type === 'incoming')).toHaveLength(1);
  });

  it('does not hear strangers at all', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(21_320, '127.0.0.9', resolve));
    let answers = 0;
    socket.on('message', () => {
      answers += 1;
    });
    const options = (from: string, branch: string): string =>
      [
        `OPTIONS sip:5041@${host}:${phonePort} SIP/2.0`,
        `Via: SIP/2.0/UDP ${from};branch=${branch}`,
        'From: <sip:x@y>;tag=1',
        'To: <sip:5041@z>',
        `Call-ID: ${branch}`,
        'CSeq: 1 OPTIONS',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n');
    socket.send(options('127.0.0.9:21320', 'z9hG4bK-s1'), phonePort, host);
    pbx.send(options(`${host}:${pbxPort}`, 'z9hG4bK-s2'), phonePort);
    await pbx.responses.next(({ text }) => text.includes('z9hG4bK-s2'));
    expect(answers).toBe(0);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  });
});
