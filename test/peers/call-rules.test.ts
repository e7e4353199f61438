import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import type { Station } from '../../electron/station.ts';
import { Baresip } from '../support/baresip.ts';
import { talkAt, talkNow, understoodEachOther } from '../support/both-ways.ts';
import type { Child } from '../support/child.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { type Says, sipp, soundPort } from '../support/sipp.ts';
import { sentences, speak } from '../support/speech.ts';
import { callOf, stationHere, until } from '../support/station-here.ts';

// They wait for words and phones most of the time, so several at once: each has a PBX of its own.
afterAll(() => new Rig().stopAndVerify());

/** 5031 and a phone of sipp's, 5051, on one PBX, and what they say to each other. */
async function desk({ onTestFinished }: TestContext) {
  const rig = new Rig();
  onTestFinished(() => rig.stop());
  const { port: pbxPort } = rig.use(await Kamailio.start());
  const port = await portBlock();
  const talk = await talkAt(rig, soundPort(port));
  const station = await stationHere(rig, { pbxPort, dialect: 'none', user: '5031', sound: talk.station });
  await until('registered', station, () => station.view().lineKeys[0]?.state === 'idle');
  const play = (scenario: string, says: Says = {}): Promise<Child> =>
    sipp(rig, scenario, { pbxPort, port, ...says });
  const answer = async (): Promise<void> => {
    await until('ringing', station, () => station.view().calls[0]?.state === 'incoming');
    await station.command({ name: 'answer', params: { call: callOf(station) } });
  };
  const calledBy = async (scenario: string, says?: Says): Promise<Child> => {
    const phone = await play(scenario, says);
    await answer();
    return phone;
  };
  const calls = async (scenario: string, says?: Says): Promise<Child> => {
    expect(await (await play('register')).ended).toBe(0);
    const phone = await play(scenario, says);
    await station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    return phone;
  };
  return { rig, pbxPort, station, talk, play, answer, calledBy, calls };
}
type Desk = Awaited<ReturnType<typeof desk>>;

/** It has done all that its scenario says, and the station is free again. */
async function done(phone: Child, station: Station): Promise<void> {
  const code = await phone.ended;
  expect(code, phone.output.slice(0, 3_000)).toBe(0);
  await until('free', station, () => station.view().calls.length === 0);
  expect(station.view().lineKeys[0]?.state).toBe('idle');
}

/** When its scenario has come to its end, they talk, the station hangs up, and both are free. */
async function talkAndPart(label: string, phone: Child, here: Desk): Promise<void> {
  await phone.says(/talking/, 40_000);
  await talkNow(here.talk);
  await part(label, phone, here);
}

/** They have talked: the station hangs up, and both are free. */
async function part(label: string, phone: Child, { station, talk }: Desk): Promise<void> {
  await station.command({ name: 'hangUp', params: { call: callOf(station) } });
  await done(phone, station);
  await understoodEachOther(label, talk);
}

describe.concurrent('a phone that calls, and is understood afterwards', () => {
  it.for(['session-timer', 'storm', 'other-codecs', 'unanswered-offer'])('%s', async (scenario, test) => {
    const here = await desk(test);
    await talkAndPart(scenario, await here.calledBy(scenario), here);
  });

  it('storm, while they talk', async (test) => {
    const here = await desk(test);
    const phone = await here.calledBy('storm');
    await Promise.all([talkNow(here.talk), phone.says(/talking/)]);
    await part('within a storm', phone, here);
  });

  it('reliable ringing', async (test) => {
    const here = await desk(test);
    const phone = await here.play('reliable-ringing');
    await phone.says(/ringing/);
    await here.answer();
    await talkAndPart('reliable ringing', phone, here);
  });

  it('late offer', async (test) => {
    const here = await desk(test);
    await talkAndPart('late offer', await here.calledBy('late-offer', { offer: '{{empty}}' }), here);
  });
});

describe.concurrent('a phone that is called, and is understood afterwards', () => {
  it.for(['early-media', 'fork', 'moved', 'too-brief', 'bare-contact'])('%s', async (scenario, test) => {
    const here = await desk(test);
    await talkAndPart(scenario, await here.calls(scenario), here);
  });

  it('is heard before it answers, and hears the caller, who then gives up', async (test) => {
    const here = await desk(test);
    await talkAndPart('early sound', await here.calls('early-sound'), here);
  });
});

