import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ProfileInput, profile } from '../../electron/contract/profile.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { defaultPortRange } from '../../electron/media/rtp/port-pair.ts';
import { createNegotiator } from '../../electron/media/sdp/plain-leg-negotiation.ts';
import type { SipEvent } from '../../electron/phone/events.ts';
import type { AppearanceDialog } from '../../electron/phone/lines/dialog.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createSipStation } from '../../electron/sip/sip-station.ts';
import { Inbox } from '../integration/sip-support.ts';
import { Baresip } from '../support/baresip.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio, type Personality } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { isAudible, type RtpPacket, streamTo } from '../support/rtp.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Station } from '../support/station.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const packetsPerSecond = 50;
/** Both ends of a call between two stations take their RTP ports from the whole range. */
const allPorts = `udp portrange ${defaultPortRange.join('-')}`;

/** So that what is on the wire can be listened to. */
const listenable: ProfileInput['calls'] = { codecs: ['PCMU'] };

const profileOf = (user: string, pbxPort: number, localPort: number): ProfileInput => ({
  pbx: { address: loopback, port: pbxPort, dialect: 'none' },
  station: { name: `Phone ${user}`, localAddress: loopback },
  extensions: [{ userId: user, password: `pw${user}`, localPort, bargeIn: true }],
  lineKeys: [{ extension: 1, label: user }],
  calls: listenable,
});

/** Kamailio, a capture, and what the phones say. */
async function office(personality: Personality = 'plain') {
  const folder = await rig.folder();
  const said = {
    byHolder: await speak(sentences.caller, folder, 'holder', { muLaw: true }),
    byHolderPcm: await speak(sentences.caller, folder, 'holder-pcm'),
    byPicker: await speak(sentences.callee, folder, 'picker', { muLaw: true, lead: 0.1 }),
  };
  const kamailio = rig.use(await Kamailio.start(undefined, { personality }));
  const wire = rig.use(await Wire.start(allPorts));
  return { said, kamailio, wire, folder };
}
type Office = Awaited<ReturnType<typeof office>>;

async function phone({ kamailio }: Office, user: string, says?: string, profileFor = profileOf) {
  const localPort = await portBlock();
  const profile = profileFor(user, kamailio.port, localPort);
  const station = rig.use(await Station.start({ profile, ...(says && { says }) }));
  await station.control.registered();
  return { station, control: station.control, localPort };
}

/** The colleague who picks up: a station without its core, told by the test what to do. */
async function colleague({ kamailio, said }: Office, user: string) {
  const localPort = await portBlock();
  const events = new Inbox<SipEvent>();
  const media = createFileMedia({ audioIn: said.byPicker });
  const sip = createSipStation({
    profile: profile.parse(profileOf(user, kamailio.port, localPort)),
    negotiator: createNegotiator(media),
    onEvent: (event) => events.add(event),
    log: silentLog,
    version: '0.0.0',
  });
  rig.use({
    async stop() {
      await sip.stop();
      await media.close();
    },
  });
  await sip.start();
  await events.next(({ type }) => type === 'registered');
  return {
    localPort,
    is: (type: SipEvent['type']) => events.next((event) => event.type === type, 20_000),
    pickUp: (dialog: AppearanceDialog) =>
      sip.perform({ type: 'pick-up', call: 'p1', extension: 1, appearance: null, dialog }),
  };
}

const tagOf = (header: string): string => /;tag=([^;\s]+)/.exec(header)?.[1] ?? '';
const uriOf = (contact: string): string => /<([^>]+)>/.exec(contact)?.[1] ?? contact;

/** The dialog that the phone at a port holds, as it would tell it (RFC 4235), read off the wire. */
async function heldDialog(
  { wire }: Office,
  holder: number,
  holderIs: 'caller' | 'callee',
): Promise<AppearanceDialog> {
  const { message: ok } = await wire.sees(
    'an answered INVITE',
    ({ from, to, message }) =>
      (holderIs === 'caller' ? to : from) === holder &&
      message.status === 200 &&
      message.transaction === 'INVITE',
  );
  const callId = ok.header('Call-ID');
  const { message: invite } = await wire.sees(
    'its INVITE',
    ({ message }) => message.method === 'INVITE' && message.header('Call-ID') === callId,
  );
  const [caller, callee] = [tagOf(ok.header('From')), tagOf(ok.header('To'))];
  const isCaller = holderIs === 'caller';
  return {
    id: '1',
    direction: isCaller ? 'initiator' : 'recipient',
    state: 'confirmed',
    held: true,
    exclusive: false,
    local: null,
    remote: { number: '', name: null, uri: uriOf((isCaller ? ok : invite).header('Contact')) },
    identifiers: {
      callId,
      localTag: isCaller ? caller : callee,
      remoteTag: isCaller ? callee : caller,
    },
  };
}

