import { describe, expect, it } from 'vitest';
import type { CodecName } from '../../../electron/contract/profile.ts';
import type { NegotiatorOptions } from '../../../electron/media/sdp/plain-leg-negotiation.ts';
import { NegotiationError } from '../../../electron/phone/negotiation.ts';
import { lines, local, paperMedia, sdp } from './paper-media.ts';

const all: readonly CodecName[] = ['opus', 'G722', 'PCMU', 'PCMA'];
const wideband = (options: NegotiatorOptions = {}) => paperMedia(all, options);

describe('an offer of all codecs', () => {
  it('names them in our order, each clock with its own telephone events (RFC 4733, RFC 7587)', async () => {
    const { negotiator } = wideband();
    expect(lines(await negotiator.offer('c1', local)).slice(5)).toEqual([
      'm=audio 16400 RTP/AVP 111 9 0 8 110 101',
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:110 telephone-event/48000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:111 useinbandfec=1',
      'a=fmtp:110 0-15',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
    ]);
  });

  it('follows the profile: its order, its packet time, and nothing that the media side cannot carry', async () => {
    const { negotiator } = wideband({ codecs: ['PCMA', 'G722'], ptime: 30 });
    const offer = await negotiator.offer('c1', local);
    expect(offer).toContain('m=audio 16400 RTP/AVP 8 9 101');
    expect(offer).toContain('a=ptime:30');
    const narrow = paperMedia(['PCMU', 'PCMA'], { codecs: all });
    expect(await narrow.negotiator.offer('c1', local)).toContain('m=audio 16400 RTP/AVP 0 8 101');
  });

  it('gives what is new a number that the session does not use yet (RFC 3264, 8.3.2)', async () => {
    const { negotiator } = wideband();
    const theirs = sdp(
      'm=audio 4000 RTP/AVP 0 111 96',
      'a=rtpmap:111 telephone-event/8000',
      'a=rtpmap:96 speex/8000',
    );
    await negotiator.answer('c1', theirs, local);
    const offer = await negotiator.offer('c1', local);
    expect(offer).toContain('m=audio 16400 RTP/AVP 97 9 0 8 110 111');
    expect(offer).toContain('a=rtpmap:97 opus/48000/2');
    expect(offer).toContain('a=rtpmap:111 telephone-event/8000');
  });
});

describe('the answer to it', () => {
  const takes = async (...media: string[]) => {
    const { negotiator, configured } = wideband();
    await negotiator.offer('c1', local);
    await negotiator.takeAnswer('c1', sdp(...media));
    return configured[0];
  };

  it('chooses Opus, with their number for what we send and ours for what we hear', async () => {
    const params = await takes(
      'm=audio 4000 RTP/AVP 96 97',
      'a=rtpmap:96 OPUS/48000/2',
      'a=rtpmap:97 telephone-event/48000',
    );
    expect(params).toMatchObject({
      codec: { name: 'opus', payloadType: 96 },
      hears: [
        { name: 'opus', payloadType: 111 },
        { name: 'opus', payloadType: 96 },
      ],
      dtmfPayloadType: 97,
      dtmfClock: 48_000,
    });
  });

  it('chooses G.722 by its static number, and may name several', async () => {
    expect(await takes('m=audio 4000 RTP/AVP 9 0 101', 'a=rtpmap:101 telephone-event/8000')).toMatchObject({
      codec: { name: 'G722', payloadType: 9 },
      hears: [
        { name: 'G722', payloadType: 9 },
        { name: 'PCMU', payloadType: 0 },
      ],
      dtmfPayloadType: 101,
      dtmfClock: 8000,
    });
  });

  it('gets telephone events with the wrong clock where it has no other', async () => {
    const params = await takes(
      'm=audio 4000 RTP/AVP 111 101',
      'a=rtpmap:111 opus/48000/2',
      'a=rtpmap:101 telephone-event/8000',
    );
    expect(params).toMatchObject({ codec: { name: 'opus' }, dtmfPayloadType: 101, dtmfClock: 8000 });
  });

  it.each([
    ['m=audio 4000 RTP/AVP 111', 'a=rtpmap:111 opus/48000/2', 'a=ptime:30', 20],
    ['m=audio 4000 RTP/AVP 111', 'a=rtpmap:111 opus/48000/2', 'a=ptime:40', 40],
    ['m=audio 4000 RTP/AVP 9', 'a=rtpmap:9 g722/8000', 'a=ptime:30', 30],
    ['m=audio 4000 RTP/AVP 9', 'a=rtpmap:9 G722/8000', 'a=maxptime:10', 10],
  ])('%s, %s, %s is sent in packets of %i ms', async (media, map, time, ptime) => {
    expect(await takes(media, map, time)).toMatchObject({ ptime });
  });
});