describe.concurrent('a phone that promises sound before it answers', () => {
  it('and sends none: the caller hears the ringback of its own phone', async (test) => {
    const here = await desk(test);
    const phone = await here.calls('early-silence');
    const isRinging = (tone: string | null) => () =>
      here.station.view().calls[0]?.state === 'ringing' && here.station.view().sound.tone === tone;
    await until('silent', here.station, isRinging(null));
    await until('ringback', here.station, isRinging('ringback'));
    await talkAndPart('early silence', phone, here);
  });
});

describe.concurrent('hold in all its forms, and both are understood afterwards', () => {
  it.for([
    ['sendonly', 'audio [rtp] RTP/AVP 0|a=sendonly'],
    ['inactive', 'audio [rtp] RTP/AVP 0|a=inactive'],
    ['c=0.0.0.0', 'audio [rtp] RTP/AVP 0|c=IN IP4 0.0.0.0'],
    [
      'c=0.0.0.0 of the session',
      'v=0|o=- 1 [cseq] IN IP4 [local_ip]|s=-|c=IN IP4 0.0.0.0|t=0 0|m=audio [rtp] RTP/AVP 0',
    ],
    ['c=0.0.0.0, and inactive', 'audio [rtp] RTP/AVP 0|c=IN IP4 0.0.0.0|a=inactive'],
  ])('by the far end: %s', async ([form, later], test) => {
    const here = await desk(test);
    const held = until(
      'held',
      here.station,
      () => here.station.view().calls[0]?.heldByRemote === true,
      30_000,
    );
    const phone = await here.calledBy('holds', { later });
    await held;
    await talkAndPart(`held by ${form}`, phone, here);
  });

  it('by us', async (test) => {
    const here = await desk(test);
    const phone = await here.calledBy('is-held');
    await phone.says(/answered/);
    const call = callOf(here.station);
    await here.station.command({ name: 'hold', params: { call } });
    await here.station.command({ name: 'resume', params: { call } });
    await talkAndPart('held by us', phone, here);
  });

  it('by both, one within the other', async (test) => {
    const here = await desk(test);
    const phone = await here.calledBy('both-hold');
    const { station } = here;
    await phone.says(/holding/);
    const call = callOf(station);
    await station.command({ name: 'hold', params: { call } });
    await phone.says(/resumed/);
    await station.command({ name: 'resume', params: { call } });
    await talkAndPart('held by both', phone, here);
  });
});

const mLines = Array.from({ length: 64 }, () => 'video 6000 RTP/AVP 31').join('|');

describe.concurrent('descriptions that nobody can use', () => {
  const useless = [
    ['no audio port', 'audio 0 RTP/AVP 0'],
    ['a payload number beyond all', 'audio 6000 RTP/AVP 99999'],
    ['no codec in common', 'audio 6000 RTP/AVP 34 4 18'],
    ['a port beyond all', 'audio 99999 RTP/AVP 0'],
    ['64 lines and none of them audio', mLines],
  ] as const;

  it.for(useless)(
    '%s: 488 to an INVITE, nobody rings, and the next call is taken',
    async ([_what, media], test) => {
      await refused(test, { media });
    },
  );

  it.for(useless)('%s: 488 to a re-INVITE, and the call goes on', async ([what, media], test) => {
    const here = await desk(test);
    await talkAndPart(`after ${what}`, await here.calledBy('spoiled', { later: media }), here);
  });

  it.for(useless)('%s: BYE when it is the answer', async ([_what, media], test) => {
    const { station, calls } = await desk(test);
    await done(await calls('useless-answer', { media }), station);
  });
});

/** The INVITE gets that answer, nobody rings, and the next call is taken. */
async function refused(test: TestContext, says: Says): Promise<void> {
  const { station, play, calledBy } = await desk(test);
  const rang: string[] = [];
  station.subscribe(() => rang.push(...station.view().calls.map(({ state }) => state)));
  await done(await play('useless', says), station);
  expect(rang).toEqual([]);
  await done(await calledBy('call'), station);
}

const usual = 'audio [rtp] RTP/AVP 0';
const body = (type: string, length: string, media = usual): string =>
  [
    `Content-Type: ${type}`,
    `Content-Length: ${length}`,
    '',
    ...['v=0', 'o=- 1 1 IN IP4 [local_ip]', 's=-', 'c=IN IP4 [local_ip]', 't=0 0', `m=${media}`, ''],
  ].join('\n');

