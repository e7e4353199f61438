import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { captureText } from '../unit/sip/captures.ts';
import {
  createStation,
  field,
  host,
  isMethod,
  RawPbx,
  type Received,
  type TestStation,
} from './sip-support.ts';

const pbxPort = 21_000;
const ports = { primary: 21_010, shared: 21_011 };
const station = (name = 'User-A'): ProfileInput => ({
  pbx: { address: host, port: pbxPort },
  station: { name, displayName: 'User-A', localAddress: host },
  extensions: [
    { userId: '5031', password: 'secret', localPort: ports.primary },
    { userId: '5031', sharedUserId: '5041', password: 'secret', localPort: ports.shared },
  ],
  lineKeys: [{ extension: 1, label: '5031' }],
});

const open: { close(): Promise<void> }[] = [];
const closing = <T extends { close(): Promise<void> }>(thing: T): T => {
  open.push(thing);
  return thing;
};
const startStation = async (input: ProfileInput): Promise<TestStation> => {
  const made = createStation(input);
  closing({ close: () => made.port.stop() });
  await made.port.start();
  return made;
};
const openPbx = (): Promise<RawPbx> => closing(new RawPbx(pbxPort)).open();
afterEach(async () => {
  // Stations first: they unregister.
  for (const each of open.splice(0).reverse()) await each.close();
});

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const challenge = (nonce: string): string =>
  `WWW-Authenticate: Digest realm="office", nonce="${nonce}", qop="auth", algorithm=MD5`;

/** Checks the Authorization by hand (RFC 2617, 3.2.2). */
function isAuthorized(text: string, nonce: string): boolean {
  const sent = field(text, 'Authorization');
  const part = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(sent)?.[1] ?? '';
  const secret = md5(`5031:office:secret`);
  const target = md5(`REGISTER:${part('uri')}`);
  const expected = md5(`${secret}:${nonce}:${part('nc')}:${part('cnonce')}:auth:${target}`);
  return part('nonce') === nonce && part('username') === '5031' && part('response') === expected;
}

/** What may differ between two REGISTERs of the same kind: addresses and random parts. */
const plain = (text: string): string[] =>
  text
    .trim()
    .split(/\r?\n/)
    .map((line) =>
      line
        .replaceAll('192.168.0.1:6060', 'PBX')
        .replaceAll(`${host}:${pbxPort}`, 'PBX')
        .replaceAll(/192\.168\.0\.4:5060|127\.0\.0\.1:21010/g, 'PRIMARY')
        .replaceAll(/192\.168\.0\.4:5061|127\.0\.0\.1:21011/g, 'SHARED')
        .replace(/branch=z9hG4bK-[0-9a-f]+/, 'branch=B')
        .replace(/tag=[0-9a-f]+(o\d)/, 'tag=T$1')
        .replace(/^Call-ID: [0-9a-f]{8}-[0-9a-f]{8}@.*/, 'Call-ID: C')
        .replace(/^User-Agent: (Sipura\/SPA841-3.1.4\(a0714sec\)|Partyline\/0\.0\.0)$/, 'User-Agent: U')
        .replace(/^P-Station-Name: [0-9a-f]{12}$/, 'P-Station-Name: MAC'),
    );

