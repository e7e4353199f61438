import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { Bindings } from '../../../electron/practice-pbx/bindings.ts';
import { Digest } from '../../../electron/practice-pbx/digest.ts';
import { type RegistrarOptions, register } from '../../../electron/practice-pbx/registrar.ts';
import { header, headerValues, readMessage, type SipMessage } from '../../../electron/sip/message/message.ts';

const passwords = new Map([
  ['5031', 'pw5031'],
  ['5041', 'pw5041'],
]);
const passwordOf = (user: string): string | null => passwords.get(user) ?? null;
const source = { address: '127.0.0.1', port: 5061 };

let now = 0;
let options: RegistrarOptions;
beforeEach(() => {
  now = 1_700_000_000_000;
  options = {
    bindings: new Bindings(() => now),
    knows: (user) => passwords.has(user),
    digest: null,
    now: () => now,
    minExpires: 30,
    maxExpires: 3600,
    newTag: () => 'tag',
  };
});

/** The captured third-party REGISTER with other values where the test needs them. */
function request(over: Record<string, string> = {}): SipMessage {
  const headers: Record<string, string> = {
    Via: 'SIP/2.0/UDP 192.168.0.4:5061;branch=z9hG4bK-25c8108c',
    From: '"User-A" <sip:5031@192.168.0.1:6060>;tag=3c43d094a9424bo1',
    To: '"User-A" <sip:5041@192.168.0.1:6060>',
    'Call-ID': '26c913d8-485f71e3@192.168.0.4',
    CSeq: '1 REGISTER',
    Contact: '"User-A" <sip:5041@192.168.0.4:5061>;expires=3600',
    'P-Station-Name': '000e08daf417',
    ...over,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === '' ? [] : [`${name}: ${value}`],
  );
  const result = readMessage(
    Buffer.from(`REGISTER sip:192.168.0.1:6060 SIP/2.0\r\n${lines.join('\r\n')}\r\n\r\n`),
  );
  if (!result.ok) throw new Error(result.problem);
  return result.message;
}
const send = (over: Record<string, string> = {}) => register(request(over), source, options);

describe('the registrar', () => {
  it('binds a third-party registration to the extension of To and keeps the station behind it', () => {
    const { response, added } = send();
    expect(response.status).toBe(200);
    expect(header(response, 'Contact')).toBe('<sip:5041@192.168.0.4:5061>;expires=3600');
    expect(added).toMatchObject([
      {
        extension: '5041',
        registrant: '5031',
        stationName: '000e08daf417',
        target: { address: '192.168.0.4', port: 5061 },
        source,
      },
    ]);
  });

  it('lists the contacts of all sharers, so that each must find its own', () => {
    send({
      From: '"Bob" <sip:5041@192.168.0.1:6060>;tag=b',
      Contact: '<sip:5041@192.168.0.6:5060>',
      Expires: '600',
      'Call-ID': 'bob',
    });
    now += 100_000;
    expect(headerValues(send().response, 'Contact')).toEqual([
      '<sip:5041@192.168.0.6:5060>;expires=500',
      '<sip:5041@192.168.0.4:5061>;expires=3600',
    ]);
  });

  it('answers a query without a Contact with the list and changes nothing', () => {
    send();
    const { response, added, removed } = send({ CSeq: '2 REGISTER', Contact: '' });
    expect(headerValues(response, 'Contact')).toHaveLength(1);
    expect([added, removed]).toEqual([[], []]);
  });

  it('takes a refresh for the same binding', () => {
    send();
    now += 3_000_000;
    expect(send({ CSeq: '2 REGISTER' }).added).toEqual([]);
    now += 3_000_000;
    expect(options.bindings.of('5041')).toHaveLength(1);
  });

  it('unregisters with expires=0, and tells what went', () => {
    send();
    const { response, removed } = send({
      CSeq: '2 REGISTER',
      Contact: '<sip:5041@192.168.0.4:5061>;expires=0',
    });
    expect(response.status).toBe(200);
    expect(headerValues(response, 'Contact')).toEqual([]);
    expect(removed).toMatchObject([{ registrant: '5031' }]);
  });

  it('takes only a station’s own contacts away for `*`', () => {
    send();
    send({ From: '<sip:5041@192.168.0.1>;tag=b', Contact: '<sip:5041@192.168.0.6:5060>', 'Call-ID': 'bob' });
    send({ CSeq: '2 REGISTER', Contact: '*', Expires: '0' });
    expect(options.bindings.of('5041').map((it) => it.registrant)).toEqual(['5041']);
  });

  it.each([
    ['an unknown extension', { To: '<sip:5099@192.168.0.1>' }, 404],
    ['an unknown station', { From: '<sip:9999@192.168.0.1>;tag=x' }, 404],
    ['no user to register', { To: '<sip:192.168.0.1>' }, 400],
    ['an unreadable Contact', { Contact: '<mailto:5041>' }, 400],
    ['`*` that does not unregister', { Contact: '*' }, 400],
    ['an interval too brief', { Contact: '<sip:5041@192.168.0.4:5061>;expires=29' }, 423],
  ])('refuses %s', (_what, over, status) => {
    expect(send(over).response.status).toBe(status);
    expect(options.bindings.all()).toEqual([]);
  });

  it('says how brief is too brief', () => {
    expect(header(send({ Contact: '', Expires: '1' }).response, 'Min-Expires')).toBeUndefined();
    expect(header(send({ Expires: '1', Contact: '<sip:5041@192.168.0.4>' }).response, 'Min-Expires')).toBe(
      '30',
    );
  });

  it('does not let an overtaken REGISTER win', () => {
    send({ CSeq: '8 REGISTER' });
    expect(
      send({ CSeq: '7 REGISTER', Contact: '<sip:5041@192.168.0.4:5061>;expires=0' }).response.status,
    ).toBe(500);
    expect(options.bindings.of('5041')).toHaveLength(1);
  });

  it('reaches a station that names its host by where it registered from', () => {
    const [binding] = send({ Contact: '<sip:5041@phone.example:5061>' }).added;
    expect(binding?.target).toEqual(source);
  });
});