describe.concurrent('what an outsider would try', () => {
  const broken = [
    ['no c= line', 488, '{{sdp v=0|o=- 1 1 IN IP4 [local_ip]|s=-|t=0 0|m=audio [rtp] RTP/AVP 0}}'],
    ['an m= line without formats', 488, '{{sdp audio [rtp] RTP/AVP}}'],
    ['an m= line of one word', 488, '{{sdp audio}}'],
    ['a name for a port', 488, '{{sdp audio [local_ip] RTP/AVP 0}}'],
    ['an encrypted profile without a key', 488, '{{sdp audio [rtp] RTP/SAVPF 0}}'],
    ['keys by DTLS', 488, '{{sdp audio [rtp] UDP/TLS/RTP/SAVPF 0|a=setup:actpass}}'],
    ['an address that is none', 488, '{{sdp audio [rtp] RTP/AVP 0|c=IN IP4 999.1.2.3}}'],
    ['no SDP at all', 488, '{{sdp v=0|m=}}'],
    ['a body of another kind', 415, body('application/x-secret', '[len]')],
    ['a body in plain text', 415, body('text/plain', '[len]')],
    ['a line without end', 488, `{{sdp audio [rtp] RTP/AVP 34|a=x:${'y'.repeat(30_000)}}}`],
  ] as const;

  it.for(broken)(
    '%s: %i to an INVITE, nobody rings, and the next call is taken',
    async ([_what, status, offer], test) => {
      await refused(test, { offer, status });
    },
  );

  // A proxy refuses a request whose length is wrong, and passes such an answer on.
  const asAnswer = [
    ['no SDP', 0, '{{empty}}'],
    ['a length that cuts the body off', 0, body('application/sdp', '40')],
  ] as const;

  it.for([...broken, ...asAnswer])('%s: BYE when it is the answer', async ([_what, _status, offer], test) => {
    const { station, calls } = await desk(test);
    await done(await calls('useless-answer', { offer }), station);
  });

  it.for([
    [
      'attributes that nobody knows',
      `${usual}|a=x-secret:1|a=|a=rtpmap:|a=fmtp:0 =;;=|a=ptime:-7|a=candidate:x`,
    ],
    ['a profile with feedback', 'audio [rtp] RTP/AVPF 0|a=rtcp-fb:* trr-int 5000|a=rtcp-fb:0 nack'],
    [
      'streams that we do not take, before and after ours',
      `audio 6 UDP/TLS/RTP/SAVPF 0|audio 8 RTP/SAVP 0|a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'A'.repeat(40)}|audio [rtp] RTP/AVP 0|video 10 RTP/AVP 31`,
    ],
    ['RTCP elsewhere, and on the port of RTP', `${usual}|a=rtcp:53020 IN IP4 127.0.0.2|a=rtcp-mux`],
    ['long lines', `${usual}|a=x:${'y'.repeat(3_000)}`],
    [
      'numbers of codecs without end',
      `audio [rtp] RTP/AVP 0 ${Array.from({ length: 200 }, (_, n) => n % 128).join(' ')}`,
    ],
  ] as const)('%s: taken all the same, and understood', async ([what, media], test) => {
    const here = await desk(test);
    await talkAndPart(what, await here.calledBy('plain', { media }), here);
  });

  it('SDP that is one part of several: taken, and understood', async (test) => {
    const here = await desk(test);
    const parts = ['--b1', 'Content-Type: application/isup', '', 'IAM', '--b1', body('application/sdp', '')];
    const offer = [
      'Content-Type: multipart/mixed; boundary="b1"',
      'Content-Length: [len]',
      '',
      ...parts,
      '--b1--',
      '',
    ];
    const said = offer.join('\n').replace('Content-Length: \n', '');
    await talkAndPart('one part of several', await here.calledBy('plain', { offer: said }), here);
  });
});

it.concurrent('a phone that loses its power is gone here, too, before long', async (test) => {
  const { rig, station, pbxPort } = await desk(test);
  const says = await speak(sentences.callee, await rig.folder(), 'there');
  const phone = rig.use(await Baresip.start({ user: '5051', pbxPort, says }));
  await station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
  await until('answered', station, () => station.view().calls[0]?.state === 'active');
  await until('heard', station, () => station.view().calls[0]?.quality != null);
  await phone.child.stop('SIGKILL');
  await until('gone', station, () => station.view().calls.length === 0, 60_000);
  expect(station.view().notices.map(({ code }) => code)).toContain('call-lost');
}, 90_000);