describe('registration', () => {
  it('sends the captured REGISTERs header for header, primary and third-party', async () => {
    const pbx = await openPbx();
    await startStation(station());
    const first = await pbx.requests.next(({ port }) => port === ports.primary);
    expect(plain(first.text)).toEqual(plain(captureText('spa9000-01-register-primary')));
    for (const request of pbx.requests.all) pbx.answer(request, '200 OK');
  });

  it('sends its MAC for a name when it has none, as in the third-party capture', async () => {
    const pbx = await openPbx();
    await startStation(station(''));
    const shared = await pbx.requests.next(({ port }) => port === ports.shared);
    expect(plain(shared.text)).toEqual(plain(captureText('spa9000-02-register-third-party-shared')));
    for (const request of pbx.requests.all) pbx.answer(request, '200 OK');
  });

  it('answers a challenge with the primary user, refreshes with it, and unregisters with all headers', async () => {
    const pbx = await openPbx();
    pbx.automatic = (text) => {
      if (!isAuthorized(text, 'n1')) return { status: '401 Unauthorized', headers: [challenge('n1')] };
      const contact = field(text, 'Contact').replace('expires=3600', 'expires=1');
      // A colleague shares the extension: its binding is not ours.
      const colleague = '<sip:5041@192.0.2.6:5060>;expires=3000';
      return { status: '200 OK', headers: [`Contact: ${colleague}, ${contact}`] };
    };
    const made = await startStation(station());
    await made.is('registered');
    await made.is('registered');
    const sent = (port: number): Received[] => pbx.requests.all.filter((each) => each.port === port);
    const [asked, answered] = sent(ports.shared);
    expect(field(answered?.text ?? '', 'To')).toContain('sip:5041@');
    expect(field(answered?.text ?? '', 'CSeq')).toBe('2 REGISTER');
    for (const name of ['Call-ID', 'From']) {
      expect(field(answered?.text ?? '', name)).toBe(field(asked?.text ?? '', name));
    }
    const refreshed = await pbx.requests.next(({ text }) => field(text, 'CSeq') === '3 REGISTER');
    expect(field(refreshed.text, 'Authorization')).toContain('nc=00000002');
    const events = made.events.all.filter(({ type }) => type === 'registered');
    expect(events).toContainEqual({ type: 'registered', extension: 1, fresh: true });
    await made.is('registered');
    expect(made.events.all).toContainEqual({ type: 'registered', extension: 1, fresh: false });

    await made.port.stop();
    const last = sent(ports.primary).at(-1);
    expect(last && field(last.text, 'Contact')).toMatch(/;expires=0$/);
    expect(last && field(last.text, 'P-Station-Name')).toBe('User-A');
    expect(made.events.all.filter(({ type }) => type === 'unregistered')).toHaveLength(2);
  });

  it('says that the password is wrong', async () => {
    const pbx = await openPbx();
    let nonce = 0;
    pbx.automatic = () => ({ status: '401 Unauthorized', headers: [challenge(`n${nonce++}`)] });
    const made = await startStation(station());
    const failed = await made.is('register-failed');
    expect(failed.reason).toMatchObject({ code: 'wrong-password', params: { user: '5031', address: host } });
  });

  it.each([
    ['403 Forbidden', 'forbidden'],
    ['404 Not Found', 'unknown-extension'],
    ['503 Service Unavailable', 'pbx-error'],
  ])('names the reason of a %s', async (status, code) => {
    const pbx = await openPbx();
    pbx.automatic = () => ({ status });
    const made = await startStation(station());
    expect((await made.is('register-failed')).reason.code).toBe(code);
  });

  it('asks for longer when told 423, and registers without a Contact in the answer', async () => {
    const pbx = await openPbx();
    pbx.automatic = (text) =>
      text.includes('expires=3600')
        ? { status: '423 Interval Too Brief', headers: ['Min-Expires: 7200'] }
        : { status: '200 OK' };
    const made = await startStation(station());
    await made.is('registered');
    expect(pbx.requests.all.some(({ text }) => text.includes('expires=7200'))).toBe(true);
  });

  it('says within seconds that nobody answers, and registers when somebody does', async () => {
    const made = await startStation(station());
    const before = Date.now();
    const failed = await made.is('register-failed');
    expect(failed.reason).toMatchObject({ code: 'pbx-unreachable', params: { port: pbxPort } });
    // Long before timer F (32 s); registration.test.ts has it to the millisecond.
    expect(Date.now() - before).toBeLessThan(15_000);
    const pbx = await openPbx();
    pbx.automatic = () => ({ status: '200 OK' });
    expect(await made.is('registered')).toMatchObject({ fresh: true });
  });

  it('says that the PBX has no such address', async () => {
    const made = await startStation({ ...station(), pbx: { address: 'pbx.invalid', port: pbxPort } });
    expect((await made.is('register-failed')).reason.code).toBe('pbx-address-unknown');
  });

  it('takes the next free port when the wanted one is taken, and leaves the others theirs', async () => {
    const pbx = await openPbx();
    pbx.automatic = () => ({ status: '200 OK' });
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(ports.primary, host, resolve));
    closing({ close: () => new Promise<void>((resolve) => other.close(() => resolve())) });
    const made = await startStation(station());
    const bound = made.events.all.filter(({ type }) => type === 'bound');
    expect(bound).toEqual([
      { type: 'bound', extension: 1, port: 21_012, wanted: ports.primary },
      { type: 'bound', extension: 2, port: ports.shared, wanted: ports.shared },
    ]);
    const request = await pbx.requests.next(({ port }) => port === 21_012);
    expect(field(request.text, 'Contact')).toContain('sip:5031@127.0.0.1:21012');
    expect(isMethod('REGISTER')(request)).toBe(true);
  });
});
