import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NegotiationError, type Negotiator } from '../../electron/phone/negotiation.ts';
import { answeredCall, answerInvite, RawBranch, RawCall, rawSdp } from './raw-call.ts';
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

const pbxPort = 29_200;
const line = { user: '5031', port: 29_210 };

let pbx: RawPbx;
let station: TestStation;
let open: ReadonlySet<string>;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|BYE|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  const fake = createFakeNegotiator();
  open = fake.open;
  const negotiator: Negotiator = {
    ...fake,
    async answer(call, sdp, options) {
      if (!sdp.includes('RTP/AVP 0')) throw new NegotiationError('no-codec', 'no codec in common');
      return fake.answer(call, sdp, options);
    },
  };
  station = createStation({ ...oneLineOf(pbxPort, line.port), calls: { sessionTimer: 0 } }, { negotiator });
  await station.port.start();
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
  expect([...open]).toEqual([]);
});

const useless = rawSdp(5000).replace('RTP/AVP 0', 'RTP/AVP 34');
const invitation = (): Promise<Received> => pbx.requests.next(isMethod('INVITE'));

const bobTalks = (extra: string[] = []): ReturnType<typeof answeredCall> =>
  answeredCall(pbx, station, line, { extra });

async function weTalk(): Promise<RawBranch> {
  station.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5052' });
  const far = new RawBranch(pbx, await invitation(), 'far');
  far.respond('200 OK', rawSdp(5000));
  await far.requested('ACK');
  await station.is('answered');
  return far;
}

describe('UPDATE in a call (RFC 3311)', () => {
  it('holds and resumes, moves the far end, refreshes, and is refused like a re-INVITE', async () => {
    const { bob, call, ok } = await bobTalks();
    expect(field(ok.text, 'Allow')).toContain('UPDATE');
    bob.request('UPDATE', [], rawSdp(5000, 'sendonly'));
    const held = await bob.response('UPDATE');
    expect(held.text).toContain('m=audio');
    expect(field(held.text, 'Contact')).toBe(`<sip:5031@${host}:${line.port}>`);
    expect(await station.is('remote-hold')).toMatchObject({ on: true });
    bob.request('UPDATE', [], rawSdp(5000));
    expect(await bob.status('UPDATE')).toBe(200);
    expect(await station.is('remote-hold')).toMatchObject({ on: false });
    bob.request('UPDATE');
    expect((await bob.response('UPDATE')).text).not.toContain('m=audio');
    bob.request('UPDATE', [], useless);
    expect(await bob.status('UPDATE')).toBe(488);
    bob.request('UPDATE', ['Require: precondition']);
    expect(await bob.status('UPDATE')).toBe(420);
    station.port.perform({ type: 'hang-up', call });
    await bob.requested('BYE');
  });

  it('waits for nobody: 491 while our own offer is on its way', async () => {
    const far = await weTalk();
    station.port.perform({ type: 'hold', call: 'c1' });
    const hold = await invitation();
    far.request('UPDATE', [], rawSdp(5002));
    expect(await far.status('UPDATE')).toBe(491);
    far.request('UPDATE');
    expect(await far.status('UPDATE')).toBe(200);
    pbx.answer(
      hold,
      '200 OK',
      ['Content-Type: application/sdp', `Contact: <sip:5052@${host}:${pbxPort}>`],
      rawSdp(5000, 'recvonly'),
    );
    await station.is('held');
    far.request('BYE');
    expect(await far.status('BYE')).toBe(200);
  });
});

describe('re-INVITEs without end', () => {
  it('are answered one after the other, fifty of them', async () => {
    const { bob } = await bobTalks();
    for (let turn = 0; turn < 50; turn += 1) {
      bob.request('INVITE', [], turn % 5 === 4 ? '' : rawSdp(5000, turn % 2 === 0 ? 'sendonly' : 'sendrecv'));
      expect(await bob.status()).toBe(200);
      bob.request('ACK', [], turn % 5 === 4 ? rawSdp(5000) : '');
    }
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
  });

  it('all at once: each has an answer, the first its own, the others are put off', async () => {
    const { bob } = await bobTalks();
    for (let turn = 0; turn < 50; turn += 1) bob.request('INVITE', [], rawSdp(5000));
    const statuses: number[] = [];
    for (let turn = 0; turn < 50; turn += 1) statuses.push(await bob.status());
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 500)).toHaveLength(49);
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
  });

  it('that cannot be taken leave the call, and where its far end is, as they were', async () => {
    const { bob, call } = await bobTalks();
    for (const [extra, body, status] of [
      [[], useless, 488],
      [[`Contact: <sip:mallory@${host}:9>`], useless, 488],
      [['Content-Encoding: gzip'], rawSdp(5000), 415],
      [['Session-Expires: 30', 'Supported: timer'], rawSdp(5000), 422],
    ] as const) {
      bob.request('INVITE', extra, body);
      expect(await bob.status()).toBe(status);
      bob.request('ACK');
    }
    bob.request('INVITE', [], rawSdp(5000));
    expect(await bob.status()).toBe(200);
    bob.request('ACK');
    station.port.perform({ type: 'hang-up', call });
    expect((await bob.requested('BYE')).text).toMatch(/^BYE sip:5052@127\.0\.0\.1:29200 /);
  });
});