describe('digest', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const field = (challenge: string, name: string): string =>
    new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';

  function authorization(response: SipMessage, user: string, password: string, qop = true): string {
    const challenge = header(response, 'WWW-Authenticate') ?? '';
    const [realm, nonce, uri] = [
      field(challenge, 'realm'),
      field(challenge, 'nonce'),
      'sip:192.168.0.1:6060',
    ];
    const middle = qop ? `${nonce}:00000001:cafe:auth` : nonce;
    const answer = md5(`${md5(`${user}:${realm}:${password}`)}:${middle}:${md5(`REGISTER:${uri}`)}`);
    const rest = qop ? ', qop=auth, nc=00000001, cnonce="cafe"' : '';
    return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${answer}"${rest}`;
  }

  beforeEach(() => {
    options = { ...options, digest: new Digest('practice', passwordOf, () => now) };
  });

  it.each([true, false])('lets the right password in (qop: %s)', (qop) => {
    const challenged = send().response;
    expect(challenged.status).toBe(401);
    const accepted = send({
      CSeq: '2 REGISTER',
      Authorization: authorization(challenged, '5031', 'pw5031', qop),
    });
    expect(accepted.response.status).toBe(200);
  });

  it('challenges a wrong password again, without calling it stale', () => {
    const again = send({ Authorization: authorization(send().response, '5031', 'wrong') }).response;
    expect(again.status).toBe(401);
    expect(header(again, 'WWW-Authenticate')).not.toContain('stale');
  });

  it('calls an old nonce stale', () => {
    const old = authorization(send().response, '5031', 'pw5031');
    now += 300_000;
    expect(header(send({ Authorization: old }).response, 'WWW-Authenticate')).toContain('stale=true');
  });

  it('does not take a nonce that it never gave', () => {
    const foreign = new Digest('practice', passwordOf, () => now);
    const own = options;
    options = { ...options, digest: foreign };
    const challenged = send().response;
    options = own;
    expect(send({ Authorization: authorization(challenged, '5031', 'pw5031') }).response.status).toBe(401);
  });

  it('wants the station itself: the user of From, also for a shared extension', () => {
    const challenged = send().response;
    expect(send({ Authorization: authorization(challenged, '5041', 'pw5041') }).response.status).toBe(401);
  });

  it.each(['Basic abc', 'Digest', 'Digest username="5031"', 'Digest ,=,"'])('survives %o', (value) => {
    expect(send({ Authorization: value }).response.status).toBe(401);
  });
});
