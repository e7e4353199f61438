import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answeredCall, answerInvite, RawCall, rawSdp } from './raw-call.ts';
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

const pbxPort = 25_500;
const own = { user: '5031', port: 25_510 };
const shared = { user: '5041', port: 25_511 };

let pbx: RawPbx;
let station: TestStation;
let negotiator: ReturnType<typeof createFakeNegotiator>;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|NOTIFY|BYE|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  negotiator = createFakeNegotiator();
  station = createStation(userAOf(pbxPort, { own: own.port, shared: shared.port }), { negotiator });
  await station.port.start();
  await station.is('registered');
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
});

/** A call of Bob's that we have answered, and its id. */
const bobTalks = (to = shared): ReturnType<typeof answeredCall> => answeredCall(pbx, station, to);

/** Ann asks for the place of a dialog. */
function ann(name: string, extra: string[] = [], to = shared, body = rawSdp(6000)): RawCall {
  const call = new RawCall(pbx, '5053', to);
  call.invite([`Replaces: ${name}`, ...extra], body);
  return call;
}

const tellsOf = (type: string): number => station.events.all.filter((each) => each.type === type).length;

async function weCall(): Promise<Received> {
  station.port.perform({ type: 'invite', call: 'c1', extension: 2, number: '5052' });
  return pbx.requests.next(isMethod('INVITE'));
}
const answer = (invite: Received, status: string, tag: string, body = ''): void =>
  answerInvite(pbx, invite, status, tag, body);