/** Milliseconds from the picker's INVITE to the first sound that the far end gets. */
async function measuredGap({ wire }: Office, picker: number, farEndAudio: number, seconds: number) {
  const { time: asked } = await wire.sees(
    'the INVITE of the picker',
    ({ from, message }) => from === picker && message.method === 'INVITE',
  );
  const heardSince = (packets: readonly RtpPacket[]): RtpPacket[] =>
    streamTo(packets, farEndAudio).filter((packet) => packet.time > asked && isAudible(packet));
  const packets = await wire.rtpUntil(
    'all that the picker says',
    (seen) =>
      streamTo(seen, farEndAudio).filter(({ time }) => time > asked).length > seconds * packetsPerSecond,
    40_000,
  );
  const all = streamTo(packets, farEndAudio).filter(({ time }) => time > asked - 500);
  const silences = all.slice(1).map(({ time }, index) => time - (all[index]?.time ?? time));
  return {
    toFirstSound: (heardSince(packets)[0]?.time ?? Number.POSITIVE_INFINITY) - asked,
    longestPause: Math.max(...silences),
  };
}

/** Two stations that share 5041 by `dialog;sla`, and their caller. */
const sharer = (user: string, pbxPort: number, localPort: number): ProfileInput => ({
  pbx: { address: loopback, port: pbxPort, dialect: 'bla' },
  station: { name: `Station ${user}`, localAddress: loopback },
  extensions: [
    { userId: user, password: `pw${user}`, localPort },
    { userId: user, sharedUserId: '5041', password: `pw${user}`, localPort: localPort + 1, bargeIn: true },
  ],
  lineKeys: [
    { extension: 1, label: user },
    { extension: 2, label: '5041' },
  ],
  calls: listenable,
});

describe('a shared line with a held call, through Kamailio', () => {
  it('is resumed by key at the other station: its caller hears her within a second, the first is idle', async () => {
    const here = await office('bla');
    const carol = await phone(here, '5061');
    const bob = await phone(here, '5031', here.said.byHolder, sharer);
    const ann = await phone(here, '5051', here.said.byPicker, sharer);
    await Promise.all([bob, ann].map(({ control }) => control.key(2, 'idle')));

    const { call } = await carol.control.command('dial', { lineKey: 1, number: '5041' });
    const rung = await bob.control.call('incoming');
    await bob.control.command('answer', { call: rung.id });
    await carol.control.call('active');
    await ann.control.key(2, 'remote-active');
    const carolAudio = await here.wire.audioPortOf(carol.localPort);
    const bobAudio = await here.wire.audioPortOf(bob.localPort + 1);
    await here.wire.rtpUntil('Bob', (seen) => streamTo(seen, carolAudio).filter(isAudible).length > 50);
    await bob.control.command('hold', { call: rung.id });
    await ann.control.key(2, 'remote-held');

    await ann.control.command('pickUp', { lineKey: 2 });
    await ann.control.key(2, 'local-active');
    await bob.control.key(2, 'remote-active');
    expect(bob.control.snapshot.calls).toEqual([]);
    expect(carol.control.snapshot.calls).toMatchObject([{ id: call, state: 'active', heldByRemote: false }]);
    const { time: gone } = await here.wire.sees(
      'the BYE to Bob',
      ({ to, message }) => to === bob.localPort + 1 && message.method === 'BYE',
    );

    const seconds = await secondsOf(here.said.byPicker);
    const gap = await measuredGap(here, ann.localPort + 1, carolAudio, seconds);
    const late = streamTo(await here.wire.rtp(), bobAudio).filter(({ time }) => time > gone + 200);
    await carol.station.leave();
    const stoi = await intelligibility(here.said.byPicker, carol.station.heard);
    console.log(
      `shared line: first sound after ${gap.toFirstSound.toFixed(0)} ms, longest pause between packets ` +
        `${gap.longestPause.toFixed(0)} ms, STOI ${stoi.toFixed(3)}`,
    );
    expect(gap.toFirstSound).toBeLessThan(1000);
    expect(gap.longestPause).toBeLessThan(1000);
    expect(stoi).toBeGreaterThan(0.9);
    expect(late).toEqual([]);
  });
});

describe('a shared line with a conversation, through Kamailio', () => {
  it('is joined by key from the other station: the first hears her, through the far end, which mixes', async () => {
    const here = await office('bla');
    const carol = await phone(here, '5061');
    const bob = await phone(here, '5031', undefined, sharer);
    const ann = await phone(here, '5051', here.said.byPicker, sharer);
    await Promise.all([bob, ann].map(({ control }) => control.key(2, 'idle')));
    const { call } = await carol.control.command('dial', { lineKey: 1, number: '5041' });
    const rung = await bob.control.call('incoming');
    await bob.control.command('answer', { call: rung.id });
    await ann.control.key(2, 'remote-active');

    await ann.control.command('bargeIn', { lineKey: 2 });
    const bobAudio = await here.wire.audioPortOf(bob.localPort + 1);
    const joinedAt = streamTo(await here.wire.rtp(), bobAudio).length;
    const packets = ((await secondsOf(here.said.byPicker)) + 1) * packetsPerSecond;
    await here.wire.rtpUntil(
      'all that Ann says',
      (seen) => streamTo(seen, bobAudio).length > joinedAt + packets,
      40_000,
    );
    await carol.control.command('hangUp', { call });
    await ann.control.until('Ann is out', ({ calls }) => calls.length === 0);
    await bob.station.leave();
    const stoi = await intelligibility(here.said.byPicker, bob.station.heard);
    console.log(`joined: STOI Ann to Bob ${stoi.toFixed(3)}`);
    expect(stoi).toBeGreaterThan(0.85);
  });
});

