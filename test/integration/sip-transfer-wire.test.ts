import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answeredCall, answerInvite, RawCall, rawSdp, statusOf } from './raw-call.ts';
import {
  createFakeNegotiator,
  createStation,
  field,
  host,
  isMethod,
  RawPbx,
  type Received,
  type TestStation,
  userAOf,
} from './sip-support.ts';

const pbxPort = 25_560;
const own = { user: '5031', port: 25_570 };
const shared = { user: '5041', port: 25_571 };

let pbx: RawPbx;
let station: TestStation;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|NOTIFY|BYE|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  station = createStation(userAOf(pbxPort, { own: own.port, shared: shared.port }), {
    negotiator: createFakeNegotiator(),
  });
  await station.port.start();
  await station.is('registered');
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
});

/** A call of Bob's that we have answered, and its id. */
const bobTalks = (to = own, from?: string): ReturnType<typeof answeredCall> =>
  answeredCall(pbx, station, to, { from });

const sipfrag = (line: string): string => `${line}\r\n`;
/** A NOTIFY of the event `refer`, with a status line for a body. */
function tells(bob: RawCall, line: string, state = 'active;expires=60', event = 'refer'): void {
  bob.request(
    'NOTIFY',
    [`Event: ${event}`, `Subscription-State: ${state}`],
    sipfrag(line),
    'message/sipfrag;version=2.0',
  );
}

const tellsOf = (type: string): number => station.events.all.filter((each) => each.type === type).length;
const statusLine = ({ text }: Received): string => text.split('\r\n\r\n')[1]?.trim() ?? '';