describe('hold that is wanted while the resume before it has no answer', () => {
  it('follows that at once', async () => {
    const far = await weTalk();
    const hold = (): void => station.port.perform({ type: 'hold', call: 'c1' });
    hold();
    answerInvite(pbx, await far.requested('INVITE'), '200 OK', 'far', rawSdp(5000, 'recvonly'));
    await station.is('held');
    station.port.perform({ type: 'resume', call: 'c1' });
    const resume = await far.requested('INVITE');
    hold();
    answerInvite(pbx, resume, '200 OK', 'far', rawSdp(5000));
    await station.is('resumed');
    // After a glare, who made the call would wait for two seconds.
    const again = await pbx.requests.next(isMethod('INVITE'), 1_000);
    expect(again.text).toContain('a=sendonly');
    answerInvite(pbx, again, '200 OK', 'far', rawSdp(5000, 'recvonly'));
    await station.is('held');
    station.port.perform({ type: 'hang-up', call: 'c1' });
    await far.requested('BYE');
  });
});

describe('an offer of ours that the ACK does not answer', () => {
  it.each([
    ['nothing', ''],
    ['what is of no use', useless],
  ])('but with %s: the call goes on as it was, and the next offer counts', async (_what, body) => {
    const { bob, call } = await bobTalks();
    bob.request('INVITE');
    expect(await bob.status()).toBe(200);
    bob.request('ACK', [], body);
    bob.request('INVITE', [], rawSdp(5000, 'sendonly'));
    expect(await bob.status()).toBe(200);
    bob.request('ACK');
    expect(await station.is('remote-hold')).toMatchObject({ call, on: true });
    station.port.perform({ type: 'hold', call });
    const hold = await bob.requested('INVITE');
    pbx.answer(
      hold,
      '200 OK',
      ['Content-Type: application/sdp', `Contact: <sip:5052@${host}:${pbxPort}>`],
      rawSdp(5000, 'inactive'),
    );
    await station.is('held');
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
  });
});

describe('a far end of which nothing is heard', () => {
  const asked = async (): Promise<Received> => {
    station.port.perform({ type: 'ask-whether-there', call: 'c1' });
    return pbx.requests.next(isMethod('OPTIONS'));
  };

  it('is there when it answers, whatever it says', async () => {
    const far = await weTalk();
    pbx.answer(await asked(), '200 OK');
    pbx.answer(await asked(), '405 Method Not Allowed');
    far.request('BYE');
    expect(await far.status('BYE')).toBe(200);
    expect(await station.is('ended')).toMatchObject({ reason: null });
  });

  it('is gone when it knows no such call', async () => {
    await weTalk();
    pbx.answer(await asked(), '481 Call/Transaction Does Not Exist');
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'call-lost' } });
  });

  it('is gone when it cannot be reached, not by a re-INVITE either', async () => {
    const far = await weTalk();
    pbx.answer(await asked(), '408 Request Timeout');
    const again = await invitation();
    pbx.answer(
      again,
      '200 OK',
      ['Content-Type: application/sdp', `Contact: <sip:5052@${host}:${pbxPort}>`],
      rawSdp(5000),
    );
    await far.requested('ACK');
    pbx.answer(await asked(), '408 Request Timeout');
    pbx.answer(await invitation(), '408 Request Timeout');
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'call-lost' } });
  });
});

describe('descriptions that are missing or useless', () => {
  it.each([['in the 200', '']])('%s: ACK, then BYE', async (_where, body) => {
    station.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5052' });
    const far = new RawBranch(pbx, await invitation(), 'far');
    far.respond('200 OK', body);
    await far.requested('ACK');
    await far.requested('BYE');
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'media-failed' } });
  });

  it('in an INVITE: 488, and the next call is taken', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite([], useless);
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    expect(await bob.status()).toBe(180);
    expect(await bob.status()).toBe(488);
    bob.request('ACK');
    await station.is('ended');
    const next = await bobTalks();
    next.bob.request('BYE');
    expect(await next.bob.status('BYE')).toBe(200);
  });
});