/** The PBX tells that a station of this user is on the line. */
function lineState(user: string): string {
  const body = [
    '<?xml version="1.0"?>',
    '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" state="partial" entity="sip:sa@pbx">',
    `<dialog id="9" direction="initiator"><local><identity>sip:${user}@pbx</identity>`,
    `<target uri="sip:${user}@pbx"><param pname="x-line-id" pvalue="1"/></target></local>`,
    '<state>terminated</state></dialog></dialog-info>',
  ].join('\r\n');
  return [
    `NOTIFY sip:5041@${host}:${shared.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bK-line-${user}`,
    'From: <sip:5041@pbx>;tag=sa',
    'To: <sip:5041@pbx>',
    `Call-ID: line-${user}`,
    'CSeq: 1 NOTIFY',
    'Event: dialog',
    'Content-Type: application/dialog-info+xml',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}
const fromTag = (invite: Received): string => /;tag=(.+)$/.exec(field(invite.text, 'From'))?.[1] ?? '';

describe('an INVITE with Replaces (RFC 3891)', () => {
  it('takes the place of an answered call: 200 at once, BYE to the old, one call for the user', async () => {
    const { bob, call } = await bobTalks();
    bob.request('INVITE', [], rawSdp(5000, 'sendonly'));
    await bob.answered();
    expect(await station.is('remote-hold')).toMatchObject({ call, on: true });

    const picker = ann(bob.name, ['Require: replaces']);
    const ok = await picker.answered();
    expect(field(ok.text, 'Supported')).toBe('replaces, join, 100rel, timer');
    expect(ok.text).toContain('a=sendrecv');
    const bye = await bob.requested('BYE');
    expect(field(bye.text, 'Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(await station.is('replaced')).toEqual({
      type: 'replaced',
      call,
      remote: { number: '5053', name: 'Phone 5053' },
    });
    expect([tellsOf('incoming'), tellsOf('ended')]).toEqual([1, 0]);
    expect([...negotiator.open]).toEqual([call]);

    station.port.perform({ type: 'hang-up', call });
    await picker.requested('BYE');
    expect(await station.is('ended')).toMatchObject({ call, reason: null });
    expect([...negotiator.open]).toEqual([]);
  });

  it('may come to another extension of the station', async () => {
    const { bob, call } = await bobTalks(shared);
    const picker = ann(bob.name, [], own);
    expect(field((await picker.answered()).text, 'Contact')).toBe(`<sip:5031@${host}:${own.port}>`);
    await bob.requested('BYE');
    expect(await station.is('replaced')).toMatchObject({ call });
    station.port.perform({ type: 'hold', call });
    expect((await picker.requested('INVITE')).port).toBe(own.port);
    picker.request('BYE');
    expect(await station.is('ended')).toMatchObject({ call });
  });

  it('leaves a call that we hold on hold', async () => {
    const { bob, call } = await bobTalks();
    station.port.perform({ type: 'hold', call });
    const hold = await bob.requested('INVITE');
    // The hold is not agreed on yet: the new far end has agreed to it by its SDP.
    const picker = ann(bob.name);
    expect((await picker.answered()).text).toContain('a=sendonly');
    await station.is('replaced');
    expect(await station.is('held')).toEqual({ type: 'held', call });
    await bob.requested('BYE');
    pbx.answer(hold, '200 OK', [`Contact: <sip:5052@${host}:${pbxPort}>`]);
    station.port.perform({ type: 'resume', call });
    expect((await picker.requested('INVITE')).text).toContain('a=sendrecv');
    expect(tellsOf('held')).toBe(1);
  });

  it('takes an offer of ours, and its answer in the ACK', async () => {
    const { bob, call } = await bobTalks();
    const picker = ann(bob.name, [], shared, '');
    const ok = await picker.response();
    expect(ok.text).toContain('m=audio');
    picker.request('ACK', [], rawSdp(6000, 'sendonly'));
    expect(await station.is('remote-hold')).toMatchObject({ call, on: true });
  });

  it('picks up a call of ours that rings at the far end: CANCEL to the old, answered here', async () => {
    const invite = await weCall();
    answer(invite, '180 Ringing', 'ring1');
    expect(await station.is('dialog')).toMatchObject({
      call: 'c1',
      identifiers: { callId: field(invite.text, 'Call-ID'), localTag: fromTag(invite), remoteTag: 'ring1' },
      target: `sip:5052@${host}:${pbxPort}`,
    });
    await station.is('progress');
    const name = `${field(invite.text, 'Call-ID')};to-tag=${fromTag(invite)};from-tag=ring1`;
    const picker = ann(name, ['Require: replaces'], shared);
    await picker.answered();
    await pbx.requests.next(isMethod('CANCEL'));
    pbx.answer(invite, '487 Request Terminated');
    expect(await station.is('answered')).toMatchObject({ call: 'c1', remote: { number: '5053' } });
    expect(await station.is('dialog')).toMatchObject({ identifiers: { callId: picker.callId } });
    picker.request('BYE');
    expect(await station.is('ended')).toMatchObject({ call: 'c1' });
    expect(tellsOf('ended')).toBe(1);
  });

  it('takes over what was meant for an early dialog with early-only only while it is early', async () => {
    const { bob } = await bobTalks();
    expect(await ann(`${bob.name};early-only`).status()).toBe(486);
    expect(tellsOf('replaced')).toBe(0);
  });

  it('is refused 481 for a dialog that is not there, not ours to give, or named the wrong way round', async () => {
    const bob = new RawCall(pbx, '5052', shared);
    bob.invite();
    await station.is('incoming');
    await bob.response();
    // Rings here: the caller's to replace, not ours.
    expect(await ann(bob.name).status()).toBe(481);
    expect(await ann('nobody@pbx;to-tag=1;from-tag=2').status()).toBe(481);
    const talking = await bobTalks();
    const { callId, tag, theirTag } = talking.bob;
    expect(await ann(`${callId};to-tag=${tag};from-tag=${theirTag}`).status()).toBe(481);
    expect(tellsOf('replaced')).toBe(0);
  });

  it('is refused 603 for a dialog that has just ended', async () => {
    const { bob, call } = await bobTalks();
    station.port.perform({ type: 'hang-up', call });
    await bob.requested('BYE');
    expect(await ann(bob.name).status()).toBe(603);
  });

  it('is refused 400 when there are two, one that cannot be read, or one in another request', async () => {
    const { bob } = await bobTalks();
    expect(await ann(bob.name, [`Replaces: ${bob.name}`]).status()).toBe(400);
    expect(await ann(bob.name, [`Join: ${bob.name}`]).status()).toBe(400);
    expect(await ann(bob.callId).status()).toBe(400);
    const options = new RawCall(pbx, '5053', shared);
    options.request('OPTIONS', [`Replaces: ${bob.name}`]);
    expect(await options.status('OPTIONS')).toBe(400);
    expect(tellsOf('replaced')).toBe(0);
  });

  it('leaves the old call as it was when the new one has no sound for us', async () => {
    const { bob, call } = await bobTalks();
    negotiator.answer = () => Promise.reject(new Error('no codec'));
    expect(await ann(bob.name).status()).toBe(488);
    station.port.perform({ type: 'hang-up', call });
    await bob.requested('BYE');
    expect(tellsOf('replaced')).toBe(0);
  });

  it('is one of two at the same moment', async () => {
    const { bob } = await bobTalks();
    const { answer: ready } = negotiator;
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    negotiator.answer = (...args) => gate.then(() => ready(...args));
    const first = ann(bob.name);
    const second = ann(bob.name);
    expect(await second.status()).toBe(481);
    open();
    await first.answered();
    expect(await ann(bob.name).status()).toBe(603);
    await bob.requested('BYE');
    expect(tellsOf('replaced')).toBe(1);
  });

  it('does not give a sharer of the line our ear instead of the held far end', async () => {
    const { bob, call } = await bobTalks();
    station.port.perform({ type: 'hold', call });
    const hold = await bob.requested('INVITE');
    answer(hold, '200 OK', bob.tag, rawSdp(5000, 'recvonly'));
    await station.is('held');
    pbx.send(lineState('5053'), shared.port);
    await station.is('appearances');
    for (const user of ['5041', '5053']) {
      const sharer = new RawCall(pbx, user, shared);
      sharer.invite([`Replaces: ${bob.name}`]);
      expect(await sharer.status()).toBe(481);
    }
    expect(tellsOf('ended')).toBe(0);
    // A colleague of the far end is no sharer.
    const stranger = new RawCall(pbx, '5054', shared);
    stranger.invite([`Replaces: ${bob.name}`]);
    await stranger.answered();
  });
});

describe('what the far end does with a call of ours', () => {
  it('shows as taken over when we held it and its BYE says that it goes on elsewhere', async () => {
    const { bob, call } = await bobTalks();
    station.port.perform({ type: 'hold', call });
    const hold = await bob.requested('INVITE');
    answer(hold, '200 OK', bob.tag, rawSdp(5000, 'recvonly'));
    await station.is('held');
    bob.request('BYE', ['Reason: SIP;cause=200;text="Call completed elsewhere"']);
    expect(await station.is('taken-over')).toEqual({ type: 'taken-over', call, by: null });
    expect(await station.is('ended')).toMatchObject({ call, reason: null });
  });

  it('is an ordinary end otherwise', async () => {
    const { bob } = await bobTalks();
    bob.request('BYE', ['Reason: SIP;cause=200;text="OK"']);
    await station.is('ended');
    expect(tellsOf('taken-over')).toBe(0);
  });
});
