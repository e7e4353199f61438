import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { defaultPortRange } from '../../electron/media/rtp/port-pair.ts';
import { Baresip } from '../support/baresip.ts';
import { talkNow, understoodEachOther } from '../support/both-ways.ts';
import { Child, run } from '../support/child.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { firstPort, lastPort, loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { streamTo } from '../support/rtp.ts';
import { writeSound } from '../support/rtp-sound.ts';
import { soundPort } from '../support/sipp.ts';
import { SpeakingEnd } from '../support/speaking-end.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Station } from '../support/station.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const packetsPerSecond = 50;
const enough = 0.9;
/** The stations' RTP ports come from their whole range, the foreign phones' from the tests'. */
const allPorts = `udp portrange ${defaultPortRange.join('-')} or udp portrange ${firstPort}-${lastPort}`;

const profileOf = (user: string, pbxPort: number, localPort: number): ProfileInput => ({
  pbx: { address: loopback, port: pbxPort, dialect: 'none' },
  station: { name: `Phone ${user}`, localAddress: loopback },
  extensions: [{ userId: user, password: `pw${user}`, localPort }],
  lineKeys: [{ extension: 1, label: user }],
  // So that what is on the wire can be listened to.
  calls: { codecs: ['PCMU'] },
});

/** Kamailio, a capture, and what the phones say. */
async function office() {
  const folder = await rig.folder();
  const said = {
    one: await speak(sentences.caller, folder, 'one', { muLaw: true }),
    onePcm: await speak(sentences.caller, folder, 'one-pcm'),
    other: await speak(sentences.callee, folder, 'other', { muLaw: true }),
    otherPcm: await speak(sentences.callee, folder, 'other-pcm'),
  };
  const seconds = Math.max(await secondsOf(said.one), await secondsOf(said.other));
  const kamailio = rig.use(await Kamailio.start());
  const wire = rig.use(await Wire.start(allPorts));
  return { said, kamailio, wire, folder, seconds };
}
type Office = Awaited<ReturnType<typeof office>>;

async function phone({ kamailio }: Office, user: string, says?: string) {
  const localPort = await portBlock();
  const profile = profileOf(user, kamailio.port, localPort);
  const station = rig.use(await Station.start({ profile, ...(says && { says }) }));
  await station.control.registered();
  return { station, control: station.control, localPort };
}
type Phone = Awaited<ReturnType<typeof phone>>;

const foreign = async ({ kamailio }: Office, user: string, says: string) =>
  rig.use(await Baresip.start({ user, pbxPort: kamailio.port, says }));

const free = (...phones: readonly Phone[]) =>
  Promise.all(phones.map(({ control }) => control.until('free', ({ calls }) => calls.length === 0)));
const talks = ({ control }: Phone, number: string) =>
  control.until(`alone with ${number}`, ({ calls }) => {
    const [call, ...more] = calls;
    return call?.state === 'active' &&
      !call.heldByRemote &&
      call.remote.number === number &&
      more.length === 0
      ? call
      : null;
  });
async function answers({ control }: Phone): Promise<void> {
  await control.command('answer', { call: (await control.call('incoming')).id });
}

/** Waits until the phone at a SIP port, which has begun to listen for its last call, has heard all there is to say. */
async function hearsAll(here: Office, sipPort: number, seconds = here.seconds): Promise<void> {
  const audio = lastAudioPort(await here.wire.sip(), sipPort);
  const packets = (seconds + 1) * packetsPerSecond;
  await here.wire.rtpUntil('all there is to say', (seen) => streamTo(seen, audio).length > packets, 40_000);
}

/** The port at which it wants its sound, by its last SDP of a call. */
function lastAudioPort(seen: Awaited<ReturnType<Wire['sip']>>, sipPort: number): number {
  const own = seen.filter(({ from, message }) => from === sipPort && /^m=audio [1-9]/m.test(message.body));
  return Number(/^m=audio (\d+)/m.exec(own.at(-1)?.message.body ?? '')?.[1]);
}

