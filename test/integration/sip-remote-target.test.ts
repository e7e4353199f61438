import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answeredCall, RawCall, rawSdp, respond as respondAs, statusOf } from './raw-call.ts';
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

/** Where requests of a call go, and with whose leave. */

const pbxPort = 29_400;
const line = { user: '5031', port: 29_410 };

let pbx: RawPbx;
let station: TestStation;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (/^(REGISTER|CANCEL) /.test(text) ? { status: '200 OK' } : null);
  station = createStation(
    { ...oneLineOf(pbxPort, line.port), calls: { sessionTimer: 0 } },
    { negotiator: createFakeNegotiator() },
  );
  await station.port.start();
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
});

const received = (method: string): Promise<Received> => pbx.requests.next(isMethod(method));
const target = ({ text }: Received): string => text.split(' ')[1] ?? '';
const at = (user: string): string => `sip:${user}@${host}:${pbxPort}`;
const contact = (user: string): string => `Contact: <${at(user)}>`;

const respond = (request: Received, status: string, headers: readonly string[], body = ''): void =>
  respondAs(pbx, request, status, 'far', headers, body);

function weDial(): Promise<Received> {
  station.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5052' });
  return received('INVITE');
}

/** The far end answers at the Contact `5052`. */
async function weTalk(): Promise<Received> {
  const invite = await weDial();
  respond(invite, '200 OK', [contact('5052')], rawSdp(5000));
  await received('ACK');
  await station.is('answered');
  return invite;
}

/** As RFC 2543 allows. */
function reinviteWithoutContact({ text, port }: Received): void {
  const body = rawSdp(5000);
  const lines = [
    `INVITE sip:5031@${host}:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bK-without`,
    `From: ${field(text, 'To')};tag=far`,
    `To: ${field(text, 'From')}`,
    `Call-ID: ${field(text, 'Call-ID')}`,
    'CSeq: 1 INVITE',
    'Max-Forwards: 70',
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
  ];
  pbx.send(`${lines.join('\r\n')}\r\n\r\n${body}`, port);
}

async function weHangUp(): Promise<Received> {
  station.port.perform({ type: 'hang-up', call: 'c1' });
  const bye = await received('BYE');
  pbx.answer(bye, '200 OK');
  return bye;
}

describe('a far end', () => {
  it.each([
    ['at another Contact', [contact('ringing')]],
    ['without a Contact', []],
  ])('that has rung %s is where it answers', async (_how, ringing) => {
    const invite = await weDial();
    respond(invite, '180 Ringing', ringing);
    await station.is('progress');
    respond(invite, '200 OK', [contact('answering')], rawSdp(5000));
    expect(target(await received('ACK'))).toBe(at('answering'));
    await station.is('answered');
    expect(target(await weHangUp())).toBe(at('answering'));
  });

  it('is where its last ringing came from, for a PRACK', async () => {
    const invite = await weDial();
    respond(invite, '180 Ringing', []);
    await station.is('progress');
    respond(invite, '183 Session Progress', [contact('early'), 'Require: 100rel', 'RSeq: 7'], rawSdp(5000));
    expect(target(await received('PRACK'))).toBe(at('early'));
  });

  it('is where its UPDATE has said while it rang here, and not where its INVITE came from', async () => {
    const bob = new RawCall(pbx, '5052', line);
    bob.invite();
    const { call } = await station.is('incoming');
    expect(await bob.status()).toBe(180);
    bob.request('UPDATE', [contact('moved')]);
    expect(await bob.status('UPDATE')).toBe(200);
    station.port.perform({ type: 'accept', call });
    await bob.answered();
    await station.is('answered');
    station.port.perform({ type: 'hang-up', call });
    expect(target(await received('BYE'))).toBe(at('moved'));
  });

  it('moves by its answer to our re-INVITE (RFC 3261, 12.2.1.2)', async () => {
    await weTalk();
    station.port.perform({ type: 'hold', call: 'c1' });
    respond(await received('INVITE'), '200 OK', [contact('moved')], rawSdp(5000, 'recvonly'));
    expect(target(await received('ACK'))).toBe(at('moved'));
    await station.is('held');
    expect(target(await weHangUp())).toBe(at('moved'));
  });

  it('stays where it is when it does not say, in an answer or in a re-INVITE of its own', async () => {
    const invite = await weTalk();
    station.port.perform({ type: 'hold', call: 'c1' });
    respond(await received('INVITE'), '200 OK', [], rawSdp(5000, 'recvonly'));
    expect(target(await received('ACK'))).toBe(at('5052'));
    await station.is('held');
    reinviteWithoutContact(invite);
    const answer = await pbx.responses.next(({ text }) => field(text, 'CSeq') === '1 INVITE');
    expect(statusOf(answer)).toBe(200);
    expect(target(await weHangUp())).toBe(at('5052'));
  });
});

