import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawBranch, RawCall, rawSdp, statusOf } from './raw-call.ts';
import {
  createFakeNegotiator,
  createStation,
  field,
  host,
  isMethod,
  oneLineOf,
  RawPbx,
  type Received,
  type TestStation,
} from './sip-support.ts';

/** Peers that leave out, or put in, what others do not. */

const pbxPort = 29_300;
const line = { user: '5031', port: 29_310 };

let pbx: RawPbx;
let station: TestStation;
let open: ReadonlySet<string>;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  const negotiator = createFakeNegotiator();
  open = negotiator.open;
  station = createStation(oneLineOf(pbxPort, line.port), { negotiator });
  await station.port.start();
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
  expect([...open]).toEqual([]);
});

const received = (method: string): Promise<Received> => pbx.requests.next(isMethod(method));
const untagged = (value: string): string => value.replace(/;tag=.*/, '');
const session = ['Content-Type: application/sdp', `Contact: <sip:5052@${host}:${pbxPort}>`];

/** A response with these headers and no others. */
function respond(invite: Received, status: string, headers: readonly string[], body = ''): void {
  const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(
    (name) => [name, field(invite.text, name)] as const,
  );
  const own = headers.map((each) => each.split(':', 1)[0]);
  const kept = copied.filter(([name]) => !own.includes(name)).map(([name, value]) => `${name}: ${value}`);
  const lines = [`SIP/2.0 ${status}`, ...kept, ...headers, `Content-Length: ${body.length}`, '', body];
  pbx.send(lines.join('\r\n'), invite.port);
}

async function weDial(): Promise<Received> {
  station.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5052' });
  return received('INVITE');
}

async function weTalk(): Promise<RawBranch> {
  const far = new RawBranch(pbx, await weDial(), 'far');
  far.respond('200 OK', rawSdp(5000));
  await far.requested('ACK');
  await station.is('answered');
  return far;
}

