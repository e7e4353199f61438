import { describe, expect, it } from 'vitest';
import { partOf } from '../../../electron/sip/message/multipart.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n';
const isup = [
  'Content-Type: application/isup;version=itu-t92+',
  'Content-Disposition: signal;handling=optional',
  '',
  '\u0001\u0000I',
];
const session = ['content-type:application/SDP', '', sdp];
const mixed = (boundary: string, ...parts: readonly string[][]): string =>
  [...parts.flatMap((part) => [`--${boundary}`, ...part]), `--${boundary}--`, ''].join('\r\n');
const read = (type: string, body: string): string | undefined =>
  partOf(type, Buffer.from(body, 'latin1'), 'application/sdp')?.toString('latin1');

describe('a body of several parts', () => {
  it.each([
    ['first', 'multipart/mixed;boundary=b1', mixed('b1', session, isup)],
    ['last', 'Multipart/Mixed; boundary="b1"', mixed('b1', isup, session)],
    ['after words to nobody', 'multipart/mixed;boundary=b1', `see below\r\n${mixed('b1', session)}`],
    [
      'among others within one of them',
      'multipart/mixed;boundary=b1',
      mixed('b1', isup, ['Content-Type: multipart/alternative;boundary=b2', '', mixed('b2', session)]),
    ],
    ['without an end', 'multipart/mixed;boundary=b1', `--b1\r\n${session.join('\r\n')}\r\n--b1`],
  ])('has the SDP %s', (_where, type, body) => {
    expect(read(type, body)).toBe(sdp);
  });

  it('may have line ends of LF alone', () => {
    expect(read('multipart/mixed;boundary=b1', mixed('b1', session).replaceAll('\r\n', '\n'))).toBe(
      sdp.replaceAll('\r\n', '\n'),
    );
  });

  it.each([
    ['none of it', 'multipart/mixed;boundary=b1', mixed('b1', isup)],
    ['no boundary', 'multipart/mixed', mixed('b1', session)],
    ['another boundary', 'multipart/mixed;boundary=b2', mixed('b1', session)],
    [
      'a part without an end of its headers',
      'multipart/mixed;boundary=b1',
      '--b1\r\nContent-Type: application/sdp',
    ],
    ['nothing at all', 'multipart/mixed;boundary=b1', ''],
    ['one part only', 'application/sdp;boundary=b1', mixed('b1', session)],
  ])('has %s', (_what, type, body) => {
    expect(read(type, body)).toBeUndefined();
  });
});
