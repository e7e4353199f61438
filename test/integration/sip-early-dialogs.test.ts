import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NegotiationError, type Negotiator } from '../../electron/phone/negotiation.ts';
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

const pbxPort = 29_100;
const line = { user: '5031', port: 29_110 };

let pbx: RawPbx;
let station: TestStation;
/** What the media side has been told, in order: `answer 5000`, `offer 5002`. */
let heard: string[];
let open: ReadonlySet<string>;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|BYE|CANCEL|PRACK) /.test(text) ? { status: '200 OK' } : null);
  heard = [];
  const fake = createFakeNegotiator();
  open = fake.open;
  const portOf = (sdp: string): string => /m=audio (\d+)/.exec(sdp)?.[1] ?? 'none';
  const negotiator: Negotiator = {
    ...fake,
    async takeAnswer(call, sdp) {
      if (!sdp.includes('m=audio')) throw new NegotiationError('no-audio', 'no audio');
      heard.push(`answer ${portOf(sdp)}`);
      return fake.takeAnswer(call, sdp);
    },
    async answer(call, sdp, options) {
      if (!sdp.includes('m=audio')) throw new NegotiationError('no-audio', 'no audio');
      heard.push(`offer ${portOf(sdp)}`);
      return fake.answer(call, sdp, options);
    },
  };
  station = createStation(oneLineOf(pbxPort, line.port), { negotiator });
  await station.port.start();
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
  expect([...open]).toEqual([]);
});

const dial = async (): Promise<Received> => {
  station.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5052' });
  return pbx.requests.next(isMethod('INVITE'));
};
const reliably = (number: number): string[] => ['Require: 100rel', `RSeq: ${number}`];
const count = (method: string): number => pbx.requests.all.filter(isMethod(method)).length;
async function hangUp(): Promise<void> {
  station.port.perform({ type: 'hang-up', call: 'c1' });
  await pbx.requests.next(isMethod('BYE'));
}

describe('reliable provisional responses to our INVITE (RFC 3262)', () => {
  it('says that it takes them, and acknowledges each by its number', async () => {
    const invite = await dial();
    expect(field(invite.text, 'Supported')).toContain('100rel');
    expect(field(invite.text, 'Allow')).toMatch(/PRACK.*UPDATE/);
    const far = new RawBranch(pbx, invite, 'far');
    far.respond('180 Ringing', '', reliably(7));
    const first = await far.requested('PRACK');
    expect(first.text).toMatch(/^PRACK sip:5052@127\.0\.0\.1:29100 SIP\/2\.0/);
    expect(field(first.text, 'RAck')).toBe('7 1 INVITE');
    expect(field(first.text, 'CSeq')).toBe('2 PRACK');
    expect(await station.is('progress')).toMatchObject({ media: false });
    far.respond('183 Session Progress', rawSdp(5000), reliably(8));
    expect(field((await far.requested('PRACK')).text, 'RAck')).toBe('8 1 INVITE');
    expect(await station.is('progress')).toMatchObject({ media: true });
    far.respond('200 OK');
    await far.requested('ACK');
    await station.is('answered');
    expect(heard).toEqual(['answer 5000', 'answer 5000']);
    await hangUp();
  });

  it('neither acknowledges a repeat, nor one before its turn', async () => {
    const far = new RawBranch(pbx, await dial(), 'far');
    for (const number of [7, 7, 9, 8]) far.respond('180 Ringing', '', reliably(number));
    await far.requested('PRACK');
    expect(field((await far.requested('PRACK')).text, 'RAck')).toBe('8 1 INVITE');
    far.respond('200 OK', rawSdp(5000));
    await station.is('answered');
    expect(count('PRACK')).toBe(2);
    await hangUp();
  });

  it('asks again with credentials, and the dialog goes on in order', async () => {
    pbx.automatic = (text) => (/^(REGISTER|BYE) /.test(text) ? { status: '200 OK' } : null);
    const far = new RawBranch(pbx, await dial(), 'far');
    far.respond('180 Ringing', '', reliably(1));
    pbx.answer(await far.requested('PRACK'), '407 Proxy Authentication Required', [
      'Proxy-Authenticate: Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"',
    ]);
    const again = await far.requested('PRACK');
    expect(field(again.text, 'Proxy-Authorization')).toContain('nonce="n1"');
    pbx.answer(again, '200 OK');
    far.respond('200 OK', rawSdp(5000));
    await station.is('answered');
    await hangUp();
    const bye = pbx.requests.all.find(isMethod('BYE'));
    expect(field(bye?.text ?? '', 'CSeq')).toBe('4 BYE');
  });
});