describe('a caller', () => {
  it('whose CANCEL comes too late hears the tag of the call in its answer (RFC 3261, 9.2)', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite();
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    expect(await bob.status()).toBe(180);
    const tag = bob.theirTag;
    await bob.response();
    bob.request('CANCEL');
    expect(await bob.status('CANCEL')).toBe(200);
    expect(bob.theirTag).toBe(tag);
    bob.request('ACK');
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
  });

  it('who has no tag (RFC 2543) is talked to, held and heard hanging up', async () => {
    const send = (method: string, cseq: number, tag: string, body = ''): void => {
      const lines = [
        `${method} sip:${line.user}@${host}:${line.port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bKold${method}${cseq}`,
        'From: Bob <sip:5052@pbx>',
        `To: <sip:5031@pbx>${tag}`,
        'Call-ID: old@pbx',
        `CSeq: ${cseq} ${method}`,
        ...session,
        `Content-Length: ${body.length}`,
      ];
      pbx.send([...lines, '', body].join('\r\n'), line.port);
    };
    const answerTo = (cseq: string): Promise<Received> =>
      pbx.responses.next((each) => field(each.text, 'CSeq') === cseq && statusOf(each) >= 200);
    send('INVITE', 1, '', rawSdp(5000));
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    const ok = await answerTo('1 INVITE');
    expect(field(ok.text, 'From')).toBe('Bob <sip:5052@pbx>');
    const tag = /;tag=.*/.exec(field(ok.text, 'To'))?.[0] ?? '';
    send('ACK', 1, tag);
    station.port.perform({ type: 'hold', call });
    const hold = await received('INVITE');
    expect(field(hold.text, 'To')).not.toContain('tag=');
    pbx.answer(hold, '200 OK', session, rawSdp(5000, 'recvonly'));
    await station.is('held');
    send('BYE', 2, tag);
    expect(statusOf(await answerTo('2 BYE'))).toBe(200);
  });

  it.each([
    ['Böb Müller <sip:5052@pbx>', { number: '5052', name: 'Böb Müller' }, '<sip:5052@pbx>'],
    ['Bob J. (2) <sip:5052@pbx>', { number: '5052', name: 'Bob J. (2)' }, '<sip:5052@pbx>'],
    ['<tel:+4930123;isub=1>', { number: '+4930123', name: null }, '<tel:+4930123>'],
    ['<sip:+4930123;phone-context=x@pbx;user=phone>', { number: '+4930123', name: null }, null],
  ])('who is %s is shown, and hung up', async (from, remote, to) => {
    const call = { id: 'named@pbx', tag: '' };
    const send = (method: string, cseq: number): void => {
      const body = method === 'INVITE' ? rawSdp(5000) : '';
      const lines = [
        `${method} sip:5031@${host}:${line.port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bK-named-${method}`,
        `From: ${from};tag=named`,
        `To: <sip:5031@pbx>${call.tag}`,
        `Call-ID: ${call.id}`,
        `CSeq: ${cseq} ${method}`,
        ...session,
        `Content-Length: ${body.length}`,
      ];
      pbx.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`), line.port);
    };
    send('INVITE', 1);
    const incoming = await station.is('incoming');
    expect(incoming.remote).toEqual(remote);
    station.port.perform({ type: 'accept', call: incoming.call });
    const answer = await pbx.responses.next((each) => statusOf(each) === 200);
    call.tag = /;tag=.*/.exec(field(answer.text, 'To'))?.[0] ?? '';
    send('ACK', 1);
    await station.is('answered');
    station.port.perform({ type: 'hang-up', call: incoming.call });
    const bye = await received('BYE');
    if (to !== null) expect(field(bye.text, 'To')).toBe(`${to};tag=named`);
    pbx.answer(bye, '200 OK');
  });

  it('whose ACK has the branch of its INVITE has acknowledged (RFC 6026, 7.1)', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite();
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    await bob.response();
    const ok = await bob.response();
    const lines = ['Via', 'From', 'To', 'Call-ID'].map((name) => `${name}: ${field(ok.text, name)}`);
    const ack = [`ACK sip:5031@${host}:${line.port} SIP/2.0`, ...lines, 'CSeq: 1 ACK', '', ''];
    pbx.send(ack.join('\r\n'), line.port);
    station.port.perform({ type: 'hang-up', call });
    await bob.requested('BYE');
  });

  it('whose SDP is one part of several is answered (RFC 5621)', async () => {
    const parts = [
      ['Content-Type: application/pidf+xml', '', '<presence/>'],
      ['Content-Type: application/sdp', '', rawSdp(5000, 'sendonly')],
    ];
    const body = [...parts.flatMap((part) => ['--b1', ...part]), '--b1--', ''].join('\r\n');
    const bob = new RawCall(pbx, '5052', line);
    bob.invite(['Content-Type: multipart/mixed;boundary=b1'], body);
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    expect((await bob.answered()).text).toContain('m=audio');
    expect(await station.is('remote-hold')).toMatchObject({ on: true });
    station.port.perform({ type: 'hang-up', call });
    await bob.requested('BYE');
  });
});

describe('whoever is called', () => {
  it('may ring without a tag, and answer with one', async () => {
    const invite = await weDial();
    respond(invite, '180 Ringing', []);
    await station.is('progress');
    const far = new RawBranch(pbx, invite, 'far');
    far.respond('200 OK', rawSdp(5000));
    await far.requested('ACK');
    await station.is('answered');
    station.port.perform({ type: 'hang-up', call: 'c1' });
    await far.requested('BYE');
  });

  it.each([
    ['no', []],
    ['no readable', ['Contact: <tel:5052>']],
  ])('may answer with %s Contact: it is where it was called', async (_what, contact) => {
    const invite = await weDial();
    respond(
      invite,
      '200 OK',
      [`To: ${field(invite.text, 'To')};tag=far`, ...contact, 'Content-Type: application/sdp'],
      rawSdp(5000),
    );
    await station.is('answered');
    const ack = await received('ACK');
    expect(ack.text).toMatch(new RegExp(`^ACK sip:${host}:${pbxPort} `));
    station.port.perform({ type: 'hang-up', call: 'c1' });
    await received('BYE');
  });

  it('may answer without a tag (RFC 2543), and hang up', async () => {
    const invite = await weDial();
    respond(invite, '200 OK', session, rawSdp(5000));
    await station.is('answered');
    expect(field((await received('ACK')).text, 'To')).not.toContain('tag=');
    const lines = [
      `BYE sip:${line.user}@${host}:${line.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bKoldbye`,
      `From: ${untagged(field(invite.text, 'To'))}`,
      `To: ${field(invite.text, 'From')}`,
      `Call-ID: ${field(invite.text, 'Call-ID')}`,
      'CSeq: 1 BYE',
    ];
    pbx.send([...lines, '', ''].join('\r\n'), line.port);
    expect(await station.is('ended')).toMatchObject({ reason: null });
  });
});

describe('an interval that is never long enough (422)', () => {
  it('of a call is asked for five times', async () => {
    pbx.answer(await weDial(), '422 Session Interval Too Small', ['Min-SE: 99']);
    for (let turn = 0; turn < 5; turn += 1) {
      pbx.answer(await received('INVITE'), '422 Session Interval Too Small', [`Min-SE: ${100 + turn}`]);
    }
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'call-refused' } });
  });

  it('of a re-INVITE, too, and the call goes on', async () => {
    const far = await weTalk();
    station.port.perform({ type: 'hold', call: 'c1' });
    for (let turn = 0; turn < 6; turn += 1) {
      pbx.answer(await received('INVITE'), '422 Session Interval Too Small', [`Min-SE: ${100 + turn}`]);
    }
    await station.is('hold-failed');
    far.request('BYE');
    expect(await far.status('BYE')).toBe(200);
  });
});