/** What a station has heard in its call of that number, counted from 1. */
async function heardIn({ station }: Phone, number: number): Promise<string> {
  const file = number === 1 ? station.heard : station.heard.replace(/\.wav$/, `-${number}.wav`);
  await access(file);
  return file;
}

/** The file of someone who does not tire. */
async function overAndOver(said: string): Promise<string> {
  const file = said.replace('.wav', '-again.wav');
  await run('sox', [said, file, 'repeat', '5']);
  return file;
}

async function understood(label: string, both: readonly (readonly [string, string])[]): Promise<void> {
  const scores: number[] = [];
  for (const [said, heard] of both) scores.push(await intelligibility(said, heard));
  console.log(`${label}: STOI ${scores.map((score) => score.toFixed(3)).join(' and ')}`);
  for (const score of scores) expect(score).toBeGreaterThanOrEqual(enough);
}

describe('a blind transfer through Kamailio', () => {
  it('sends a foreign phone to a colleague, and the two understand each other', async () => {
    const here = await office();
    const alice = await phone(here, '5031');
    const carol = await phone(here, '5061', here.said.one);
    const bob = await foreign(here, '5051', here.said.otherPcm);
    const { call } = await alice.control.command('dial', { lineKey: 1, number: '5051' });
    await talks(alice, '5051');
    const done = alice.control.command('transfer', { call, number: '5061' });
    await answers(carol);
    expect(await done).toEqual({ call });
    await free(alice);
    const theirs = await talks(carol, '5051');
    await Promise.all([hearsAll(here, carol.localPort), hearsAll(here, bob.port)]);
    const since = bob.events.length;
    await carol.control.command('hangUp', { call: theirs.id });
    await free(carol);
    await bob.until('CALL_CLOSED', since);
    await carol.station.leave();
    await understood('blind, foreign phone transferred', [
      [here.said.one, await bob.heard()],
      [here.said.other, carol.station.heard],
    ]);
  });

  it('comes back when the colleague does not answer to it, and both hear each other again', async () => {
    const here = await office();
    const alice = await phone(here, '5031', await overAndOver(here.said.one));
    const carol = await phone(here, '5061');
    const bob = await foreign(here, '5051', await overAndOver(here.said.otherPcm));
    const { call } = await alice.control.command('dial', { lineKey: 1, number: '5051' });
    await talks(alice, '5051');
    const done = alice.control.command('transfer', { call, number: '5061' });
    await carol.control.command('reject', { call: (await carol.control.call('incoming')).id });
    await expect(done).rejects.toMatchObject({ code: 'transfer-failed' });
    await talks(alice, '5051');
    await free(carol);
    const audio = await here.wire.audioPortOf(bob.port);
    const since = streamTo(await here.wire.rtp(), audio).length;
    const seconds = 2 * here.seconds;
    const enough = since + seconds * packetsPerSecond;
    await here.wire.rtpUntil('both again', (seen) => streamTo(seen, audio).length > enough, 60_000);
    await alice.control.command('hangUp', { call });
    await free(alice);
    await bob.until('CALL_CLOSED');
    await alice.station.leave();
    // Baresip 1.0 records no more after a hold: what it hears is what comes to its port.
    const atBob = `${here.folder}/bob.wav`;
    writeSound(streamTo(await here.wire.rtp(), audio).slice(since), atBob);
    const atAlice = `${here.folder}/alice.wav`;
    await run('sox', [alice.station.heard, atAlice, 'trim', `-${seconds}`]);
    await understood('blind, and back', [
      [here.said.one, atBob],
      [here.said.other, atAlice],
    ]);
  }, 120_000);

  it('by a foreign phone takes us to another one, and the two of us understand each other', async () => {
    const here = await office();
    const alice = await phone(here, '5031', here.said.one);
    const silent = `${here.folder}/silent.wav`;
    await run('sox', ['-n', '-r', '8000', '-c', '1', '-b', '16', silent, 'trim', '0', '5']);
    const bob = await foreign(here, '5051', silent);
    const carol = await foreign(here, '5061', here.said.otherPcm);
    await bob.dial('5031');
    await answers(alice);
    await bob.until('CALL_ESTABLISHED');
    await bob.command('transfer', `sip:5061@${loopback}:${here.kamailio.port}`);
    const going = await alice.control.until('with Carol', ({ calls }) =>
      calls.find(({ remote, state }) => remote.number === '5061' && state === 'active'),
    );
    await talks(alice, '5061');
    await Promise.all([hearsAll(here, alice.localPort), hearsAll(here, carol.port)]);
    await alice.control.command('hangUp', { call: going.id });
    await carol.until('CALL_CLOSED');
    await bob.until('CALL_CLOSED');
    await free(alice);
    await alice.station.leave();
    await understood('blind, transferred by a foreign phone', [
      [here.said.one, await carol.heard()],
      [here.said.other, await heardIn(alice, 2)],
    ]);
  });
});

