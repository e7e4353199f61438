import { describe, expect, it } from 'vitest';
import {
  createResponse,
  header,
  headerValues,
  readMessage,
  type SipMessage,
  writeMessage,
} from '../../../electron/sip/message/message.ts';
import {
  readNameAddr,
  readSeconds,
  readSipUri,
  readVia,
  splitList,
  writeNameAddr,
  writeSipUri,
  writeVia,
} from '../../../electron/sip/message/message-fields.ts';
import { responseAddress } from '../../../electron/sip/transactions/server-transactions.ts';
import { inspect, withSource } from '../../../electron/sip/transport/ingress-guard.ts';
import { capture } from './captures.ts';

const lines = (...text: string[]): Buffer => Buffer.from(`${text.join('\r\n')}\r\n\r\n`);
const minimal = [
  'OPTIONS sip:5041@192.0.2.4:5061 SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1:6060;branch=z9hG4bK-1',
  'From: <sip:a@b>;tag=1',
  'To: <sip:c@d>',
  'Call-ID: x@y',
  'CSeq: 1 OPTIONS',
];
const but = (from: RegExp, ...to: string[]): Buffer =>
  lines(...minimal.flatMap((line) => (from.test(line) ? to : [line])));

const read = (datagram: Buffer): SipMessage => {
  const result = readMessage(datagram);
  if (!result.ok) throw new Error(result.problem);
  return result.message;
};

