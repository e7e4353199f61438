import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SrtpPolicy } from '../../../electron/media/srtp/crypto-attribute.ts';
import { NegotiationError } from '../../../electron/phone/negotiation.ts';
import { local, paperMedia, sdp } from './paper-media.ts';

const suite = 'AES_CM_128_HMAC_SHA1_80';
const crypto = `a=crypto:1 ${suite} inline:${randomBytes(30).toString('base64')}`;
const streams = (description: string) => description.match(/^m=.*(?=\r)/gm);
const onPaper = (srtp: SrtpPolicy = 'off') => paperMedia(['PCMU', 'PCMA'], { srtp });

describe('an offer with feedback (RFC 4585, 5124)', () => {
  it('is answered with its own profile and no feedback message, and so are our offers after it', async () => {
    const { negotiator } = onPaper();
    const offer = sdp('m=audio 4000 RTP/AVPF 0', 'a=rtcp-fb:* trr-int 5000', 'a=rtcp-fb:0 nack');
    const { sdp: answer } = await negotiator.answer('c', offer, local);
    expect(streams(answer)).toEqual(['m=audio 16400 RTP/AVPF 0']);
    expect(answer).not.toContain('rtcp-fb');
    expect(streams(await negotiator.offer('c', local))).toEqual(['m=audio 16400 RTP/AVPF 0 8 101']);
  });

  it.each(['optional', 'required'] as const)('and keys: encrypted, %s', async (policy) => {
    const { negotiator, configured } = onPaper(policy);
    const { sdp: answer } = await negotiator.answer('c', sdp('m=audio 4000 RTP/SAVPF 0', crypto), local);
    expect(streams(answer)).toEqual(['m=audio 16400 RTP/SAVPF 0']);
    expect(configured[0]?.srtp).toMatchObject({ suite });
    expect(streams(await negotiator.offer('c', local))).toEqual(['m=audio 16400 RTP/SAVPF 0 8 101']);
  });

  it.each([
    ['off', 'RTP/SAVPF', [crypto]],
    ['optional', 'RTP/SAVPF', []],
    ['required', 'RTP/AVPF', []],
    ['optional', 'UDP/TLS/RTP/SAVPF', []],
    ['required', 'UDP/TLS/RTP/SAVPF', ['a=fingerprint:sha-1 00:11', 'a=setup:actpass']],
    ['off', 'TCP/RTP/AVPF', []],
  ] as const)('%s: %s with %j is refused', async (policy, protocol, attributes) => {
    const { negotiator } = onPaper(policy);
    const offer = sdp(`m=audio 4000 ${protocol} 0`, ...attributes);
    expect(negotiator.judge?.(offer, local)).toBeInstanceOf(NegotiationError);
    await expect(negotiator.answer('c', offer, local)).rejects.toBeInstanceOf(NegotiationError);
  });

  it('is taken as an answer too', async () => {
    const { negotiator, configured } = onPaper('required');
    const own = await negotiator.offer('c', local);
    expect(streams(own)?.[0]).toContain('RTP/SAVP ');
    await negotiator.takeAnswer('c', sdp('m=audio 4000 RTP/SAVPF 0', crypto));
    expect(configured[0]?.srtp).toMatchObject({ suite });
    const bare = onPaper('optional');
    await bare.negotiator.offer('c', local);
    const taking = bare.negotiator.takeAnswer('c', sdp('m=audio 4000 RTP/SAVPF 0'));
    await expect(taking).rejects.toBeInstanceOf(NegotiationError);
  });
});