describe('our ringing, when the caller wants it acknowledged', () => {
  it('has a number, is repeated until its PRACK, and no PRACK but that is taken', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite(['Require: 100rel']);
    const ringing = await bob.response();
    expect(statusOf(ringing)).toBe(180);
    const number = Number(field(ringing.text, 'RSeq'));
    expect(number).toBeGreaterThan(0);
    expect(number).toBeLessThan(2 ** 31);
    expect(field(ringing.text, 'Require')).toBe('100rel');
    expect(field((await bob.response()).text, 'RSeq')).toBe(String(number));
    bob.request('PRACK', [`RAck: ${number + 1} 1 INVITE`]);
    expect(await bob.status('PRACK')).toBe(481);
    bob.request('PRACK', [`RAck: ${number} 1 INVITE`]);
    expect(await bob.status('PRACK')).toBe(200);
    bob.request('PRACK', [`RAck: ${number} 1 INVITE`]);
    expect(await bob.status('PRACK')).toBe(481);
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    expect(await bob.status()).toBe(200);
    bob.request('ACK');
    await station.is('answered');
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
    expect(heard).toEqual(['offer 5000']);
  });

  it('carries our offer when the INVITE has none, and waits with the 200 for the answer', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite(['Require: 100rel'], '');
    const ringing = await bob.response();
    expect(ringing.text).toContain('m=audio');
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    bob.request('UPDATE', [], rawSdp(5004));
    expect(await bob.status('UPDATE')).toBe(491);
    bob.request('PRACK', [`RAck: ${field(ringing.text, 'RSeq')} 1 INVITE`], rawSdp(5000, 'sendonly'));
    expect(await bob.status('PRACK')).toBe(200);
    const ok = await bob.response();
    expect(statusOf(ok)).toBe(200);
    expect(ok.text).not.toContain('m=audio');
    bob.request('ACK');
    expect(await station.is('remote-hold')).toMatchObject({ on: true });
    expect(heard).toEqual(['answer 5000']);
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
  });

  it.each([
    ['nothing', '', 400, 400],
    ['what nobody can use', 'v=0\r\n', 488, 488],
  ])('ends when the PRACK answers our offer with %s', async (_what, body, toPrack, toInvite) => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite(['Require: 100rel'], '');
    const ringing = await bob.response();
    bob.request('PRACK', [`RAck: ${field(ringing.text, 'RSeq')} 1 INVITE`], body);
    expect(await bob.status('PRACK')).toBe(toPrack);
    expect(await bob.status()).toBe(toInvite);
    bob.request('ACK');
    await station.is('ended');
  });
});

describe('UPDATE and re-INVITE before the answer (RFC 3311, RFC 3261, 14.2)', () => {
  it('of the caller: taken without an offer, put off with one, as is a re-INVITE', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite();
    expect(await bob.status()).toBe(180);
    bob.request('UPDATE');
    const ok = await bob.response('UPDATE');
    expect(statusOf(ok)).toBe(200);
    expect(ok.text).not.toContain('m=audio');
    bob.request('UPDATE', [], rawSdp(5002));
    const later = await bob.response('UPDATE');
    expect(statusOf(later)).toBe(500);
    expect(Number(field(later.text, 'Retry-After'))).toBeLessThanOrEqual(10);
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
    expect(await bob.status()).toBe(487);
    bob.request('ACK');
    await station.is('ended');
  });

  it('of the caller, when offer and answer are through: taken', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite(['Require: 100rel'], '');
    const ringing = await bob.response();
    bob.request('PRACK', [`RAck: ${field(ringing.text, 'RSeq')} 1 INVITE`], rawSdp(5000));
    expect(await bob.status('PRACK')).toBe(200);
    bob.request('UPDATE', [], rawSdp(5002, 'sendonly'));
    const ok = await bob.response('UPDATE');
    expect(ok.text).toContain('m=audio');
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    const answer = await bob.response();
    expect(answer.text).not.toContain('m=audio');
    expect(await station.is('remote-hold')).toMatchObject({ on: true });
    expect(heard).toEqual(['answer 5000', 'offer 5002']);
    bob.request('ACK');
    bob.request('BYE');
    expect(await bob.status('BYE')).toBe(200);
  });

  it('of the far end: 491 while our offer waits, then taken; the 200 changes nothing of that', async () => {
    const far = new RawBranch(pbx, await dial(), 'far');
    far.respond('180 Ringing');
    await station.is('progress');
    far.request('INVITE', [], rawSdp(5002));
    expect(await far.status('INVITE')).toBe(491);
    far.request('UPDATE', [], rawSdp(5002));
    expect(await far.status('UPDATE')).toBe(491);
    far.respond('183 Session Progress', rawSdp(5000), reliably(1));
    await far.requested('PRACK');
    far.request('UPDATE', [], rawSdp(5002));
    expect(await far.status('UPDATE')).toBe(200);
    far.respond('200 OK', rawSdp(5000));
    await station.is('answered');
    expect(heard).toEqual(['answer 5000', 'offer 5002']);
    await hangUp();
  });

  it('of a far end that knows no dialog of ours', async () => {
    const invite = await dial();
    const far = new RawBranch(pbx, invite, 'far');
    far.request('UPDATE');
    expect(await far.status('UPDATE')).toBe(481);
    far.respond('486 Busy Here');
    await station.is('ended');
  });
});