describe('sending a far end elsewhere (RFC 3515)', () => {
  it('asks it by REFER, and hears by NOTIFY how it gets on', async () => {
    const { bob, call } = await bobTalks(shared);
    station.port.perform({ type: 'transfer', call, number: '50#1' });
    const refer = await bob.requested('REFER');
    expect(field(refer.text, 'Refer-To')).toBe(`<sip:50%231@${host}:${pbxPort}>`);
    expect(field(refer.text, 'Referred-By')).toBe(`"User-A" <sip:5031@${host}:${pbxPort}>`);
    expect(field(refer.text, 'Contact')).toBe(`<sip:5041@${host}:${shared.port}>`);
    expect(refer.text).toMatch(new RegExp(`^REFER sip:5052@${host}:${pbxPort} `));
    pbx.answer(refer, '202 Accepted');
    expect(await station.is('transfer-accepted')).toMatchObject({ call });
    tells(bob, 'SIP/2.0 100 Trying');
    expect(await bob.status('NOTIFY')).toBe(200);
    tells(bob, 'SIP/2.0 180 Ringing');
    expect(await bob.status('NOTIFY')).toBe(200);
    tells(
      bob,
      'SIP/2.0 200 OK',
      'terminated;reason=noresource',
      `refer;id=${Number.parseInt(field(refer.text, 'CSeq'), 10)}`,
    );
    expect(await bob.status('NOTIFY')).toBe(200);
    expect(await station.is('transferred')).toMatchObject({ call });
    station.port.perform({ type: 'hang-up', call });
    await bob.requested('BYE');
    expect(tellsOf('transfer-failed')).toBe(0);
  });

  it('says why the far end does not let itself be sent', async () => {
    const { bob, call } = await bobTalks();
    station.port.perform({ type: 'transfer', call, number: '5061' });
    pbx.answer(await bob.requested('REFER'), '603 Decline');
    expect(await station.is('transfer-failed')).toMatchObject({
      call,
      reason: { code: 'transfer-refused', params: { status: 603, phrase: 'Decline' } },
    });
  });

  it('says why nobody was reached, and may try another place, whose news it tells from the old ones', async () => {
    const { bob, call } = await bobTalks();
    station.port.perform({ type: 'transfer', call, number: '5061' });
    const first = await bob.requested('REFER');
    pbx.answer(first, '202 Accepted');
    tells(bob, 'SIP/2.0 486 Busy Here', 'terminated;reason=noresource');
    expect(await station.is('transfer-failed')).toMatchObject({
      reason: { code: 'transfer-failed', params: { status: 486, phrase: 'Busy Here' } },
    });
    station.port.perform({ type: 'transfer', call, number: '5062' });
    const second = await bob.requested('REFER');
    pbx.answer(second, '202 Accepted');
    const idOf = ({ text }: Received) => Number.parseInt(field(text, 'CSeq'), 10);
    tells(bob, 'SIP/2.0 486 Busy Here', 'terminated', `refer;id=${idOf(first)}`);
    expect(await bob.status('NOTIFY')).toBe(200);
    tells(bob, 'SIP/2.0 200 OK', 'terminated', `refer;id=${idOf(second)}`);
    await station.is('transferred');
    expect(tellsOf('transfer-failed')).toBe(1);
  });

  it('answers a challenge, and counts on from there', async () => {
    const { bob, call } = await bobTalks();
    station.port.perform({ type: 'transfer', call, number: '5061' });
    const challenge = 'Proxy-Authenticate: Digest realm="pbx", nonce="n1", algorithm=MD5';
    const first = await bob.requested('REFER');
    pbx.answer(first, '407 Proxy Authentication Required', [challenge]);
    const refer = await bob.requested('REFER');
    expect(field(refer.text, 'Proxy-Authorization')).toContain('username="5031"');
    pbx.answer(refer, '202 Accepted');
    await station.is('transfer-accepted');
    station.port.perform({ type: 'hold', call });
    const hold = await bob.requested('INVITE');
    const numbers = [first, refer, hold].map(({ text }) => Number.parseInt(field(text, 'CSeq'), 10));
    expect(numbers[2]).toBeGreaterThan(numbers[1] ?? Number.POSITIVE_INFINITY);
    expect(numbers[1]).toBeGreaterThan(numbers[0] ?? Number.POSITIVE_INFINITY);
  });

  it('names the dialog of another call, whichever extension that is on', async () => {
    const { call } = await bobTalks(shared);
    const { bob: carol, call: to } = await bobTalks(own, '5061');
    station.port.perform({ type: 'transfer-to', call, to });
    const refer = await pbx.requests.next(isMethod('REFER'));
    expect(refer.port).toBe(shared.port);
    const [, place, replaces = ''] =
      /^<([^?]+)\?Replaces=([^&>]+)>$/.exec(field(refer.text, 'Refer-To')) ?? [];
    expect(place).toBe(`sip:5061@${host}:${pbxPort}`);
    expect(replaces).not.toMatch(/[@;=]/);
    expect(decodeURIComponent(replaces)).toBe(
      `${carol.callId};to-tag=${carol.tag};from-tag=${carol.theirTag}`,
    );
    station.port.perform({ type: 'transfer-to', call: to, to: 'nobody' });
    expect(await station.is('transfer-failed')).toMatchObject({
      call: to,
      reason: { code: 'transfer-gone' },
    });
  });
});