describe('one call over several streams', () => {
  const both = sdp(
    'm=audio 4000 UDP/TLS/RTP/SAVPF 0',
    'm=audio 4002 RTP/AVP 0',
    'm=audio 4004 RTP/SAVPF 18',
    crypto,
    'm=audio 4006 RTP/SAVP 8',
    crypto,
    'm=video 5000 RTP/AVPF 31',
  );

  it.each([
    [
      'optional',
      4006,
      [
        'm=audio 0 UDP/TLS/RTP/SAVPF 0',
        'm=audio 0 RTP/AVP 0',
        'm=audio 0 RTP/SAVPF 18',
        'm=audio 16400 RTP/SAVP 8',
        'm=video 0 RTP/AVPF 31',
      ],
    ],
    [
      'off',
      4002,
      [
        'm=audio 0 UDP/TLS/RTP/SAVPF 0',
        'm=audio 16400 RTP/AVP 0',
        'm=audio 0 RTP/SAVPF 18',
        'm=audio 0 RTP/SAVP 8',
        'm=video 0 RTP/AVPF 31',
      ],
    ],
  ] as const)(
    '%s: takes the best of use and refuses the others in their order',
    async (policy, port, lines) => {
      const { negotiator, configured } = onPaper(policy);
      const { sdp: answer } = await negotiator.answer('c', both, local);
      expect(streams(answer)).toEqual(lines);
      expect(configured[0]?.remote?.port).toBe(port);
    },
  );

  it('has as many in every later offer of ours, ours in its place (RFC 3264, 8)', async () => {
    const { negotiator, configured } = onPaper();
    await negotiator.answer('c', both, local);
    expect(streams(await negotiator.offer('c', { ...local, hold: true }))).toEqual([
      'm=audio 0 UDP/TLS/RTP/SAVPF 0',
      'm=audio 16400 RTP/AVP 0 8 101',
      'm=audio 0 RTP/SAVPF 18',
      'm=audio 0 RTP/SAVP 8',
      'm=video 0 RTP/AVPF 31',
    ]);
    const answer = sdp(
      'm=audio 0 UDP/TLS/RTP/SAVPF 0',
      'm=audio 4002 RTP/AVP 0',
      'm=audio 0 RTP/SAVPF 18',
      'm=audio 0 RTP/SAVP 8',
      'm=video 0 RTP/AVPF 31',
    );
    await negotiator.takeAnswer('c', answer);
    expect(configured.at(-1)?.remote?.port).toBe(4002);
  });

  it('says what is wrong with the first that could have been', () => {
    const { negotiator } = onPaper();
    const offer = sdp('m=audio 4000 RTP/SAVP 0', 'm=audio 4002 RTP/AVP 18', 'm=audio 4004 RTP/AVPF 4');
    expect(negotiator.judge?.(offer, local)?.message).toMatch(/none of .*formats: 18/);
  });
});

describe('where RTCP goes', () => {
  const rtcpTo = async (...attributes: string[]) => {
    const { negotiator, configured } = onPaper();
    const { sdp: answer } = await negotiator.answer('c', sdp('m=audio 4000 RTP/AVP 0', ...attributes), local);
    return { rtcp: configured[0]?.rtcp, muxes: answer.includes('a=rtcp-mux\r\n') };
  };

  it.each([
    ['a=rtcp:53020', { address: '192.0.2.1', port: 53020 }],
    ['a=rtcp:53020 IN IP4 192.0.2.7', { address: '192.0.2.7', port: 53020 }],
    ['a=rtcp:0', undefined],
    ['a=rtcp:70000', undefined],
    ['a=rtcp:', undefined],
    ['a=rtcp:53020 IN IP6 2001:db8::1', undefined],
    ['a=rtcp:53020 IN IP4 224.0.0.1', undefined],
    ['a=rtcp:53020 IN IP4 0.0.0.0', undefined],
    ['a=rtcp:53020 IN IP4 media.example', undefined],
    ['a=rtcp:53020 IN IP4 1234', undefined],
  ])('%s (RFC 3605)', async (attribute, rtcp) => {
    expect(await rtcpTo(attribute)).toEqual({ rtcp, muxes: false });
  });

  it('is the port of RTP where the offer has it (RFC 5761), whatever a=rtcp says', async () => {
    expect(await rtcpTo('a=rtcp-mux', 'a=rtcp:4000')).toEqual({ rtcp: 'mux', muxes: true });
    expect(await rtcpTo()).toEqual({ rtcp: undefined, muxes: false });
  });

  it('is not that where numbers of the stream look like RTCP (RFC 5761, 4)', async () => {
    const { negotiator, configured } = onPaper();
    const offer = sdp('m=audio 4000 RTP/AVP 0 72', 'a=rtpmap:72 telephone-event/8000', 'a=rtcp-mux');
    expect((await negotiator.answer('c', offer, local)).sdp).not.toContain('rtcp-mux');
    expect(configured[0]?.rtcp).toBeUndefined();
  });

  it('is no part of our first offer, and goes on as the far end has begun', async () => {
    const { negotiator, configured } = onPaper();
    expect(await negotiator.offer('c', local)).not.toContain('rtcp');
    await negotiator.takeAnswer('c', sdp('m=audio 4000 RTP/AVP 0', 'a=rtcp-mux'));
    expect(configured.at(-1)?.rtcp).toBeUndefined();
    await negotiator.answer('c', sdp('m=audio 4000 RTP/AVP 0', 'a=rtcp-mux'), local);
    expect(await negotiator.offer('c', local)).toContain('a=rtcp-mux');
    await negotiator.takeAnswer('c', sdp('m=audio 4000 RTP/AVP 0', 'a=rtcp-mux'));
    expect(configured.at(-1)?.rtcp).toBe('mux');
    await negotiator.offer('c', local);
    await negotiator.takeAnswer('c', sdp('m=audio 4000 RTP/AVP 0'));
    expect(configured.at(-1)?.rtcp).toBeUndefined();
    expect(await negotiator.offer('c', local)).not.toContain('a=rtcp-mux');
  });
});