describe('a call that forks', () => {
  it('is heard in the branch that spoke first, rings once, and goes to the branch that answers', async () => {
    const invite = await dial();
    const [one, two, three] = ['one', 'two', 'three'].map((tag) => new RawBranch(pbx, invite, tag));
    if (!one || !two || !three) throw new Error('three branches');
    one.respond('180 Ringing');
    two.respond('180 Ringing');
    three.respond('182 Queued');
    two.respond('183 Session Progress', rawSdp(5002));
    one.respond('183 Session Progress', rawSdp(5001));
    two.respond('183 Session Progress', rawSdp(5002));
    one.respond('200 OK', rawSdp(5001));
    await station.is('answered');
    await one.requested('ACK');
    two.respond('200 OK', rawSdp(5002));
    await two.requested('ACK');
    await two.requested('BYE');
    expect(heard).toEqual(['answer 5002', 'answer 5001']);
    expect(station.events.all.filter(({ type }) => type === 'progress')).toMatchObject([
      { media: false },
      { media: true },
    ]);
    await hangUp();
  });

  it('takes the answer of its own branch from a 200 without SDP', async () => {
    const invite = await dial();
    const [one, two] = [new RawBranch(pbx, invite, 'one'), new RawBranch(pbx, invite, 'two')];
    one.respond('183 Session Progress', rawSdp(5001), reliably(1));
    await one.requested('PRACK');
    two.respond('183 Session Progress', rawSdp(5002), reliably(9));
    await two.requested('PRACK');
    two.respond('200 OK');
    await station.is('answered');
    expect(heard).toEqual(['answer 5001', 'answer 5002']);
    await hangUp();
  });

  it('rings again when nobody is heard any more: one gave up, or sent it elsewhere', async () => {
    const media = (): unknown[] =>
      station.events.all.flatMap((each) => (each.type === 'progress' ? [each.media] : []));
    const invite = await dial();
    const [one, two] = [new RawBranch(pbx, invite, 'one'), new RawBranch(pbx, invite, 'two')];
    one.respond('183 Session Progress', rawSdp(5001));
    two.respond('180 Ringing');
    one.respond('199 Early Dialog Terminated');
    await station.is('progress');
    await station.is('progress');
    expect(media()).toEqual([true, false]);
    two.respond('183 Session Progress', rawSdp(5002));
    await station.is('progress');
    two.respond('302 Moved Temporarily', '', [`Contact: <sip:5059@${host}:${pbxPort}>`]);
    await pbx.requests.next(isMethod('ACK'));
    const three = new RawBranch(pbx, await pbx.requests.next(isMethod('INVITE')), 'three');
    three.respond('180 Ringing');
    await station.is('progress');
    expect(media()).toEqual([true, false, true, false]);
    three.respond('486 Busy Here');
    await station.is('ended');
  });

  it('turns to another branch when the one that is heard gives up (199, RFC 6228)', async () => {
    const invite = await dial();
    const [one, two] = [new RawBranch(pbx, invite, 'one'), new RawBranch(pbx, invite, 'two')];
    one.respond('183 Session Progress', rawSdp(5001));
    two.respond('183 Session Progress', rawSdp(5002), reliably(1));
    await two.requested('PRACK');
    one.respond('199 Early Dialog Terminated');
    two.respond('180 Ringing', '', reliably(2));
    await two.requested('PRACK');
    expect(heard).toEqual(['answer 5001', 'answer 5002']);
    two.request('BYE');
    expect(await two.status('BYE')).toBe(200);
    await station.is('ended');
    await pbx.requests.next(isMethod('CANCEL'));
    two.respond('487 Request Terminated');
    await pbx.requests.next(isMethod('ACK'));
  });
});
