import { describe, expect, it } from 'vitest';
import { NegotiationError } from '../../../electron/phone/negotiation.ts';
import { lines, local, paperMedia, sdp } from './paper-media.ts';

/** As an SPA-942 writes it, comfort noise and all. */
const spa = sdp(
  'm=audio 16454 RTP/AVP 0 2 8 18 100 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:2 G726-32/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:18 G729a/8000',
  'a=rtpmap:100 NSE/8000',
  'a=fmtp:100 192-193',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:30',
  'a=sendrecv',
);

describe('our offer', () => {
  it('is that of a desk phone: G.711 both laws, telephone events, 20 ms', async () => {
    const { negotiator } = paperMedia();
    expect(lines(await negotiator.offer('c1', local))).toEqual([
      'v=0',
      'o=- 42 1 IN IP4 192.0.2.10',
      's=-',
      'c=IN IP4 192.0.2.10',
      't=0 0',
      'm=audio 16400 RTP/AVP 0 8 101',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
    ]);
  });

  it('speaks IPv6', async () => {
    const { negotiator, configured } = paperMedia();
    const offer = await negotiator.offer('c1', { localAddress: '2001:db8::10', hold: false });
    expect(offer).toContain('c=IN IP6 2001:db8::10');
    await negotiator.takeAnswer('c1', sdp('c=IN IP6 2001:DB8:0::1', 'm=audio 4000 RTP/AVP 0'));
    expect(configured[0]?.remote).toEqual({ address: '2001:db8::1', port: 4000 });
  });

  it('counts its version when it changes, and only then', async () => {
    const { negotiator } = paperMedia();
    const offers = [
      await negotiator.offer('c1', local),
      await negotiator.offer('c1', local),
      await negotiator.offer('c1', { ...local, hold: true }),
      await negotiator.offer('c1', local),
    ];
    expect(offers.map((offer) => /^o=- 42 (\d+)/m.exec(offer)?.[1])).toEqual(['1', '1', '2', '3']);
  });

  it('holds with sendonly, or inactive when the far end holds as well', async () => {
    const { negotiator, configured } = paperMedia();
    await negotiator.offer('c1', local);
    await negotiator.takeAnswer('c1', spa);
    expect(await negotiator.offer('c1', { ...local, hold: true })).toContain('a=sendonly');
    await negotiator.takeAnswer('c1', sdp('m=audio 16454 RTP/AVP 0', 'a=recvonly'));
    expect(configured.at(-1)).toMatchObject({ direction: 'sendonly', hold: true });

    await negotiator.answer('c1', sdp('m=audio 16454 RTP/AVP 0', 'a=sendonly'), { ...local, hold: true });
    expect(await negotiator.offer('c1', { ...local, hold: true })).toContain('a=inactive');
  });

  it('keeps the numbers that the session has given their meaning (RFC 3264, 8.3.2)', async () => {
    const { negotiator } = paperMedia();
    const offered = sdp('m=audio 4000 RTP/AVP 8 97', 'a=rtpmap:97 telephone-event/8000');
    await negotiator.answer('c1', offered, local);
    expect(await negotiator.offer('c1', local)).toContain('m=audio 16400 RTP/AVP 0 8 97');
  });
});