describe('reading messages', () => {
  it.each([
    'spa9000-01-register-primary',
    'spa9000-02-register-third-party-shared',
    'spa9000-03-notify-full-station-to-sa',
    'spa9000-06-202-seize-granted',
  ])('reads and writes %s byte for byte', (name) => {
    const datagram = Buffer.from(`${capture(name).toString().trimEnd()}`);
    const whole = name.includes('notify') ? datagram : Buffer.concat([datagram, Buffer.from('\r\n\r\n')]);
    expect(writeMessage(read(whole)).toString()).toBe(whole.toString());
  });

  it.each([
    ['spa9000-04-notify-full-pbx-to-station.partial', 'NOTIFY'],
    ['spa9000-10-mwi-notify-itsp-to-spa9000', 'NOTIFY'],
    ['spa941-5.1.8-bye', 'BYE'],
    ['spa942-6.1.5-notify-x-spa-cti-idle', 'NOTIFY'],
  ])('reads %s', (name, method) => {
    // The print lost line ends here and there, and with them the count of the body.
    const text = capture(name)
      .toString()
      .replace(/Content-Length: \d+\r\n/, '');
    expect(read(Buffer.from(`${text}\r\n\r\n`)).method).toBe(method);
  });

  it('reads a response: status, phrase, method of its CSeq', () => {
    const text = `${capture('spa9000-06-202-seize-granted').toString().trimEnd()}\r\n\r\n`;
    expect(read(Buffer.from(text))).toMatchObject({
      kind: 'response',
      status: 202,
      phrase: 'Accepted',
      method: 'NOTIFY',
    });
  });

  it('takes compact names, folded lines, LF line ends and leading line ends', () => {
    const message = read(
      Buffer.from(
        '\r\n\nNOTIFY sip:a@b SIP/2.0\nv: SIP/2.0/UDP h;branch=z9hG4bK-2,\n SIP/2.0/UDP i\nf: "X, Y" <sip:a@b>;\n\ttag=1\nt: <sip:c@d>\ni: 1\nCSEQ: 7  NOTIFY\no: dialog\nl: 2\n\nab trailing',
      ),
    );
    expect(header(message, 'event')).toBe('dialog');
    expect(header(message, 'from')).toBe('"X, Y" <sip:a@b>; tag=1');
    expect(headerValues(message, 'v')).toEqual(['SIP/2.0/UDP h;branch=z9hG4bK-2', 'SIP/2.0/UDP i']);
    expect(message.body.toString()).toBe('ab');
  });

  it('counts Content-Length in bytes', () => {
    const body = 'größer';
    const datagram = Buffer.from(`${minimal.join('\r\n')}\r\nContent-Length: 8\r\n\r\n${body}`);
    expect(read(datagram).body.toString()).toBe(body);
  });

  it('keeps a Latin-1 display name', () => {
    const datagram = Buffer.from(
      lines(...minimal)
        .toString()
        .replace('<sip:a@b>', '"Zoë" <sip:a@b>'),
      'latin1',
    );
    expect(header(read(datagram), 'From')).toBe('"Zoë" <sip:a@b>;tag=1');
  });

  it.each([
    ['a missing From', but(/^From/), 400],
    ['two To', but(/^To/, 'To: <sip:c@d>', 't: <sip:e@f>'), 400],
    ['CSeq of another method', but(/^CSeq/, 'CSeq: 1 INVITE'), 400],
    ['CSeq too large', but(/^CSeq/, 'CSeq: 2147483648 OPTIONS'), 400],
    ['CSeq without number', but(/^CSeq/, 'CSeq: OPTIONS'), 400],
    ['CSeq with a no-break space', but(/^CSeq/, 'CSeq: 1\u00a0OPTIONS'), 400],
    ['no CSeq', but(/^CSeq/), 400],
    ['no Via', but(/^Via/), null],
    ['a bad Via', but(/^Via/, 'Via: nonsense'), null],
    ['a Via of another version', but(/^Via/, 'Via: SIP/3.0/UDP 192.0.2.1:6060'), 400],
    ['a bad second Via', but(/^Via/, `${minimal[1]}`, 'Via: UDP/SIP/2.0'), 400],
    ['another version', but(/^OPTIONS/, 'OPTIONS sip:a@b SIP/7.0'), 505],
    ['blanks in the request line', but(/^OPTIONS/, 'OPTIONS  sip:a@b SIP/2.0'), 400],
    ['a request line without end', but(/^OPTIONS/, 'OPTIONS'), 400],
    ['Content-Length beyond the datagram', but(/^Call-ID/, 'Call-ID: 1', 'Content-Length: 5'), 400],
    ['negative Content-Length', but(/^Call-ID/, 'Call-ID: 1', 'Content-Length: -1'), 400],
    ['two Content-Length', but(/^Call-ID/, 'Call-ID: 1', 'l: 0', 'Content-Length: 0'), 400],
    ['headers of 16 kB', but(/^Call-ID/, `Call-ID: ${'x'.repeat(17_000)}`), 513],
    ['129 headers', but(/^Call-ID/, 'Call-ID: 1', ...Array.from({ length: 124 }, () => 'X: y')), 513],
    ['a line without colon', but(/^Call-ID/, 'Call-ID: 1', 'nonsense'), 400],
    ['no empty line', Buffer.from(minimal.join('\r\n')), 400],
    ['a keep-alive', Buffer.from('\r\n\r\n'), null],
    ['a NUL', Buffer.from('\0'), null],
    ['nothing', Buffer.alloc(0), null],
    ['RTP', Buffer.from([0x80, 0, 1, 2, 0, 0, 0, 0xff, 0xfe, 0x0a, 0x0d, 0x0a]), null],
    ['a response with a bad status', but(/^OPTIONS/, 'SIP/2.0 4294967301 No'), null],
    ['a response with a bad CSeq', but(/^(OPTIONS|CSeq)/, 'SIP/2.0 200 OK'), null],
  ])('refuses %s', (_name, datagram, status) => {
    const result = readMessage(datagram);
    expect(result).toMatchObject({ ok: false, status });
  });

  it('does not answer a malformed ACK', () => {
    const ack = lines(
      ...minimal.map((line) => line.replace('OPTIONS', 'ACK').replace('<sip:c@d>', '')),
      'To: x',
    );
    expect(readMessage(ack)).toMatchObject({ ok: false, status: null });
  });

  it('never throws, whatever bytes a datagram holds', () => {
    const seed = lines(...minimal);
    let state = 42;
    const next = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state % below;
    };
    let accepted = 0;
    for (let round = 0; round < 3_000; round += 1) {
      const mutated = Buffer.from(seed);
      for (let count = next(4); count >= 0; count -= 1) mutated[next(mutated.length)] = next(256);
      const verdict = inspect(mutated, { address: '192.0.2.9', port: 9 }, () => 't');
      if (verdict.kind === 'message') accepted += 1;
    }
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(3_000);
  });
});

