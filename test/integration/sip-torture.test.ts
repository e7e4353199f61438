import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BindUdpSocket, bindUdpSocket } from '../../electron/sip/transport/udp-socket.ts';
import { createStation, field, host, RawPbx, type TestStation } from './sip-support.ts';

/** 180: an INVITE that rings. Nothing: it must not be answered. Several: the RFC leaves the choice. */
type Wanted = readonly number[];
const silence: Wanted = [];
/** A request that is valid, but of a method that a phone does not serve. */
const notServed = [405, 501];

/**
 * What RFC 4475, section 3 wants of a user agent whose user is `user`. Where it wants a sloppy message refused or lets
 * it be taken ("be liberal in what you accept"), both stand.
 */
const wanted: Readonly<Record<string, readonly [section: string, wanted: Wanted]>> = {
  wsinv: ['3.1.1.1', [481]],
  intmeth: ['3.1.1.2', notServed],
  esc01: ['3.1.1.3', [404]],
  escnull: ['3.1.1.4', notServed],
  esc02: ['3.1.1.5', notServed],
  lwsdisp: ['3.1.1.6', [200]],
  longreq: ['3.1.1.7', [180]],
  dblreq: ['3.1.1.8', notServed],
  semiuri: ['3.1.1.9', [200, 404]],
  transports: ['3.1.1.10', [200]],
  mpart01: ['3.1.1.11', [200, 404, 405, 415]],
  unreason: ['3.1.1.12', silence],
  noreason: ['3.1.1.13', silence],
  badinv01: ['3.1.2.1', [400]],
  clerr: ['3.1.2.2', [400]],
  ncl: ['3.1.2.3', [400]],
  scalar02: ['3.1.2.4', [400]],
  scalarlg: ['3.1.2.5', silence],
  quotbal: ['3.1.2.6', [400, 180]],
  ltgtruri: ['3.1.2.7', [400]],
  lwsruri: ['3.1.2.8', [400]],
  lwsstart: ['3.1.2.9', [400]],
  trws: ['3.1.2.10', [400, 200]],
  escruri: ['3.1.2.11', [400, 180]],
  baddate: ['3.1.2.12', [400, 180]],
  regbadct: ['3.1.2.13', [400, ...notServed]],
  badaspec: ['3.1.2.14', [400, 200]],
  baddn: ['3.1.2.15', [400, 200]],
  badvers: ['3.1.2.16', [505]],
  mismatch01: ['3.1.2.17', [400]],
  mismatch02: ['3.1.2.18', [400, ...notServed]],
  bigcode: ['3.1.2.19', silence],
  badbranch: ['3.2.1', [200]],
  insuf: ['3.3.1', [400]],
  unkscm: ['3.3.2', [416]],
  novelsc: ['3.3.3', [416]],
  unksm2: ['3.3.4', [400, ...notServed]],
  bext01: ['3.3.5', [420]],
  invut: ['3.3.6', [415]],
  regaut01: ['3.3.7', [401, ...notServed]],
  multi01: ['3.3.8', [400]],
  mcl01: ['3.3.9', [400]],
  bcast: ['3.3.10', silence],
  zeromf: ['3.3.11', [200, 483]],
  cparam01: ['3.3.12', notServed],
  cparam02: ['3.3.13', notServed],
  regescrt: ['3.3.14', notServed],
  sdp01: ['3.3.15', [406]],
  inv2543: ['3.4.1', [180]],
};

const folder = new URL('../fixtures/torture/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.dat'))
  .map((file) => file.replace('.dat', ''));

const port = 27_000;
const answered: string[] = [];
let pbx: RawPbx;
let station: TestStation;

/** The real socket, and what goes out of it: many of the messages name hosts that an answer cannot reach. */
const listening: BindUdpSocket = async (local, listener) => {
  const socket = await bindUdpSocket(local, listener);
  return {
    ...socket,
    send(datagram, to) {
      if (datagram.toString().startsWith('SIP/2.0')) answered.push(datagram.toString());
      socket.send(datagram, to);
    },
  };
};

beforeAll(async () => {
  pbx = await new RawPbx(port + 1).open();
  pbx.automatic = (text) =>
    text.startsWith('REGISTER')
      ? { status: '200 OK', headers: [`Contact: ${field(text, 'Contact')}`] }
      : null;
});
afterAll(() => pbx.close());

/** A new station for every message: many of them share one branch. */
beforeEach(async () => {
  station = createStation(
    {
      pbx: { address: host, port: port + 1, dialect: 'none' },
      station: { name: 'Torture', localAddress: host },
      extensions: [
        { userId: 'user', localPort: port },
        { userId: 'UserB', localPort: port + 2 },
      ],
      lineKeys: [{ extension: 1, label: 'user' }],
    },
    { bind: listening },
  );
  await station.port.start();
  await Promise.all([station.is('registered'), station.is('registered')]);
});
afterEach(() => station.port.stop());

/** All answers to it: complete once a later, simple request has been answered. */
async function answersTo(datagram: Buffer, to: number): Promise<string[]> {
  answered.length = 0;
  pbx.send(datagram, to);
  const options = [
    'OPTIONS sip:user@h SIP/2.0',
    `Via: SIP/2.0/UDP ${host}:${port + 1};branch=z9hG4bK-fence`,
    'From: <sip:f@h>;tag=f',
    'To: <sip:user@h>',
    'Call-ID: fence',
    'CSeq: 1 OPTIONS',
  ];
  pbx.send(`${options.join('\r\n')}\r\n\r\n`, to);
  await pbx.responses.next(({ text }) => field(text, 'Call-ID') === 'fence');
  return answered.filter((text) => field(text, 'Call-ID') !== 'fence');
}

const statusOf = (text: string): number => Number(text.slice(8, 11));

describe('the torture messages of RFC 4475', () => {
  const table: string[] = [];
  afterAll(() => console.log(['RFC 4475: section, message, wanted, answered', ...table].join('\n')));

  it('are all here', () => {
    expect(names).toHaveLength(49);
    expect(new Set(names)).toEqual(new Set(Object.keys(wanted)));
  });

  it.each(Object.entries(wanted))('%s', async (name, [section, choices]) => {
    const datagram = readFileSync(new URL(`${name}.dat`, folder));
    const all = await answersTo(datagram, name === 'inv2543' ? port + 2 : port);
    const statuses = all.map(statusOf);
    const last = statuses.at(-1) ?? null;
    table.push(
      `${section.padEnd(9)} ${name.padEnd(11)} ${(choices.join(' or ') || 'silence').padEnd(22)} ${statuses.join(', ') || 'silence'}`,
    );
    if (choices === silence) expect(statuses).toEqual([]);
    else expect(choices).toContain(last);
    if (last === 420) expect(field(all.at(-1) ?? '', 'Unsupported')).toContain('nothingSupportsThis');
  });
});
