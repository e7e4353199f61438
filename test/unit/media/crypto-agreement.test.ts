import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SrtpPolicy } from '../../../electron/media/srtp/crypto-attribute.ts';
import { NegotiationError } from '../../../electron/phone/negotiation.ts';
import { local, paperMedia, sdp } from './paper-media.ts';

const onPaper = (srtp: SrtpPolicy) => paperMedia(['PCMU', 'PCMA'], { srtp });

const [key80, key32] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];
const newKey = () => randomBytes(30).toString('base64');
const theirs = newKey();

const audio = (protocol: string, ...crypto: string[]) => sdp(`m=audio 4000 ${protocol} 0`, ...crypto);
const cryptoOf = (description: string) => description.match(/^a=crypto:.*(?=\r)/gm) ?? [];
const protocolOf = (description: string) => /^m=audio \d+ (\S+)/m.exec(description)?.[1];
const keyOf = (line = '') => /inline:(\S+)/.exec(line)?.[1] ?? '';

describe('our offer', () => {
  it('has no keys when encryption is off', async () => {
    const offer = await onPaper('off').negotiator.offer('c', local);
    expect([protocolOf(offer), cryptoOf(offer)]).toEqual(['RTP/AVP', []]);
  });

  it.each([
    ['optional', 'RTP/AVP'],
    ['required', 'RTP/SAVP'],
  ] as const)('%s: has both suites, each with a key of its own, over %s', async (policy, protocol) => {
    const { negotiator } = onPaper(policy);
    const offer = await negotiator.offer('c', local);
    expect(protocolOf(offer)).toBe(protocol);
    const crypto = cryptoOf(offer);
    expect(crypto).toEqual([
      expect.stringMatching(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/]{40}$/),
      expect.stringMatching(/^a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:[A-Za-z0-9+/]{40}$/),
    ]);
    expect(new Set(crypto.map(keyOf)).size).toBe(2);
    // A re-INVITE does not interrupt what is being heard.
    expect(cryptoOf(await negotiator.offer('c', { ...local, hold: true }))).toEqual(crypto);
    expect(cryptoOf(await negotiator.offer('other', local))).not.toEqual(crypto);
  });
});

describe('the answer of the far end', () => {
  it.each([
    [1, key80],
    [2, key32],
  ])('chooses by tag %i', async (tag, suite) => {
    const { negotiator, configured } = onPaper('optional');
    const own = cryptoOf(await negotiator.offer('c', local)).map(keyOf)[tag - 1];
    await negotiator.takeAnswer('c', audio('RTP/AVP', `a=crypto:${tag} ${suite} inline:${theirs}`));
    expect(configured[0]?.srtp).toEqual({ suite, local: own, remote: theirs });
  });

  it('without keys makes the call plain where that may be', async () => {
    const { negotiator, configured } = onPaper('optional');
    await negotiator.offer('c', local);
    await negotiator.takeAnswer('c', audio('RTP/AVP'));
    expect(configured[0]?.srtp).toBeNull();
  });

  it.each([
    ['no key', 'required', audio('RTP/AVP')],
    ['no key over RTP/SAVP', 'required', audio('RTP/SAVP')],
    ['another tag than we offered', 'required', audio('RTP/SAVP', `a=crypto:3 ${key80} inline:${theirs}`)],
    ['the suite of the other tag', 'optional', audio('RTP/SAVP', `a=crypto:2 ${key80} inline:${theirs}`)],
    ['a key that is too short', 'optional', audio('RTP/SAVP', `a=crypto:1 ${key80} inline:c2hvcnQ=`)],
  ] as const)('with %s ends a call where it is %s', async (_, policy, answer) => {
    const { negotiator, configured } = onPaper(policy);
    await negotiator.offer('c', local);
    await expect(negotiator.takeAnswer('c', answer)).rejects.toThrow(NegotiationError);
    expect(configured).toEqual([]);
  });
});

