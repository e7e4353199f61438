import { describe, expect, it } from 'vitest';
import { SipTrace, withoutCredentials } from '../../../electron/sip/trace/trace.ts';
import type { Traced } from '../../../electron/sip/transactions/retransmission.ts';

const traced = (text: string, extra: Partial<Traced> = {}): Traced => ({
  direction: 'out',
  at: 1_700_000_000_000,
  local: { address: '192.0.2.4', port: 5060 },
  peer: { address: '192.0.2.1', port: 6060 },
  datagram: Buffer.from(text, 'latin1'),
  ...extra,
});
const without = (text: string): string => withoutCredentials(Buffer.from(text, 'latin1')).toString('latin1');

describe('what is kept of a message', () => {
  it.each([
    [
      'Authorization',
      'A: b\r\nAuthorization: Digest secret\r\nC: d',
      'A: b\r\nAuthorization: (removed)\r\nC: d',
    ],
    [
      'any case and blanks',
      'A: b\nPROXY-authorization \t:secret\nC: d',
      'A: b\nPROXY-authorization \t: (removed)\nC: d',
    ],
    [
      'folded lines',
      'Authorization: Digest\r\n secret,\r\n\tsecret\r\nC: d',
      'Authorization: (removed)\r\nC: d',
    ],
    ['rspauth', 'Authentication-Info: rspauth="secret"\r\n', 'Authentication-Info: (removed)\r\n'],
    ['a password in a URI', '<sip:5031:secret@pbx:6060;lr>', '<sip:5031:(removed)@pbx:6060;lr>'],
    [
      'a password in each of several URIs',
      'INVITE SIP:a:b@h SIP/2.0\r\nTo: "@" sips:c:d@h\r\n',
      'INVITE SIP:a:(removed)@h SIP/2.0\r\nTo: "@" sips:c:(removed)@h\r\n',
    ],
    [
      'an SDES key',
      'a=crypto:1 AES_CM_128 inline:secret|2^20\r\nx',
      'a=crypto:1 AES_CM_128 inline:(removed)\r\nx',
    ],
  ])('lacks the secrets: %s', (_name, text, kept) => {
    expect(without(text)).toBe(kept);
  });

  it.each([
    'OPTIONS sip:5031@192.0.2.4:5060 SIP/2.0\r\nVia: SIP/2.0/UDP h:1\r\nTo: <sip:h:5060>;x=@\r\n\r\n',
    'WWW-Authenticate: Digest realm="pbx", nonce="1"\r\n',
    '\xff\x00\x80',
  ])('is otherwise what was sent: %j', (text) => {
    expect(without(text)).toBe(text);
  });
});

describe('60 kB made to keep the search busy', () => {
  // In time that grows with the square of its length, one of these takes a second and the test minutes.
  it.each(['sip:', 'sip:a:', 'sip:a;', '\nauthorization ', '\na=crypto:1 '])('of %j cost little', (part) => {
    const text = part.repeat(60_000 / part.length);
    for (let times = 0; times < 200; times += 1) expect(without(text)).toHaveLength(text.length);
  });
});

describe('the ring', () => {
  it('forgets the oldest above so many messages or bytes', () => {
    const trace = new SipTrace({ messages: 3, bytes: 100 });
    for (const text of ['one', 'two', 'three', 'four']) trace.record(traced(text), 1);
    expect(trace.messages.map(({ datagram }) => datagram.toString())).toEqual(['two', 'three', 'four']);
    trace.record(traced('x'.repeat(95)), 1);
    expect([trace.messages.length, trace.bytes]).toEqual([2, 99]);
    trace.record(traced('x'.repeat(101)), 1);
    expect([trace.messages.length, trace.bytes]).toEqual([0, 0]);
  });

  it('writes blocks that follow one another to the end of the file', () => {
    const trace = new SipTrace();
    trace.record(traced('odd'), 1);
    trace.record(
      traced('ipv6', {
        local: { address: '2001:db8::1', port: 1 },
        peer: { address: '::ffff:192.0.2.9', port: 2 },
      }),
      1,
    );
    const file = trace.toPcapng();
    const types: number[] = [];
    for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
      types.push(file.readUInt32LE(at));
      expect(file.readUInt32LE(at + file.readUInt32LE(at + 4) - 4)).toBe(file.readUInt32LE(at + 4));
    }
    expect(types).toEqual([0x0a0d0d0a, 1, 6, 6]);
  });
});

describe('what is read of the ring', () => {
  const read = (trace: SipTrace, after: number, limit = 10): [number, string][] =>
    trace.read({ after, limit }).map(({ sequence, text }) => [sequence, text]);

  it('is what came after a message, oldest first, with all that a view shows', () => {
    const trace = new SipTrace();
    trace.record(traced('one'), 1);
    trace.record(traced('two', { direction: 'in' }), 2);
    expect(trace.read({ after: 1, limit: 10 })).toEqual([
      {
        sequence: 2,
        time: '2023-11-14T22:13:20.000Z',
        direction: 'in',
        extension: 2,
        local: { address: '192.0.2.4', port: 5060 },
        remote: { address: '192.0.2.1', port: 6060 },
        transport: 'udp',
        text: 'two',
      },
    ]);
    expect(read(trace, 2)).toEqual([]);
  });

  it('goes on where it stopped, and shows by a gap what is forgotten', () => {
    const trace = new SipTrace({ messages: 3, bytes: 1_000 });
    for (const text of ['a', 'b', 'c', 'd', 'e']) trace.record(traced(text), 1);
    expect(read(trace, 0, 2)).toEqual([
      [3, 'c'],
      [4, 'd'],
    ]);
    expect(read(trace, 4, 2)).toEqual([[5, 'e']]);
  });

  it('has a limit in bytes, but is never nothing while there is something', () => {
    const trace = new SipTrace();
    for (let count = 0; count < 30; count += 1) trace.record(traced('x'.repeat(60_000)), 1);
    const first = read(trace, 0, 30);
    expect(first.length).toBe(8);
    const longest = new SipTrace();
    longest.record(traced('x'.repeat(600_000)), 1);
    expect(read(longest, 0)).toHaveLength(1);
  });

  it('has no credentials', () => {
    const trace = new SipTrace();
    trace.record(traced('REGISTER sip:h SIP/2.0\r\nAuthorization: Digest response="secret"\r\n\r\n'), 1);
    expect(read(trace, 0)[0]?.[1]).toBe('REGISTER sip:h SIP/2.0\r\nAuthorization: (removed)\r\n\r\n');
  });
});