describe('writing messages', () => {
  it('puts Content-Length right where it stands', () => {
    const message = read(capture('spa9000-03-notify-full-station-to-sa'));
    const written = writeMessage({ ...message, body: Buffer.from('é') }).toString();
    expect(written).toContain('Event: dialog\r\nContent-Length: 2\r\nContent-Type');
  });

  it('answers with Via, From, To and its tag, Call-ID, CSeq', () => {
    const response = createResponse(read(lines(...minimal)), 200, 'OK', { toTag: 'abc' });
    expect(writeMessage(response).toString()).toBe(
      lines(
        'SIP/2.0 200 OK',
        ...minimal.slice(1, 3),
        'To: <sip:c@d>;tag=abc',
        ...minimal.slice(4),
        'Content-Length: 0',
      ).toString(),
    );
  });
});

describe('the fields of a message', () => {
  it('splits lists outside quotes and brackets', () => {
    expect(splitList('"a,\\",b" <sip:x,y@z>;p="1,2", <sip:q>,')).toEqual([
      '"a,\\",b" <sip:x,y@z>;p="1,2"',
      '<sip:q>',
    ]);
  });

  it('reads and writes a Via', () => {
    const via = readVia('SIP / 2.0 / udp  [2001:db8::9]:5061 ;branch=z9hG4bK-1;rport;received=192.0.2.1');
    expect(via).toMatchObject({ transport: 'UDP', host: '2001:db8::9', port: 5061 });
    expect(via && writeVia(via)).toBe(
      'SIP/2.0/UDP [2001:db8::9]:5061;branch=z9hG4bK-1;rport;received=192.0.2.1',
    );
    for (const wrong of ['', 'SIP/2.0/UDP', 'SIP/3/UDP a', 'SIP/2.0/UDP a:99999', 'SIP/2.0/UDP a b'])
      expect(readVia(wrong)).toBeNull();
  });

  it('reads name-addr', () => {
    expect(readNameAddr('"A \\"q\\" <x>" <sip:5031@h;lr>;tag=7')).toMatchObject({
      display: 'A "q" <x>',
      uri: 'sip:5031@h;lr',
    });
    expect(readNameAddr('PBX Line 1 <sip:3@h>;tag=7')).toMatchObject({
      display: 'PBX Line 1',
      uri: 'sip:3@h',
    });
    expect(readNameAddr('sip:3@h;tag=7')?.params.get('tag')).toBe('7');
    expect(readNameAddr('"A" <sip:3@h')).toBeNull();
    expect(writeNameAddr('a"\r\nb', 'sip:x')).toBe('"a\\" b" <sip:x>');
  });

  it('reads seconds, of which no more than a week count: a timer holds no month', () => {
    expect(['3600', '60;x', '', 'soon', null].map(readSeconds)).toEqual([3_600, 60, null, null, null]);
    expect(['4294967295', '9'.repeat(400)].map(readSeconds)).toEqual([604_800, 604_800]);
  });

  it('reads and writes SIP URIs', () => {
    expect(readSipUri('sip:%2B49:secret@[::1]:5060;transport=udp?h=v')).toMatchObject({
      user: '+49',
      host: '::1',
      port: 5060,
    });
    expect(readSipUri('SIP:192.0.2.1:6060')).toMatchObject({ user: null, host: '192.0.2.1', port: 6060 });
    expect(readSipUri('sip:%E9@h')?.user).toBe('%E9');
    expect(readSipUri('tel:+49')).toBeNull();
    expect(writeSipUri('0616*004', 'h', 6060)).toBe('sip:0616*004@h:6060');
    expect(writeSipUri('a#b', 'h', null)).toBe('sip:a%23b@h');
  });
});

describe('a head that is too large', () => {
  const filler = (bytes: number): string => `X: ${'a'.repeat(bytes)}`;

  it('is answered with what stands within the limit, nothing cut in two', () => {
    const result = readMessage(lines(...minimal, filler(16_000), `Contact: <sip:${'a'.repeat(600)}@h>`));
    if (result.ok || !result.request) throw new Error('taken');
    expect(result.status).toBe(513);
    expect(header(result.request, 'Call-ID')).toBe(header(read(lines(...minimal)), 'Call-ID'));
    expect(header(result.request, 'Contact')).toBeUndefined();
  });

  it('is read to its end when it is not', () => {
    expect(header(read(lines(...minimal, filler(15_000), 'Contact: <sip:a@h>')), 'Contact')).toBe(
      '<sip:a@h>',
    );
  });
});