describe('our answer', () => {
  const offerOf = (...lines: string[]) =>
    audio('RTP/SAVP', ...lines.map((line, at) => `a=crypto:${at + 1} ${line}`));
  const answerTo = async (policy: SrtpPolicy, offer: string) => {
    const { negotiator, configured } = onPaper(policy);
    const { sdp: answer } = await negotiator.answer('c', offer, local);
    return { answer, srtp: configured[0]?.srtp };
  };

  it('takes the first line that we can keep, with its tag', async () => {
    const { answer, srtp } = await answerTo(
      'optional',
      audio(
        'RTP/SAVP',
        `a=crypto:1 AEAD_AES_128_GCM inline:${randomBytes(28).toString('base64')}`,
        `a=crypto:2 ${key80} inline:${theirs}|2^20|256:1`,
        `a=crypto:3 ${key80} inline:${theirs} UNENCRYPTED_SRTP`,
        `a=crypto:4 ${key80} inline:${theirs};inline:${theirs}`,
        `a=crypto:7 ${key32} inline:${theirs}|2^31`,
        `a=crypto:8 ${key80} inline:${newKey()}`,
      ),
    );
    const [line] = cryptoOf(answer);
    expect(cryptoOf(answer)).toEqual([`a=crypto:7 ${key32} inline:${srtp?.local}`]);
    expect(protocolOf(answer)).toBe('RTP/SAVP');
    expect(srtp).toEqual({ suite: key32, local: keyOf(line), remote: theirs });
    expect(srtp?.local).not.toBe(theirs);
  });

  it.each([
    [`inline:${theirs}|2^20|1:4`, '1:4'],
    [`inline:${theirs}|1:1`, '1:1'],
    [`inline:${theirs}|1048576|4294967295:4`, '4294967295:4'],
    [`inline:${theirs}|2^20|1:4;inline:${newKey()}|2^20|2:4`, '1:4'],
  ])('to a key with an MKI names our own by the same: %s', async (config, mki) => {
    const { negotiator, configured } = onPaper('optional');
    const { sdp: answer } = await negotiator.answer('c', offerOf(`${key80} ${config}`), local);
    const [srtp] = configured.map((params) => params.srtp);
    expect(cryptoOf(answer)).toEqual([`a=crypto:1 ${key80} inline:${srtp?.local}|2^31|${mki}`]);
    expect(srtp).toMatchObject({ suite: key80, remote: theirs, localMki: mki, remoteMki: mki });
    const again = cryptoOf(await negotiator.offer('c', local));
    expect(again[0]).toBe(cryptoOf(answer)[0]);
    await negotiator.takeAnswer('c', audio('RTP/SAVP', `a=crypto:1 ${key80} inline:${theirs}|2^31|7:2`));
    expect(configured.at(-1)?.srtp).toMatchObject({ localMki: mki, remoteMki: '7:2' });
    await negotiator.answer('c', offerOf(`${key80} inline:${theirs}`), local);
    expect(configured.at(-1)?.srtp).toEqual({ suite: key80, local: srtp?.local, remote: theirs });
  });

  it.each([
    ['WSH=1024', ''],
    ['KDR=0', ''],
    ['-SOMETHING WSH=64', ''],
    ['UNENCRYPTED_SRTCP', ' UNENCRYPTED_SRTCP'],
    ['WSH=64 UNENCRYPTED_SRTCP', ' UNENCRYPTED_SRTCP'],
  ])('keeps a line with %s', async (parameters, ours) => {
    const { answer, srtp } = await answerTo('required', offerOf(`${key80} inline:${theirs} ${parameters}`));
    expect(cryptoOf(answer)).toEqual([`a=crypto:1 ${key80} inline:${srtp?.local}${ours}`]);
    expect(srtp?.unencryptedSrtcp ?? false).toBe(ours !== '');
  });

  it.each([
    'UNENCRYPTED_SRTP',
    'UNAUTHENTICATED_SRTP',
    'WSH=64 UNENCRYPTED_SRTP',
    'KDR=8',
    'FEC_ORDER=FEC_SRTP',
    'FEC_KEY=inline:x',
    'SOMETHING',
  ])('takes the line after one with %s', async (parameters) => {
    const offer = offerOf(`${key80} inline:${newKey()} ${parameters}`, `${key32} inline:${theirs}`);
    const { answer, srtp } = await answerTo('required', offer);
    expect(cryptoOf(answer)).toEqual([`a=crypto:2 ${key32} inline:${srtp?.local}`]);
    const alone = onPaper('optional').negotiator.answer(
      'c',
      offerOf(`${key80} inline:${theirs} ${parameters}`),
      local,
    );
    await expect(alone).rejects.toThrow(/no key/);
  });

  it.each(['AES_256_CM_HMAC_SHA1_80', 'AES_256_CM_HMAC_SHA1_32'])('has %s (RFC 6188)', async (suite) => {
    const { negotiator, configured } = onPaper('optional');
    const long = randomBytes(46).toString('base64');
    const { sdp: answer } = await negotiator.answer('c', offerOf(`${suite} inline:${long}`), local);
    const own = configured[0]?.srtp?.local ?? '';
    expect(Buffer.from(own, 'base64')).toHaveLength(46);
    expect(cryptoOf(answer)).toEqual([`a=crypto:1 ${suite} inline:${own}`]);
    const again = cryptoOf(await negotiator.offer('c', local));
    expect(again[0]).toBe(cryptoOf(answer)[0]);
    await expect(negotiator.answer('d', offerOf(`${suite} inline:${theirs}`), local)).rejects.toThrow(
      /no key/,
    );
  });

  it('encrypts over RTP/AVP too where the offer has keys', async () => {
    const offer = audio('RTP/AVP', `a=crypto:1 ${key80} inline:${theirs}`);
    for (const policy of ['optional', 'required'] as const) {
      const { answer, srtp } = await answerTo(policy, offer);
      expect(protocolOf(answer)).toBe('RTP/AVP');
      expect(srtp).toMatchObject({ suite: key80, remote: theirs });
    }
    const off = await answerTo('off', offer);
    expect([cryptoOf(off.answer), off.srtp]).toEqual([[], null]);
  });

  it('takes the encrypted stream of two, and refuses the other', async () => {
    const offer = sdp(
      'm=audio 4000 RTP/AVP 0',
      'm=audio 4002 RTP/SAVP 0',
      `a=crypto:1 ${key80} inline:${theirs}`,
    );
    const { answer } = await answerTo('optional', offer);
    expect(answer.match(/^m=.*(?=\r)/gm)).toEqual(['m=audio 0 RTP/AVP 0', 'm=audio 16400 RTP/SAVP 0']);
    const plain = await answerTo('off', offer);
    expect(plain.answer.match(/^m=.*(?=\r)/gm)).toEqual(['m=audio 16400 RTP/AVP 0', 'm=audio 0 RTP/SAVP 0']);
  });

  it.each([
    ['off', 'encrypted audio', audio('RTP/SAVP', `a=crypto:1 ${key80} inline:${theirs}`), /RTP\/SAVP, not/],
    ['required', 'plain audio', audio('RTP/AVP'), /does not encrypt/],
    ['optional', 'no key', audio('RTP/SAVP'), /no key .* that we know/],
    ['required', 'DTLS', audio('UDP/TLS/RTP/SAVP'), /does not encrypt|UDP\/TLS/],
  ] as const)('%s: refuses %s', async (policy, _, offer, reason) => {
    await expect(answerTo(policy, offer)).rejects.toThrow(reason);
  });

  it('keeps our keys while the far end keeps its own; another far end gets others', async () => {
    const { negotiator, configured } = onPaper('optional');
    const offer = (key: string) => audio('RTP/SAVP', `a=crypto:1 ${key80} inline:${key}`);
    for (const key of [theirs, theirs, newKey()]) await negotiator.answer('c', offer(key), local);
    const [first, second, third] = configured.map(({ srtp }) => srtp?.local);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    const again = await negotiator.offer('c', local);
    expect(protocolOf(again)).toBe('RTP/SAVP');
    expect(keyOf(cryptoOf(again)[0])).toBe(third);
  });
});