describe('digits in INFO', () => {
  it('go one after the other, as they are answered, with pauses', async () => {
    const far = await weTalk();
    station.port.perform({ type: 'info-digits', call: 'c1', tones: '1,#' });
    const first = await far.requested('INFO');
    expect(field(first.text, 'Content-Type')).toBe('application/dtmf-relay');
    expect(first.text).toMatch(/\r\n\r\nSignal=1\r\nDuration=160\r\n$/);
    station.port.perform({ type: 'info-digits', call: 'c1', tones: '2' });
    expect(pbx.requests.all.filter(isMethod('INFO'))).toHaveLength(1);
    const answered = Date.now();
    pbx.answer(first, '200 OK');
    const second = await far.requested('INFO');
    expect(Date.now() - answered).toBeGreaterThanOrEqual(700);
    expect(second.text).toContain('Signal=#\r\n');
    pbx.answer(second, '415 Unsupported Media Type');
    const third = await far.requested('INFO');
    expect(third.text).toContain('Signal=2\r\n');
    pbx.answer(third, '200 OK');
    far.request('BYE');
    expect(await far.status('BYE')).toBe(200);
  });

  it('of the far end are taken, other contents are not (RFC 6086)', async () => {
    const { bob } = await bobTalks();
    for (const [headers, body, status] of [
      [['Content-Type: application/dtmf-relay'], 'Signal=5\r\nDuration=160\r\n', 200],
      [['Content-Type: application/dtmf'], '5', 200],
      [[], '', 200],
      [['Content-Type: application/media_control+xml'], '<media_control/>', 415],
      [['Info-Package: foo'], '', 469],
    ] as const) {
      bob.request('INFO', headers, body);
      expect(await bob.status('INFO')).toBe(status);
    }
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
  });
});

describe('a call that is sent elsewhere (3xx)', () => {
  const dial = (): void => station.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5052' });
  const redirect = (invite: Received, status: string, ...contacts: string[]): void =>
    pbx.answer(
      invite,
      status,
      contacts.map((contact) => `Contact: ${contact}`),
    );
  const targetOf = ({ text }: Received): string => text.split(' ', 2)[1] ?? '';

  it('follows, through the PBX, in the same call, the best first', async () => {
    dial();
    const first = await invitation();
    redirect(
      first,
      '302 Moved Temporarily',
      '<sip:5061@192.0.2.7>;q=0.3, "Best" <sip:5062@192.0.2.7;method=BYE?Subject=x>;q=0.9',
      '<tel:+123>;q=1, <sips:5063@192.0.2.7>',
    );
    await pbx.requests.next(isMethod('ACK'));
    const second = await invitation();
    expect(targetOf(second)).toBe('sip:5062@192.0.2.7');
    expect(second.text).not.toContain('Subject');
    expect(field(second.text, 'CSeq')).toBe('2 INVITE');
    for (const name of ['Call-ID', 'From', 'To']) {
      expect(field(second.text, name)).toBe(field(first.text, name));
    }
    pbx.answer(second, '486 Busy Here');
    const third = await invitation();
    expect(targetOf(third)).toBe('sip:5061@192.0.2.7');
    const far = new RawBranch(pbx, third, 'far');
    far.respond('180 Ringing');
    far.respond('200 OK', rawSdp(5000));
    await station.is('answered');
    far.request('BYE');
    expect(await far.status('BYE')).toBe(200);
  });

  it('goes to no place twice, and to five at most', async () => {
    dial();
    for (let hop = 0; hop <= 5; hop += 1) {
      const self = `<sip:5052@${host}:${pbxPort}>;q=1`;
      redirect(await invitation(), '301 Moved Permanently', self, `<sip:${hop}@192.0.2.7>;q=0.5`);
    }
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'call-refused' } });
    expect(pbx.requests.all.filter(isMethod('INVITE'))).toHaveLength(6);
  });

  it.each(['305 Use Proxy', '380 Alternative Service', '302 Moved Temporarily'])(
    'says why it ends there: %s',
    async (status) => {
      dial();
      const contacts = status.startsWith('302') ? [] : [`<sip:1@${host}:9>`];
      redirect(await invitation(), status, ...contacts);
      const number = Number(status.slice(0, 3));
      expect(await station.is('ended')).toMatchObject({
        reason: { code: 'call-refused', params: { status: number } },
      });
    },
  );

  it('can be given up on the way', async () => {
    dial();
    redirect(await invitation(), '302 Moved Temporarily', '<sip:5061@192.0.2.7>');
    const second = await invitation();
    new RawBranch(pbx, second, 'far').respond('180 Ringing');
    await station.is('progress');
    station.port.perform({ type: 'hang-up', call: 'c1' });
    expect(targetOf(await pbx.requests.next(isMethod('CANCEL')))).toBe('sip:5061@192.0.2.7');
    redirect(second, '302 Moved Temporarily', '<sip:5062@192.0.2.7>');
    await pbx.requests.next(({ text }) => text.startsWith('ACK sip:5061'));
    expect(pbx.requests.all.filter(isMethod('INVITE'))).toHaveLength(2);
  });
});