describe('our answer to an offer of many codecs', () => {
  const theirs = sdp(
    'm=audio 4000 RTP/AVP 18 9 109 0 101 102',
    'a=rtpmap:109 opus/48000/2',
    'a=rtpmap:101 telephone-event/8000',
    'a=rtpmap:102 telephone-event/48000',
  );

  it('takes the first of theirs that we know', async () => {
    const { negotiator, configured } = wideband();
    const { sdp: answer } = await negotiator.answer('c1', theirs, local);
    expect(lines(answer).slice(5)).toEqual([
      'm=audio 16400 RTP/AVP 9 101',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
      'a=ptime:20',
      'a=sendrecv',
    ]);
    expect(configured[0]).toMatchObject({ codec: { name: 'G722', payloadType: 9 } });
  });

  it('takes no codec that the profile leaves out', async () => {
    const { negotiator } = wideband({ codecs: ['opus', 'PCMU'], ptime: 30 });
    const { sdp: answer } = await negotiator.answer('c1', theirs, local);
    expect(answer).toContain('m=audio 16400 RTP/AVP 109 102');
    expect(answer).toContain('a=rtpmap:109 opus/48000/2');
    expect(answer).toContain('a=ptime:20');
  });

  it('asks for our packet time where they ask for none', async () => {
    const { negotiator, configured } = wideband({ ptime: 30 });
    const { sdp: answer } = await negotiator.answer('c1', sdp('m=audio 4000 RTP/AVP 0'), local);
    expect(answer).toContain('a=ptime:30');
    expect(configured[0]?.ptime).toBe(30);
  });

  it('tells what the sound is made of, each time', async () => {
    const told: unknown[] = [];
    const { negotiator } = wideband({ onSound: (...sound) => told.push(sound) });
    await negotiator.answer('c1', theirs, local);
    await negotiator.answer('c1', sdp('m=audio 4000 RTP/AVP 8'), local);
    await expect(negotiator.answer('c1', sdp('m=audio 0 RTP/AVP 8'), local)).rejects.toThrow();
    expect(told).toEqual([
      ['c1', { codec: 'G722', encrypted: false, opus: null }],
      ['c1', { codec: 'PCMA', encrypted: false, opus: null }],
    ]);
  });
});

describe('what the far end asks of Opus (RFC 7587, 6.1)', () => {
  const plain = { fec: false, constantBitrate: false, maxAverageBitrate: null, maxPlaybackRate: null };
  const asked = async (...fmtp: string[]) => {
    const told: unknown[] = [];
    const { negotiator, configured } = wideband({ onSound: (_, { opus }) => told.push(opus) });
    const offer = sdp(
      'm=audio 4000 RTP/AVP 96 97 0',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:97 G729/8000',
      ...fmtp,
    );
    const { sdp: answer } = await negotiator.answer('c1', offer, local);
    expect(answer).toContain('a=fmtp:96 useinbandfec=1\r\n');
    expect(configured[0]?.opus).toEqual(told[0]);
    return told[0];
  };

  it.each([
    ['', plain],
    ['a=fmtp:97 useinbandfec=1', plain],
    ['a=fmtp:96 useinbandfec=1', { ...plain, fec: true }],
    ['a=fmtp:96 useinbandfec=0; cbr=0', plain],
    [
      'a=fmtp:96 maxplaybackrate=16000; sprop-maxcapturerate=16000; maxaveragebitrate=20000; stereo=1; useinbandfec=1; usedtx=1; cbr=1',
      { fec: true, constantBitrate: true, maxAverageBitrate: 20_000, maxPlaybackRate: 16_000 },
    ],
    [
      'a=fmtp:96 MaxAverageBitrate=1;MAXPLAYBACKRATE=96000',
      { ...plain, maxAverageBitrate: 6000, maxPlaybackRate: 48_000 },
    ],
    ['a=fmtp:96 maxaveragebitrate=-5;maxplaybackrate=8000kHz;=;;cbr', plain],
    ['a=fmtp:96 1', plain],
  ])('%j is passed on', async (fmtp, wishes) => {
    expect(await asked(fmtp)).toEqual(wishes);
  });

  it('is nothing where the call speaks another codec', async () => {
    const { negotiator, configured } = wideband();
    const offer = sdp('m=audio 4000 RTP/AVP 0 96', 'a=rtpmap:96 opus/48000/2', 'a=fmtp:96 useinbandfec=1');
    await negotiator.answer('c1', offer, local);
    expect(configured[0]?.opus).toBeUndefined();
  });
});

