import { describe, expect, it } from 'vitest';
import { readMessage, type SipMessage } from '../../../electron/sip/message/message.ts';
import {
  answerChallenge,
  type Challenge,
  DigestSession,
  findChallenge,
  readChallenge,
} from '../../../electron/sip/pbx/digest.ts';

const read = (text: string): Challenge => {
  const challenge = readChallenge(text);
  if (!challenge) throw new Error('not read');
  return challenge;
};
const responseOf = (value: string): string => /response="([^"]*)"/.exec(value)?.[1] ?? '';

describe('digest', () => {
  it('gives the answer of RFC 2617, 3.5', () => {
    const challenge = read(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    );
    const value = answerChallenge(
      challenge,
      { user: 'Mufasa', password: 'Circle Of Life' },
      { method: 'GET', uri: '/dir/index.html', count: 1, cnonce: '0a4f113b' },
    );
    expect(responseOf(value)).toBe('6629fae49393a05397450978507c4ef1');
    expect(value).toContain('qop=auth, ');
    expect(value).toContain('nc=00000001');
    expect(value).toContain('opaque="5ccc069c403ebaf9f0171e9517f40e41"');
  });

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('gives the answer of RFC 7616, 3.9.1 with %s', (algorithm, response) => {
    const challenge = read(
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
    );
    const value = answerChallenge(
      challenge,
      { user: 'Mufasa', password: 'Circle of Life' },
      {
        method: 'GET',
        uri: '/dir/index.html',
        count: 1,
        cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      },
    );
    expect(responseOf(value)).toBe(response);
  });

  it('answers without qop as RFC 2069 does', () => {
    const value = answerChallenge(
      read('Digest realm="r", nonce="n"'),
      { user: 'u', password: 'p' },
      { method: 'REGISTER', uri: 'sip:h', count: 1, cnonce: 'c' },
    );
    expect(value).not.toContain('nc=');
    expect(responseOf(value)).toMatch(/^[0-9a-f]{32}$/);
  });

  it('reads quotes, escapes, blanks and stale as servers write them', () => {
    expect(read('digest  REALM = "a \\"b\\", c" ,nonce="x=,y", STALE=TRUE,qop=auth')).toEqual({
      realm: 'a "b", c',
      nonce: 'x=,y',
      opaque: null,
      algorithm: 'MD5',
      qop: true,
      stale: true,
    });
  });

  it.each([
    'Basic realm="x"',
    'Digest nonce="n"',
    'Digest realm="r", nonce="n", algorithm=SHA-512-256',
    'Digest realm="r", nonce="n", qop="auth-int"',
    '',
  ])('cannot answer %s', (value) => expect(readChallenge(value)).toBeNull());

  it('takes the first challenge it knows how to answer', () => {
    const result = readMessage(
      Buffer.from(
        [
          'SIP/2.0 401 Unauthorized',
          'Via: SIP/2.0/UDP h;branch=z9hG4bK-1',
          'From: <sip:a@b>',
          'To: <sip:a@b>',
          'Call-ID: 1',
          'CSeq: 1 REGISTER',
          'WWW-Authenticate: Digest realm="r", nonce="1", algorithm=SHA-512-256',
          'WWW-Authenticate: Digest realm="r", nonce="2", algorithm=SHA-256',
          'WWW-Authenticate: Digest realm="r", nonce="3", algorithm=MD5',
          '',
          '',
        ].join('\r\n'),
      ),
    );
    const message = result.ok ? result.message : ({} as SipMessage);
    expect(findChallenge(message)?.nonce).toBe('2');
  });

  it('counts the uses of a nonce', () => {
    const session = new DigestSession({ user: 'u', password: 'p' }, () => 'c');
    const challenge = (nonce: string): Challenge => read(`Digest realm="r", nonce="${nonce}", qop="auth"`);
    const counts = ['1', '1', '2', '2', '1'].map(
      (nonce) => /nc=(\d+)/.exec(session.answer(challenge(nonce), 'REGISTER', 'sip:h'))?.[1],
    );
    expect(counts).toEqual(['00000001', '00000002', '00000001', '00000002', '00000003']);
  });
});