describe('a held call picked up by a colleague through Kamailio', () => {
  it('goes on at the colleague: the far end hears her within a second, the holder is idle', async () => {
    const here = await office();
    const carol = await phone(here, '5061');
    const bob = await phone(here, '5031', here.said.byHolder);
    const ann = await colleague(here, '5051');

    const { call } = await carol.control.command('dial', { lineKey: 1, number: '5031' });
    const rung = await bob.control.call('incoming');
    await bob.control.command('answer', { call: rung.id });
    await carol.control.call('active');
    const carolAudio = await here.wire.audioPortOf(carol.localPort);
    const bobAudio = await here.wire.audioPortOf(bob.localPort);
    await here.wire.rtpUntil('Bob', (seen) => streamTo(seen, carolAudio).filter(isAudible).length > 50);
    await bob.control.command('hold', { call: rung.id });
    await carol.control.until('held by Bob', ({ calls }) => calls[0]?.heldByRemote);

    ann.pickUp(await heldDialog(here, bob.localPort, 'callee'));
    await ann.is('answered');
    const going = await carol.control.until('Ann', ({ calls }) =>
      calls.find(({ remote }) => remote.number === '5051'),
    );
    expect(going).toMatchObject({ id: call, state: 'active', heldByRemote: false });
    await bob.control.until('Bob is idle', ({ calls }) => calls.length === 0);
    const { time: gone } = await here.wire.sees(
      'the BYE to Bob',
      ({ to, message }) => to === bob.localPort && message.method === 'BYE',
    );

    const gap = await measuredGap(here, ann.localPort, carolAudio, await secondsOf(here.said.byPicker));
    const late = streamTo(await here.wire.rtp(), bobAudio).filter(({ time }) => time > gone + 200);
    await carol.station.leave();
    const stoi = await intelligibility(here.said.byPicker, carol.station.heard);
    console.log(
      `picked up: first sound after ${gap.toFirstSound.toFixed(0)} ms, longest pause between packets ` +
        `${gap.longestPause.toFixed(0)} ms, STOI ${stoi.toFixed(3)}`,
    );
    expect(gap.toFirstSound).toBeLessThan(1000);
    expect(gap.longestPause).toBeLessThan(1000);
    expect(stoi).toBeGreaterThan(0.9);
    expect(late).toEqual([]);
  });

  it('may have been held by a foreign phone', async () => {
    const here = await office();
    const carol = await phone(here, '5061');
    const ann = await colleague(here, '5031');
    const bob = rig.use(
      await Baresip.start({ user: '5051', pbxPort: here.kamailio.port, says: here.said.byHolderPcm }),
    );
    await bob.dial('5061');
    const { id } = await carol.control.call('incoming');
    await carol.control.command('answer', { call: id });
    await bob.until('CALL_ESTABLISHED');
    await bob.hold();
    await carol.control.until('held by Bob', ({ calls }) => calls[0]?.heldByRemote);

    ann.pickUp(await heldDialog(here, bob.port, 'caller'));
    await ann.is('answered');
    await bob.until('CALL_CLOSED');
    await carol.control.until('Ann', ({ calls }) => calls[0]?.id === id && calls[0].remote.number === '5031');
    const carolAudio = await here.wire.audioPortOf(carol.localPort);
    const gap = await measuredGap(here, ann.localPort, carolAudio, await secondsOf(here.said.byPicker));
    await carol.station.leave();
    const stoi = await intelligibility(here.said.byPicker, carol.station.heard);
    console.log(`from baresip: first sound after ${gap.toFirstSound.toFixed(0)} ms, STOI ${stoi.toFixed(3)}`);
    expect(gap.toFirstSound).toBeLessThan(1000);
    expect(stoi).toBeGreaterThan(0.9);
  });

  it('stays where it is when its far end cannot do that: it does not ring there as a new call', async () => {
    const here = await office();
    const bob = await phone(here, '5061');
    const ann = await colleague(here, '5031');
    const carol = rig.use(
      await Baresip.start({ user: '5051', pbxPort: here.kamailio.port, says: here.said.byHolderPcm }),
    );
    const { call } = await bob.control.command('dial', { lineKey: 1, number: '5051' });
    await bob.control.call('active');
    await bob.control.command('hold', { call });
    const since = carol.events.length;
    ann.pickUp(await heldDialog(here, bob.localPort, 'caller'));
    expect(await ann.is('ended')).toMatchObject({
      reason: { code: 'pick-up-refused', params: { status: 420 } },
    });
    await bob.control.command('resume', { call });
    expect(carol.events.slice(since).map(({ type }) => type)).not.toContain('CALL_INCOMING');
  });
});