describe('odd and malicious descriptions', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => `m=video ${5000 + index} RTP/AVP 31`);
  const audio = 'm=audio 4000 RTP/AVP 0';

  it('answers 64 streams one by one', async () => {
    const { negotiator } = wideband();
    const { sdp: answer } = await negotiator.answer('c1', sdp(...many(63), audio), local);
    const streams = lines(answer).filter((line) => line.startsWith('m='));
    expect(streams).toHaveLength(64);
    expect(streams.filter((line) => line.includes(' 0 RTP/AVP 31'))).toHaveLength(63);
    expect(streams.at(-1)).toBe('m=audio 16400 RTP/AVP 0');
  });

  it.each([
    ['65 streams', sdp(...many(64), audio)],
    ['port 0', sdp('m=audio 0 RTP/AVP 0')],
    ['a port that is none', sdp('m=audio 70000 RTP/AVP 0')],
    ['a port without end', sdp(`m=audio ${'9'.repeat(400)} RTP/AVP 0`)],
    ['a negative port', sdp('m=audio -4 RTP/AVP 0')],
    ['no port', sdp('m=audio  RTP/AVP 0')],
    [
      'huge payload numbers',
      sdp('m=audio 4000 RTP/AVP 4294967296 999 128', 'a=rtpmap:999 PCMU/8000', 'a=rtpmap:128 opus/48000/2'),
    ],
    ['negative payload numbers', sdp('m=audio 4000 RTP/AVP -1', 'a=rtpmap:-1 PCMU/8000')],
    ['no payload numbers', sdp('m=audio 4000 RTP/AVP')],
    ['codecs that are numbers', sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 8000/8000')],
    ['Opus at another rate', sdp('m=audio 4000 RTP/AVP 96', 'a=rtpmap:96 opus/8000')],
    ['a static number that means something else', sdp('m=audio 4000 RTP/AVP 0', 'a=rtpmap:0 G729/8000')],
    ['no c=', ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0', audio, ''].join('\r\n')],
    ['a c= that is a number', sdp(audio, 'c=IN IP4 1234')],
    ['multicast', sdp(audio, 'c=IN IP4 224.0.0.1')],
    ['multicast with a TTL', sdp(audio, 'c=IN IP4 224.0.0.1/127')],
    ['broadcast', sdp(audio, 'c=IN IP4 255.255.255.255')],
    ['multicast over IPv6', sdp(audio, 'c=IN IP6 ff02::1')],
    ['an address cut short', sdp(audio, 'c=IN IP4 10.0.0')],
    ['nothing after v=0', 'v=0\r\n'],
    ['zeros', `v=0\r\n${'\0'.repeat(1000)}`],
  ])('%s is a negotiation error, in offer and answer', async (_, description) => {
    const { negotiator, configured } = wideband();
    await expect(negotiator.answer('c1', description, local)).rejects.toBeInstanceOf(NegotiationError);
    await negotiator.offer('c2', local);
    await expect(negotiator.takeAnswer('c2', description)).rejects.toBeInstanceOf(NegotiationError);
    expect(configured).toEqual([]);
  });

  it.each([
    [
      'a thousand numbers',
      sdp(`m=audio 4000 RTP/AVP ${Array.from({ length: 1000 }, (_, index) => index + 20).join(' ')} 0`),
    ],
    ['a number twice', sdp('m=audio 4000 RTP/AVP 0 0 0')],
    ['blanks everywhere', sdp('m=audio 4000 RTP/AVP  0  ')],
    ['rtpmaps without end', sdp(audio, ...Array.from({ length: 500 }, () => 'a=rtpmap:0 PCMU/8000'))],
    ['lines that nobody knows', sdp('x=1', audio, 'a=', 'a=:', 'a=rtpmap:', 'a=fmtp:', 'b=AS', '=', 'z')],
  ])('%s is read for what can be read', async (_, description) => {
    const { negotiator, configured } = wideband();
    await negotiator.answer('c1', description, local);
    expect(configured[0]?.codec).toEqual({ name: 'PCMU', payloadType: 0 });
  });

  it('mangled in any way, one is an error to the far end or a call, and nothing else', async () => {
    const whole = sdp(
      'm=audio 4000 RTP/AVP 96 9 0 8 97',
      'a=rtpmap:96 opus/48000/2',
      'a=fmtp:96 useinbandfec=1',
      'a=rtpmap:97 telephone-event/48000',
      'a=ptime:20',
      'a=sendrecv',
      'm=video 5000 RTP/AVP 31',
    );
    const odd = ['', '0', '-1', '4294967296', '\0', ' ', '\r\n', 'a=', 'm=audio', '/', ':', '\u{1f4a5}'];
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 8) % below;
    };
    const outcomes = { taken: 0, refused: 0 };
    for (let round = 0; round < 2000; round += 1) {
      let description = whole;
      for (let change = 0; change <= random(4); change += 1) {
        const place = random(description.length);
        description =
          description.slice(0, place) + odd[random(odd.length)] + description.slice(place + random(12));
      }
      const { negotiator } = wideband();
      try {
        await negotiator.answer('c1', description, local);
        outcomes.taken += 1;
      } catch (error) {
        expect(error, description).toBeInstanceOf(NegotiationError);
        outcomes.refused += 1;
      }
    }
    expect(Math.min(outcomes.taken, outcomes.refused)).toBeGreaterThan(200);
  });
});