describe('a transfer by a foreign phone that our user is asked about', () => {
  /** Bob, a foreign phone, is in a call with Alice, who is asked where she may go at all, and wants to send her to a number. */
  async function sendsUsTo(number: string) {
    const here = await office();
    const alice = await phone(here, '5031');
    const bob = await foreign(here, '5051', here.said.otherPcm);
    const settings = { followTransfers: 'ask', dialPlan: '(50xx)' } as const;
    await alice.control.command('configure', { settings });
    const carol = await foreign(here, '5061', here.said.otherPcm);
    await bob.dial('5031');
    await answers(alice);
    const { id: call } = await alice.control.call('active');
    await bob.until('CALL_ESTABLISHED');
    await bob.command('transfer', `sip:${number}@${loopback}:${here.kamailio.port}`);
    const asked = () =>
      alice.control.until('asked', ({ calls }) =>
        calls.find(({ id, referredTo }) => id === call && referredTo?.number === number),
      );
    return { here, alice, bob, carol, call, asked };
  }

  it('takes us there when they say so', async () => {
    const { here, alice, bob, carol, call, asked } = await sendsUsTo('5061');
    await asked();
    const pending = await here.wire.sees(
      'that somebody is asked',
      ({ from, message }) => from === alice.localPort && message.method === 'NOTIFY',
    );
    expect(pending.message.header('Subscription-State')).toMatch(/^pending;/);
    expect(pending.message.body).toContain('100 Trying');
    await alice.control.command('followTransfer', { call });
    await carol.until('CALL_ESTABLISHED');
    await bob.until('CALL_CLOSED');
    await talks(alice, '5061');
  });

  it('fails for the transferor when they stay', async () => {
    const { alice, bob, call, asked } = await sendsUsTo('5061');
    await asked();
    await alice.control.command('declineTransfer', { call });
    expect(await bob.until('TRANSFER_FAILED')).toMatchObject({ param: '603 Declined' });
    // Baresip then hangs up by itself.
    await free(alice);
  });

  it('fails at once when the dial plan bars the number', async () => {
    const { alice, bob } = await sendsUsTo('0900');
    expect(await bob.until('TRANSFER_FAILED')).toMatchObject({ param: '403 Forbidden' });
    await alice.control.until('told', ({ notices }) =>
      notices.find(({ code }) => code === 'referral-barred'),
    );
  });
});