describe("the far end's answer", () => {
  it('sets the plain leg up with its first codec, packet time and numbers', async () => {
    const { negotiator, configured } = paperMedia();
    await negotiator.offer('c1', local);
    expect(await negotiator.takeAnswer('c1', spa)).toEqual({ heldByRemote: false });
    expect(configured).toEqual([
      {
        remote: { address: '192.0.2.1', port: 16454 },
        codec: { name: 'PCMU', payloadType: 0 },
        hears: [
          { name: 'PCMU', payloadType: 0 },
          { name: 'PCMA', payloadType: 8 },
        ],
        dtmfPayloadType: 101,
        dtmfClock: 8000,
        ptime: 30,
        direction: 'sendrecv',
        hold: false,
        srtp: null,
      },
    ]);
  });

  it.each([
    ['a=ptime:10', 10],
    ['a=ptime:60', 60],
    ['a=ptime:25', 20],
    ['a=ptime:5', 10],
    ['a=ptime:200', 60],
    ['a=ptime:30\r\na=maxptime:20', 20],
    ['a=ptime:odd', 20],
    ['a=sendrecv', 20],
  ])('%j makes us send %i ms', async (line, ptime) => {
    const { negotiator, configured } = paperMedia();
    await negotiator.offer('c1', local);
    await negotiator.takeAnswer('c1', sdp('m=audio 4000 RTP/AVP 0', line));
    expect(configured[0]?.ptime).toBe(ptime);
  });

  it('takes a direction said for the whole session, unless the stream says its own', async () => {
    const { negotiator } = paperMedia();
    await negotiator.offer('c1', local);
    const held = sdp('a=sendonly', 'm=audio 4000 RTP/AVP 0');
    const not = sdp('a=sendonly', 'm=audio 4000 RTP/AVP 0', 'a=sendrecv');
    expect(await negotiator.takeAnswer('c1', held)).toEqual({ heldByRemote: true });
    expect(await negotiator.takeAnswer('c1', not)).toEqual({ heldByRemote: false });
  });

  it('without telephone events leaves none to send', async () => {
    const { negotiator, configured } = paperMedia();
    await negotiator.offer('c1', local);
    await negotiator.takeAnswer('c1', sdp('m=audio 4000 RTP/AVP 8', 'a=rtpmap:101 telephone-event/8000'));
    expect(configured[0]).toMatchObject({ codec: { name: 'PCMA', payloadType: 8 }, dtmfPayloadType: null });
  });

  it.each([
    ['no audio', sdp('m=video 4000 RTP/AVP 31'), /no audio/],
    ['no stream at all', sdp(), /no audio/],
    ['a refused stream', sdp('m=audio 0 RTP/AVP 0'), /refuses/],
    ['only SRTP', sdp('m=audio 4000 RTP/SAVP 0'), /RTP\/SAVP/],
    ['no codec of ours', sdp('m=audio 4000 RTP/AVP 18'), /none of PCMU, PCMA/],
    ['PCMU at another rate', sdp('m=audio 4000 RTP/AVP 97', 'a=rtpmap:97 PCMU/16000'), /none of/],
    ['a name for an address', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP4 media.example'), /no IP address/],
    ['IPv6 to our IPv4', sdp('m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1'), /cannot reach/],
    ['nonsense', 'hello', /cannot be read/],
    ['nothing', '', /cannot be read/],
    ['an m= line cut short', 'v=0\r\nm=audio', /no audio/],
  ])('with %s is a negotiation error that says so', async (_, answer, sentence) => {
    const { negotiator, configured } = paperMedia();
    await negotiator.offer('c1', local);
    const taking = negotiator.takeAnswer('c1', answer);
    await expect(taking).rejects.toThrow(sentence);
    await expect(taking).rejects.toBeInstanceOf(NegotiationError);
    expect(configured).toEqual([]);
  });
});

describe('our answer', () => {
  it('takes the stream that we can reach, and refuses beforehand when there is none', async () => {
    const { negotiator, configured } = paperMedia();
    const v6 = ['m=audio 4000 RTP/AVP 0', 'c=IN IP6 2001:db8::1'];
    const both = sdp(...v6, 'm=audio 4002 RTP/AVP 0');
    expect(negotiator.judge?.(sdp(...v6), local)?.message).toMatch(/2001:db8::1, which we cannot reach/);
    expect(negotiator.judge?.(both, local)).toBeNull();
    const { sdp: answer } = await negotiator.answer('c1', both, local);
    expect(lines(answer).filter((line) => line.startsWith('m='))).toEqual([
      'm=audio 0 RTP/AVP 0',
      'm=audio 16400 RTP/AVP 0',
    ]);
    expect(configured[0]?.remote).toEqual({ address: '192.0.2.1', port: 4002 });
  });

  it('understands a count of ports (RFC 4566, 5.14)', async () => {
    const { negotiator, configured } = paperMedia();
    const offered = sdp('m=video 5000/2 RTP/AVP 31', 'm=audio 4000/1 RTP/AVP 8');
    const { sdp: answer } = await negotiator.answer('c1', offered, local);
    expect(lines(answer).filter((line) => line.startsWith('m='))).toEqual([
      'm=video 0 RTP/AVP 31',
      'm=audio 16400 RTP/AVP 8',
    ]);
    expect(configured[0]?.remote).toEqual({ address: '192.0.2.1', port: 4000 });
  });

  it('takes the first codec they offer that we know, with their numbers and packet time', async () => {
    const { negotiator, configured } = paperMedia();
    const offered = sdp(
      'm=audio 4000 RTP/AVP 18 97 0 110',
      'a=rtpmap:97 pcma/8000',
      'a=rtpmap:110 telephone-event/8000',
      'a=ptime:40',
    );
    const { sdp: answer, heldByRemote } = await negotiator.answer('c1', offered, local);
    expect(heldByRemote).toBe(false);
    expect(lines(answer).slice(5)).toEqual([
      'm=audio 16400 RTP/AVP 97 110',
      'a=rtpmap:97 PCMA/8000',
      'a=rtpmap:110 telephone-event/8000',
      'a=fmtp:110 0-15',
      'a=ptime:40',
      'a=sendrecv',
    ]);
    expect(configured[0]).toMatchObject({
      codec: { name: 'PCMA', payloadType: 97 },
      dtmfPayloadType: 110,
      ptime: 40,
    });
  });

  it.each([
    ['sendrecv', false, 'sendrecv', false],
    ['sendonly', false, 'recvonly', true],
    ['recvonly', false, 'sendonly', false],
    ['inactive', false, 'inactive', true],
    ['sendrecv', true, 'sendonly', false],
    ['sendonly', true, 'inactive', true],
  ])('to %s (we hold: %s) is %s', async (theirs, hold, ours, heldByRemote) => {
    const { negotiator, configured } = paperMedia();
    const offered = sdp('m=audio 4000 RTP/AVP 0', `a=${theirs}`);
    const result = await negotiator.answer('c1', offered, { ...local, hold });
    expect(result.sdp).toContain(`a=${ours}\r\n`);
    expect(result.heldByRemote).toBe(heldByRemote);
    expect(configured[0]).toMatchObject({ direction: ours, hold });
  });

  it('knows the hold of old: c=0.0.0.0 (RFC 2543; RFC 3264, 8.4)', async () => {
    const { negotiator, configured } = paperMedia();
    const held = sdp('c=IN IP4 0.0.0.0', 'm=audio 4000 RTP/AVP 0');
    expect((await negotiator.answer('c1', held, local)).heldByRemote).toBe(true);
    expect(configured[0]?.remote).toBeNull();
  });

  it('refuses every other stream by itself, in their order (RFC 3264, 6)', async () => {
    const { negotiator } = paperMedia();
    const offered = sdp(
      'm=video 5000 RTP/AVP 31 34',
      'm=audio 4000 RTP/SAVP 0',
      'm=audio 4002 RTP/AVP 0',
      'm=image 6000 udptl t38',
    );
    const { sdp: answer } = await negotiator.answer('c1', offered, local);
    expect(lines(answer).filter((line) => line.startsWith('m='))).toEqual([
      'm=video 0 RTP/AVP 31 34',
      'm=audio 0 RTP/SAVP 0',
      'm=audio 16400 RTP/AVP 0',
      'm=image 0 udptl t38',
    ]);
  });

  it('reads lines that end in LF alone', async () => {
    const { negotiator } = paperMedia();
    const result = await negotiator.answer('c1', spa.replaceAll('\r\n', '\n'), local);
    expect(result.sdp).toContain('m=audio 16400 RTP/AVP 0 101');
  });

  it('refuses what would take long to read', async () => {
    const { negotiator } = paperMedia();
    const offered = sdp(...Array.from({ length: 700 }, () => 'm=audio 4000 RTP/AVP 0'));
    await expect(negotiator.answer('c1', offered, local)).rejects.toThrow(/too long/);
  });

  it('takes no ports for an offer that it cannot accept', async () => {
    const { negotiator, configured } = paperMedia();
    await expect(negotiator.answer('c1', sdp('m=audio 4000 RTP/SAVP 0'), local)).rejects.toThrow(
      NegotiationError,
    );
    expect(configured).toEqual([]);
  });
});

describe('the end of a call', () => {
  it('frees its ports and forgets its session', async () => {
    const { negotiator, released } = paperMedia();
    await negotiator.offer('c1', local);
    negotiator.release('c1');
    expect(released).toEqual(['c1']);
    await expect(negotiator.takeAnswer('c1', spa)).rejects.toThrow(/made no offer/);
  });
});