describe('where a response goes', () => {
  const from = { address: '192.0.2.7', port: 777 };
  const via = (value: string): SipMessage => read(but(/^Via/, `Via: ${value}`, 'Via: SIP/2.0/UDP second'));
  const place = (value: string): unknown =>
    responseAddress(createResponse(withSource(via(value), from), 200, 'OK'));

  it('follows received and rport (RFC 3581), else the sent-by port', () => {
    expect(place('SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK-1')).toEqual({
      address: '192.0.2.7',
      port: 5060,
    });
    expect(place('SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK-1')).toEqual({ address: '192.0.2.7', port: 5062 });
    expect(place('SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK-1;rport')).toEqual(from);
    expect(place('SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-1')).toEqual({ address: '192.0.2.7', port: 5060 });
  });

  it.each(['192.0.2.7', '10.0.0.1'])('does not follow a received that the sender of %s made up', (sentBy) => {
    expect(place(`SIP/2.0/UDP ${sentBy}:5062;branch=z9hG4bK-1;received=198.51.100.6`)).toEqual({
      address: '192.0.2.7',
      port: 5062,
    });
  });

  it('is told a Via a header', () => {
    const both = 'SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK-1, SIP/2.0/UDP b;branch=z9hG4bK-2';
    const { headers } = withSource(via(both), from);
    const vias = headers.flatMap(({ name, value }) => (name === 'Via' ? [value] : []));
    expect(vias.map((value) => readVia(value)?.host)).toEqual(['192.0.2.7', 'b', 'second']);
  });

  it('answers 400 to what is no URI', () => {
    const angled = but(/^OPTIONS/, 'OPTIONS <sip:a@b> SIP/2.0');
    expect(inspect(angled, from, () => 't')).toMatchObject({ kind: 'answer', response: { status: 400 } });
  });

  it('answers 400 to a body without Content-Type, and takes line ends for none', () => {
    const withBody = (body: string) => Buffer.concat([lines(...minimal), Buffer.from(body)]);
    expect(inspect(withBody('v=0'), from, () => 't')).toMatchObject({ response: { status: 400 } });
    const blank = inspect(withBody('\r\n'), from, () => 't');
    expect(blank.kind === 'message' && blank.message.body.length).toBe(0);
  });

  it('answers 420 to a required extension, and tells which', () => {
    const required = but(/^Call-ID/, 'Call-ID: 1', 'Require: one, two', 'Require: three');
    const verdict = inspect(required, from, () => 't');
    if (verdict.kind !== 'answer') throw new Error(verdict.kind);
    expect(verdict.response.status).toBe(420);
    expect(header(verdict.response, 'Unsupported')).toBe('one, two, three');
    const cancel = minimal.map((line) => line.replace('OPTIONS', 'CANCEL'));
    expect(inspect(lines(...cancel, 'Require: one'), from, () => 't').kind).toBe('message');
  });

  it('answers 505 to another version, to the Via as it came', () => {
    const later = minimal.map((line) => line.replace('SIP/2.0', 'SIP/7.0'));
    const verdict = inspect(lines(...later), from, () => 't');
    if (verdict.kind !== 'answer') throw new Error(verdict.kind);
    expect(verdict.response.status).toBe(505);
    expect(header(verdict.response, 'Via')).toMatch(/^SIP\/7\.0\/UDP 192\.0\.2\.1:6060;/);
  });

  it('answers 416 to a scheme that is not SIP, and nothing to its ACK', () => {
    const unknown = but(/^OPTIONS/, 'OPTIONS tel:+49 SIP/2.0');
    expect(inspect(unknown, from, () => 't')).toMatchObject({ kind: 'answer', response: { status: 416 } });
    const ack = minimal.map((line) => line.replace('OPTIONS', 'ACK').replace('sip:5041', 'tel:5041'));
    expect(inspect(lines(...ack), from, () => 't').kind).toBe('drop');
  });
});