describe('the Contact of a far end', () => {
  it.each([
    ['without brackets', `sip:5052@${host}:${pbxPort}`, at('5052')],
    ['without brackets, with parameters', `sip:5052@${host}:${pbxPort};q=0.5;expires=60`, at('5052')],
    ['with a name that should be in quotes', `Böb (2) <${at('5052')}>`, at('5052')],
    ['with parameters in its user', `<${at('5052;tgrp=a;x=b')};ob>`, `${at('5052;tgrp=a;x=b')};ob`],
    ['with headers', `<${at('5052')};line=7?Subject=x>`, `${at('5052')};line=7`],
  ])('%s is where it is called', async (_how, written, expected) => {
    const invite = await weDial();
    respond(invite, '180 Ringing', [`Contact: ${written}`]);
    await station.is('progress');
    respond(invite, '200 OK', [`Contact: ${written}`], rawSdp(5000));
    expect(target(await received('ACK'))).toBe(expected);
    await station.is('answered');
    expect(target(await weHangUp())).toBe(expected);
  });
});

describe('a PBX that connects the far end with somebody else', () => {
  it('says who that is in its re-INVITE, UPDATE or answer (RFC 3325)', async () => {
    const { bob, call } = await answeredCall(pbx, station, line);
    bob.invite(['P-Asserted-Identity: "Ann" <sip:5053@pbx>']);
    await bob.answered();
    bob.request('UPDATE', ['Remote-Party-ID: "Carol" <sip:5054@pbx>;party=calling']);
    expect(await bob.status('UPDATE')).toBe(200);
    bob.request('UPDATE', ['Remote-Party-ID: <sip:5031@pbx>;party=called']);
    expect(await bob.status('UPDATE')).toBe(200);
    bob.invite(['P-Asserted-Identity: <sip:9@pbx>', 'Content-Encoding: gzip']);
    expect(await bob.status()).toBe(415);
    station.port.perform({ type: 'hold', call });
    const asserted = 'P-Asserted-Identity: <tel:+4930>';
    respond(await bob.requested('INVITE'), '200 OK', [contact('5052'), asserted], rawSdp(5000, 'recvonly'));
    await station.is('held');
    const told = station.events.all.flatMap((each) => (each.type === 'identified' ? [each.remote] : []));
    expect(told).toEqual([
      { number: '5053', name: 'Ann' },
      { number: '5054', name: 'Carol' },
      { number: '+4930', name: null },
    ]);
  });
});

it('a 3xx may name places without brackets, one after the other', async () => {
  const contacts = `Contact: <tel:5>, sip:second@${host}:${pbxPort};q=0.5, sip:first@${host}:${pbxPort}`;
  respond(await weDial(), '302 Moved Temporarily', [contacts]);
  const first = await received('INVITE');
  respond(first, '486 Busy Here', []);
  const second = await received('INVITE');
  respond(second, '486 Busy Here', []);
  expect([first, second].map(target)).toEqual([at('first'), at('second')]);
  expect(await station.is('ended')).toMatchObject({ reason: { code: 'busy' } });
});

const challenge = (name: 'Proxy' | 'WWW', realm: string): [string, string[]] => [
  name === 'Proxy' ? '407 Proxy Authentication Required' : '401 Unauthorized',
  [`${name}-Authenticate: Digest realm="${realm}", nonce="n-${realm}"`],
];

describe('a proxy that challenges, and the PBX behind it', () => {
  it('both hear who we are, and once more with the ACK (RFC 3261, 22.3 and 13.2.2.4)', async () => {
    respond(await weDial(), ...challenge('Proxy', 'edge'));
    respond(await received('INVITE'), ...challenge('WWW', 'house'));
    const invite = await received('INVITE');
    const proxys = field(invite.text, 'Proxy-Authorization');
    const servers = field(invite.text, 'Authorization');
    expect(proxys).toContain('realm="edge"');
    expect(servers).toContain('realm="house"');
    respond(invite, '200 OK', [contact('5052')], rawSdp(5000));
    const ack = await pbx.requests.next(
      ({ text }) => isMethod('ACK')({ text, port: 0 }) && field(text, 'CSeq') === '3 ACK',
    );
    expect(field(ack.text, 'Proxy-Authorization')).toBe(proxys);
    expect(field(ack.text, 'Authorization')).toBe(servers);
  });

  it('are not answered twice', async () => {
    respond(await weDial(), ...challenge('Proxy', 'edge'));
    respond(await received('INVITE'), ...challenge('Proxy', 'edge'));
    expect(await station.is('ended')).toMatchObject({ reason: { code: 'call-refused' } });
  });
});

describe('an answer to what the far end asks us to offer while we hold it', () => {
  it('is not a hold of its own, even if it is inactive', async () => {
    const { bob, call } = await answeredCall(pbx, station, line);
    station.port.perform({ type: 'hold', call });
    respond(await bob.requested('INVITE'), '200 OK', [contact('5052')], rawSdp(5000, 'inactive'));
    await station.is('held');
    bob.invite([], '');
    expect(statusOf(await bob.response())).toBe(200);
    bob.request('ACK', [], rawSdp(5000, 'inactive'));
    bob.request('OPTIONS');
    expect(await bob.status('OPTIONS')).toBe(200);
    expect(station.events.all.filter(({ type }) => type === 'remote-hold')).toEqual([]);
  });
});