describe('being sent elsewhere (RFC 3515)', () => {
  const referTo = (to: string, ...more: string[]): string[] => [`Refer-To: ${to}`, ...more];

  async function sentTo(bob: RawCall, ...headers: string[]): Promise<{ referral: string; id: number }> {
    bob.request('REFER', headers);
    const { referral } = await station.is('referred');
    return { referral, id: bob.lastCseq };
  }

  it('calls there, and tells how it gets on, one NOTIFY after the other', async () => {
    const { bob, call } = await bobTalks();
    const { referral, id } = await sentTo(
      bob,
      ...referTo(`"Carol" <sip:5061@${host}:${pbxPort}>`, `Referred-By: <sip:5052@pbx>`),
    );
    expect(station.events.all.findLast(({ type }) => type === 'referred')).toEqual({
      type: 'referred',
      call,
      referral,
      target: { number: '5061', name: 'Carol' },
      replaces: false,
    });
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    const accepted = await bob.response('REFER');
    expect(statusOf(accepted)).toBe(202);
    expect(field(accepted.text, 'Contact')).toBe(`<sip:5031@${host}:${own.port}>`);
    const trying = await bob.requested('NOTIFY');
    expect(field(trying.text, 'Event')).toBe(`refer;id=${id}`);
    expect(field(trying.text, 'Subscription-State')).toMatch(/^active;expires=\d+$/);
    expect(field(trying.text, 'Content-Type')).toBe('message/sipfrag;version=2.0');
    expect(statusLine(trying)).toBe('SIP/2.0 100 Trying');

    const invite = await pbx.requests.next(isMethod('INVITE'));
    expect(invite.text).toMatch(new RegExp(`^INVITE sip:5061@${host}:${pbxPort} `));
    expect(field(invite.text, 'Referred-By')).toBe('<sip:5052@pbx>');
    expect(field(invite.text, 'Replaces')).toBe('');
    answerInvite(pbx, invite, '180 Ringing', 'carol');
    expect(statusLine(await bob.requested('NOTIFY'))).toBe('SIP/2.0 180 Ringing');
    answerInvite(pbx, invite, '200 OK', 'carol', rawSdp(7000));
    const done = await bob.requested('NOTIFY');
    expect(statusLine(done)).toBe('SIP/2.0 200 OK');
    expect(field(done.text, 'Subscription-State')).toBe('terminated;reason=noresource');
    expect(await station.is('answered')).toMatchObject({ call: 'c9' });
    bob.request('BYE');
    expect(await station.is('ended')).toMatchObject({ call, reason: null });
  });

  it.each(['486 Busy Here', '603 Decline'])('tells that it ended with %s', async (status) => {
    const { bob } = await bobTalks();
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>'));
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    const invite = await pbx.requests.next(isMethod('INVITE'));
    expect(statusLine(await bob.requested('NOTIFY'))).toBe('SIP/2.0 100 Trying');
    answerInvite(pbx, invite, status, 'carol');
    expect(statusLine(await bob.requested('NOTIFY'))).toBe(`SIP/2.0 ${status}`);
    await station.is('ended');
  });

  it('waits while our user is asked, and calls there when they say so (2.4.7)', async () => {
    const { bob } = await bobTalks();
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>'));
    station.port.perform({ type: 'consider-referral', referral });
    expect(statusOf(await bob.response('REFER'))).toBe(202);
    const pending = await bob.requested('NOTIFY');
    expect(field(pending.text, 'Subscription-State')).toMatch(/^pending;expires=\d+$/);
    expect(statusLine(pending)).toBe('SIP/2.0 100 Trying');
    bob.request('REFER', referTo('<sip:5062@pbx>'));
    expect(await bob.status('REFER')).toBe(491);
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    const trying = await bob.requested('NOTIFY');
    expect(field(trying.text, 'Subscription-State')).toMatch(/^active;expires=\d+$/);
    const invite = await pbx.requests.next(isMethod('INVITE'));
    expect(invite.text).toMatch(/^INVITE sip:5061@/);
    answerInvite(pbx, invite, '200 OK', 'carol', rawSdp(7000));
    expect(statusLine(await bob.requested('NOTIFY'))).toBe('SIP/2.0 200 OK');
  });

  it('tells that our user stays where they are, and may be asked again', async () => {
    const { bob } = await bobTalks();
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>'));
    station.port.perform({ type: 'consider-referral', referral });
    expect(await bob.status('REFER')).toBe(202);
    await bob.requested('NOTIFY');
    station.port.perform({ type: 'refuse-referral', referral, status: 603 });
    const declined = await bob.requested('NOTIFY');
    expect(statusLine(declined)).toBe('SIP/2.0 603 Declined');
    expect(field(declined.text, 'Subscription-State')).toBe('terminated;reason=rejected');
    const again = await sentTo(bob, ...referTo('<sip:0900@pbx>'));
    station.port.perform({ type: 'refuse-referral', referral: again.referral, status: 403 });
    expect(await bob.status('REFER')).toBe(403);
  });

  it('tells that its user has given up', async () => {
    const { bob } = await bobTalks();
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>'));
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    await pbx.requests.next(isMethod('INVITE'));
    await bob.requested('NOTIFY');
    station.port.perform({ type: 'hang-up', call: 'c9' });
    expect(statusLine(await bob.requested('NOTIFY'))).toBe('SIP/2.0 487 Request Terminated');
  });

  it('takes the place of another call with Replaces, and sends on nothing else', async () => {
    const { bob } = await bobTalks();
    const uri = `sip:5061@${host}:${pbxPort};method=INVITE?Replaces=x%40y%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces&Subject=hi`;
    const { referral } = await sentTo(bob, ...referTo(`<${uri}>`));
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    const invite = await pbx.requests.next(isMethod('INVITE'));
    expect(invite.text).toMatch(new RegExp(`^INVITE sip:5061@${host}:${pbxPort} SIP`));
    expect(field(invite.text, 'Replaces')).toBe('x@y;to-tag=1;from-tag=2');
    expect(field(invite.text, 'Require')).toBe('replaces');
    expect(field(invite.text, 'Subject')).toBe('');
  });

  it('answers a challenge of its NOTIFYs, and counts on from there', async () => {
    const { bob } = await bobTalks();
    const challenge = 'Proxy-Authenticate: Digest realm="pbx", nonce="n1"';
    pbx.automatic = (text) =>
      text.startsWith('NOTIFY') && field(text, 'Proxy-Authorization') === ''
        ? { status: '407 Proxy Authentication Required', headers: [challenge] }
        : { status: '200 OK' };
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>'));
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    const notices = [await bob.requested('NOTIFY'), await bob.requested('NOTIFY')];
    station.port.perform({ type: 'hang-up', call: 'c9' });
    notices.push(await bob.requested('NOTIFY'));
    expect(notices.map(({ text }) => field(text, 'CSeq'))).toEqual(['1 NOTIFY', '2 NOTIFY', '3 NOTIFY']);
  });

  it('sends no NOTIFYs to one who wants none (RFC 4488)', async () => {
    const { bob, call } = await bobTalks();
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>', 'Refer-Sub: false'));
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    const accepted = await bob.response('REFER');
    expect(field(accepted.text, 'Refer-Sub')).toBe('false');
    const invite = await pbx.requests.next(isMethod('INVITE'));
    answerInvite(pbx, invite, '200 OK', 'carol', rawSdp(7000));
    await station.is('answered');
    bob.request('BYE');
    expect(await station.is('ended')).toMatchObject({ call });
    const notifies = pbx.requests.all.filter(
      (each) => each.text.startsWith('NOTIFY') && field(each.text, 'Event').startsWith('refer'),
    );
    expect(notifies).toEqual([]);
  });

  it.each([
    [400, 'none', []],
    [400, 'two', ['Refer-To: <sip:1@pbx>', 'Refer-To: <sip:2@pbx>']],
    [416, 'a telephone number', ['Refer-To: <tel:+15551234>']],
    [403, 'another method', ['Refer-To: <sip:5061@pbx;method=SUBSCRIBE>']],
  ] as const)('answers %i to a REFER with %s', async (status, _what, headers) => {
    const { bob } = await bobTalks();
    bob.request('REFER', headers);
    expect(await bob.status('REFER')).toBe(status);
    expect(tellsOf('referred')).toBe(0);
  });

  it('answers 491 to a second one before the first has come to its end, 603 when it is not followed', async () => {
    const { bob } = await bobTalks();
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>'));
    bob.request('REFER', referTo('<sip:5062@pbx>'));
    expect(await bob.status('REFER')).toBe(491);
    station.port.perform({ type: 'refuse-referral', referral, status: 603 });
    expect(await bob.status('REFER')).toBe(603);
    const again = await sentTo(bob, ...referTo('<sip:5062@pbx>'));
    station.port.perform({ type: 'refuse-referral', referral: again.referral, status: 603 });
    expect(await bob.status('REFER')).toBe(603);
  });

  it('goes on when the one who sent us has hung up without waiting', async () => {
    const { bob, call } = await bobTalks();
    const { referral } = await sentTo(bob, ...referTo('<sip:5061@pbx>'));
    station.port.perform({ type: 'follow', call: 'c9', extension: 1, referral });
    const invite = await pbx.requests.next(isMethod('INVITE'));
    bob.request('BYE');
    expect(await station.is('ended')).toMatchObject({ call });
    answerInvite(pbx, invite, '200 OK', 'carol', rawSdp(7000));
    expect(await station.is('answered')).toMatchObject({ call: 'c9' });
  });

  it('outside a call is refused as ever', async () => {
    const stranger = new RawCall(pbx, '5099', own);
    stranger.request('REFER', referTo('<sip:5061@pbx>'));
    expect(await stranger.status('REFER')).toBe(603);
  });
});