describe('an attended transfer through Kamailio', () => {
  it('brings two stations together, who understand each other, and leaves the third free', async () => {
    const here = await office();
    const alice = await phone(here, '5031');
    const bob = await phone(here, '5051', here.said.one);
    // What Carol says begins when Alice asks her: by the time she speaks, she has Bob.
    const late = await speak(sentences.callee, here.folder, 'late', { muLaw: true, lead: 4 });
    const carol = await phone(here, '5061', late);
    await bob.control.command('dial', { lineKey: 1, number: '5031' });
    await answers(alice);
    const { id: call } = await alice.control.call('active');
    const { call: to } = await alice.control.command('consult', { call, number: '5061' });
    await answers(carol);
    await asking(alice, to);
    await alice.control.command('completeTransfer', { call, to });
    await free(alice);
    await Promise.all([talks(bob, '5061'), talks(carol, '5051')]);
    await Promise.all([
      hearsAll(here, carol.localPort),
      hearsAll(here, bob.localPort, (await secondsOf(late)) - 2),
    ]);
    const { id } = await talks(bob, '5061');
    await bob.control.command('hangUp', { call: id });
    await free(bob, carol);
    await Promise.all([bob.station.leave(), carol.station.leave()]);
    await understood('attended, between stations', [
      [here.said.one, carol.station.heard],
      [here.said.other, await heardIn(bob, 2)],
    ]);
  }, 120_000);

  it('sends a foreign phone to the dialog that it is to replace', async () => {
    const here = await office();
    const alice = await phone(here, '5031');
    const bob = await phone(here, '5061');
    const { phone: transferee } = await sippPhone(here, 'transferee', '5051', 1);
    const { call } = await alice.control.command('dial', { lineKey: 1, number: '5051' });
    await talks(alice, '5051');
    const { call: to } = await alice.control.command('consult', { call, number: '5061' });
    await answers(bob);
    await asking(alice, to);
    await alice.control.command('completeTransfer', { call, to });
    await free(alice, bob);
    expect(await transferee.ended, transferee.output.slice(-3000)).toBe(0);
  });

  it('takes us to a foreign phone, with the name of the dialog to replace', async () => {
    const here = await office();
    const alice = await phone(here, '5031');
    const bob = await phone(here, '5051', here.said.one);
    const { phone: target, end } = await sippPhone(here, 'target', '5061', 2);
    const { call } = await alice.control.command('dial', { lineKey: 1, number: '5051' });
    await answers(bob);
    await talks(alice, '5051');
    const { call: to } = await alice.control.command('consult', { call, number: '5061' });
    await asking(alice, to);
    const asked = await here.wire.sees(
      'the call to ask',
      ({ to: port, message }) =>
        port === alice.localPort &&
        message.status === 200 &&
        message.transaction === 'INVITE' &&
        message.header('To').includes('sip:5061@'),
    );
    await alice.control.command('completeTransfer', { call, to });
    await free(alice);
    const invite = await here.wire.sees(
      'Replaces',
      ({ from, message }) =>
        from === bob.localPort && message.method === 'INVITE' && message.header('Replaces') !== '',
    );
    const [theirs, ours] = ['To', 'From'].map((name) => /;tag=([^;]+)/.exec(asked.message.header(name))?.[1]);
    expect(invite.message.header('Replaces')).toBe(
      `${asked.message.header('Call-ID')};to-tag=${theirs};from-tag=${ours}`,
    );
    const { id } = await talks(bob, '5061');
    const talk = { end, station: { says: here.said.one, heard: await heardIn(bob, 2) } };
    await talkNow(talk, here.seconds);
    await bob.control.command('hangUp', { call: id });
    await free(bob);
    await bob.station.leave();
    await understoodEachOther('attended, taken to a foreign phone', talk);
    expect(await target.ended, target.output.slice(-3000)).toBe(0);
  });
});

const asking = ({ control }: Phone, id: string) =>
  control.until('asking', ({ calls }) => calls.find((each) => each.id === id && each.state === 'active'));

const scenario = (name: string): string => fileURLToPath(new URL(`transfer/${name}.xml`, import.meta.url));

/** A foreign phone made of sipp: registers, then plays its part in so many calls and insists on what it gets. */
async function sippPhone({ kamailio, folder, said }: Office, role: string, user: string, calls: number) {
  const port = await portBlock();
  const as = [
    '-i',
    loopback,
    '-p',
    `${port}`,
    '-key',
    'rtp',
    `${soundPort(port)}`,
    '-nostdin',
    '-s',
    user,
    '-au',
    user,
    '-ap',
    `pw${user}`,
  ];
  const play = (name: string, times: number): Child =>
    rig.use(
      new Child(
        'sipp',
        [
          `${loopback}:${kamailio.port}`,
          ...as,
          ...['-m', String(times), '-sf', scenario(name)],
          ...['-trace_err', '-error_file', `${folder}/errors-${name}`],
        ],
        { cwd: folder },
      ),
    );
  const end = await SpeakingEnd.open(rig, soundPort(port), said.other);
  const registration = play('register', 1);
  expect(await registration.ended, registration.output.slice(-3000)).toBe(0);
  return { phone: play(role, calls), end };
}
