import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answeredCall, answerInvite, RawCall, rawSdp } from './raw-call.ts';
import {
  createFakeNegotiator,
  createStation,
  field,
  RawPbx,
  type Received,
  type TestStation,
  userAOf,
} from './sip-support.ts';

const pbxPort = 25_520;
const closed = { user: '5031', port: 25_530 };
const open = { user: '5041', port: 25_531 };

let pbx: RawPbx;
let station: TestStation;
let negotiator: ReturnType<typeof createFakeNegotiator>;
let mixed: string[];

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|NOTIFY|BYE|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  negotiator = createFakeNegotiator();
  mixed = [];
  station = createStation(userAOf(pbxPort, { own: closed.port, shared: open.port }, { bargeIn: true }), {
    negotiator,
    mixer: {
      join: (call, guest) => mixed.push(`${call} with ${guest}`),
      part: (guest) => mixed.push(`without ${guest}`),
    },
  });
  await station.port.start();
  await station.is('registered');
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
});

const bobTalks = (to = open): ReturnType<typeof answeredCall> => answeredCall(pbx, station, to);
function knocks(name: string, from = '5053', to = open, body = rawSdp(6000)): RawCall {
  const guest = new RawCall(pbx, from, to);
  guest.invite([`Join: ${name}`, 'Require: join'], body);
  return guest;
}
const agree = (request: Received, tag: string, direction: string): void =>
  answerInvite(pbx, request, '200 OK', tag, rawSdp(6000, direction));
const numbers = async (): Promise<string[]> =>
  (await station.is('joined')).parties.map(({ number }) => number);

describe('an INVITE with Join (RFC 3911)', () => {
  it('brings a guest into the call, who leaves it alone', async () => {
    const { bob, call } = await bobTalks();
    const ann = knocks(bob.name);
    const ok = await ann.answered();
    expect(field(ok.text, 'Supported')).toBe('replaces, join, 100rel, timer');
    expect(await station.is('joined')).toEqual({
      type: 'joined',
      call,
      parties: [{ number: '5053', name: 'Phone 5053' }],
    });
    expect(mixed).toEqual([`${call} with ${call}+1`]);
    expect([...negotiator.open]).toEqual([call, `${call}+1`]);
    ann.request('BYE');
    expect(await numbers()).toEqual([]);
    expect(mixed.at(-1)).toBe(`without ${call}+1`);
    expect([...negotiator.open]).toEqual([call]);
    expect(station.events.all.filter(({ type }) => type === 'incoming' || type === 'ended')).toHaveLength(1);
  });

  it('ends the guests with the call, whoever ends it', async () => {
    const first = await bobTalks();
    const ann = knocks(first.bob.name);
    await ann.answered();
    const dora = knocks(first.bob.name, '5054', closed);
    await dora.answered();
    expect(await numbers()).toEqual(['5053']);
    expect(await numbers()).toEqual(['5053', '5054']);
    station.port.perform({ type: 'hang-up', call: first.call });
    await Promise.all([first.bob, ann, dora].map((each) => each.requested('BYE')));
    const second = await bobTalks();
    const guest = knocks(second.bob.name);
    await guest.answered();
    second.bob.request('BYE');
    await guest.requested('BYE');
    expect([...negotiator.open]).toEqual([]);
  });

  it('holds and resumes guests with the call, and lets them go on when the hold is refused', async () => {
    const { bob, call } = await bobTalks();
    const ann = knocks(bob.name);
    await ann.answered();
    station.port.perform({ type: 'hold', call });
    const holds = await Promise.all([bob.requested('INVITE'), ann.requested('INVITE')]);
    for (const hold of holds) expect(hold.text).toContain('a=sendonly');
    agree(holds[1], ann.tag, 'recvonly');
    await ann.requested('ACK');
    answerInvite(pbx, holds[0], '488 Not Acceptable Here', bob.tag);
    await station.is('hold-failed');
    const resume = await ann.requested('INVITE');
    expect(resume.text).toContain('a=sendrecv');
    agree(resume, ann.tag, 'sendrecv');
    expect(station.events.all.filter(({ type }) => type === 'held' || type === 'resumed')).toEqual([]);
  });

  it('stays with the call when its far end is replaced', async () => {
    const { bob, call } = await bobTalks();
    const ann = knocks(bob.name);
    await ann.answered();
    const dora = new RawCall(pbx, '5054', open);
    dora.invite([`Replaces: ${bob.name}`]);
    await dora.answered();
    await station.is('replaced');
    station.port.perform({ type: 'hang-up', call });
    await Promise.all([dora.requested('BYE'), ann.requested('BYE')]);
  });

  it('is refused where the extension does not let others in', async () => {
    const { bob } = await bobTalks(closed);
    expect(await knocks(bob.name, '5053', open).status()).toBe(403);
    expect(mixed).toEqual([]);
  });

  it('is refused for a call on hold, a call that is over, and one that never was', async () => {
    const { bob, call } = await bobTalks();
    expect(await knocks('nobody@pbx;to-tag=1;from-tag=2').status()).toBe(481);
    station.port.perform({ type: 'hold', call });
    agree(await bob.requested('INVITE'), bob.tag, 'recvonly');
    await station.is('held');
    expect(await knocks(bob.name).status()).toBe(486);
    bob.request('BYE');
    await station.is('ended');
    expect(await knocks(bob.name).status()).toBe(603);
    expect(mixed).toEqual([]);
  });

  it('is refused for a call that rings here, and a guest without sound for us', async () => {
    const ringing = new RawCall(pbx, '5052', open);
    ringing.invite();
    await ringing.response();
    await station.is('incoming');
    expect(await knocks(ringing.name).status()).toBe(481);
    const { bob, call } = await bobTalks();
    negotiator.answer = () => Promise.reject(new Error('no codec'));
    expect(await knocks(bob.name).status()).toBe(488);
    expect([...negotiator.open]).toContain(call);
    expect(mixed).toEqual([]);
  });

  it('is full with four guests', async () => {
    const { bob } = await bobTalks();
    const statuses: number[] = [];
    for (const from of ['5061', '5062', '5063', '5064', '5065']) {
      const guest = knocks(bob.name, from);
      statuses.push(await guest.status());
      if (statuses.at(-1) === 200) guest.request('ACK');
    }
    expect(statuses).toEqual([200, 200, 200, 200, 486]);
  });
});
