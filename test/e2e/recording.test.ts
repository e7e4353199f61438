import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { toLinear } from '../../electron/media/codecs/g711.ts';
import { Baresip } from '../support/baresip.ts';
import { run } from '../support/child.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { at } from '../support/fourier.ts';
import { aligned, stoi } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Pulse } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { isAudible, type RtpPacket, streamTo } from '../support/rtp.ts';
import { endlessSpeech, samplesOf, secondsOf, sentences } from '../support/speech.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const rate = 8000;
const inStepMs = 60;
const alike = 0.8;

/** The app in a call with a foreign phone, both talking without a pause, and the call being recorded. */
async function recordedCall() {
  const folder = await rig.folder();
  const here = await endlessSpeech(sentences.caller, folder, 'microphone', { rate: 48_000 });
  const there = await endlessSpeech(sentences.callee, folder, 'baresip', { lead: 0.1 });
  const pulse = rig.use(await Pulse.start());
  const kamailio = rig.use(await Kamailio.start());
  const wire = rig.use(await Wire.start());
  const baresip = rig.use(await Baresip.start({ user: '5051', pbxPort: kamailio.port, says: there }));
  const localPort = await portBlock();
  const profile = {
    ...userA(kamailio.port, localPort),
    calls: { codecs: ['PCMU' as const] },
    settings: { recordingFolder: join(folder, 'Recordings'), recordingTone: false },
  };
  const app = rig.use(await ElectronApp.start({ profile, env: pulse.env }));
  const { control } = app;
  await control.registered();
  rig.use(pulse.play(here));
  const { call } = await control.command('dial', { lineKey: 1, number: '5051' });
  await control.call('active');
  const ours = await wire.audioPortOf(localPort);
  const theirs = await wire.audioPortOf(baresip.port);
  const spokenAfter = async (port: number, time: number): Promise<void> => {
    const audible = (packet: RtpPacket) => packet.time > time && isAudible(packet);
    await wire.rtpUntil('a voice', (seen) => streamTo(seen, port).some(audible));
  };
  await spokenAfter(theirs, Date.now());
  await app.window.getByText('Connected').first().waitFor();
  await app.window.keyboard.press('r');
  const { file, since } = await control.until('it is recorded', ({ calls }) => calls[0]?.recording);
  return { app, control, wire, call, there, ours, theirs, file, began: Date.parse(since), spokenAfter };
}

type Stretch = Readonly<Record<'user' | 'others', Likeness>>;

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, 1000 * count));

async function channel(file: string, number: 1 | 2, folder: string): Promise<string> {
  const wav = join(folder, `channel${number}.wav`);
  await run('sox', [file, wav, 'remix', `${number}`]);
  return wav;
}

/** What passed on the wire, on the clock of a recording that began then. */
function onTheWire(packets: readonly RtpPacket[], began: number, length: number): Float64Array {
  const sound = new Float64Array(length);
  let [last, end] = [packets[0], 0];
  for (const packet of packets) {
    const arrived = Math.round(((packet.time - began) * rate) / 1000);
    const isNext = packet.ssrc === last?.ssrc && packet.timestamp === last.timestamp + last.payload.length;
    const start = isNext && Math.abs(arrived - end) < rate / 5 ? end : arrived;
    for (const [index, code] of packet.payload.entries()) {
      if (start + index >= 0 && start + index < length) sound[start + index] = toLinear(code) / 32768;
    }
    [last, end] = [packet, start + packet.payload.length];
  }
  return sound;
}

interface Likeness {
  /** By how many ms the recording is later than what passed on the wire; at most half a second. */
  readonly later: number;
  /** Their correlation there: 1, when the one is the other. */
  readonly likeness: number;
}

/** What a stretch of the recording has to do with what passed on the wire. */
function likeness(recorded: Float64Array, wire: Float64Array, from: number, to: number): Likeness {
  let [later, best] = [0, Number.NEGATIVE_INFINITY];
  for (let lag = -rate / 2; lag < rate / 2; lag += 1) {
    let sum = 0;
    for (let index = from; index < to; index += 2) sum += at(recorded, index) * at(wire, index - lag);
    if (sum > best) [later, best] = [lag, sum];
  }
  const energy = (sound: Float64Array, shift: number): number => {
    let sum = 0;
    for (let index = from; index < to; index += 2) sum += at(sound, index - shift) ** 2;
    return sum;
  };
  const both = Math.sqrt(energy(recorded, 0) * energy(wire, later));
  return { later: (1000 * later) / rate, likeness: best / (both + Number.EPSILON) };
}

/** How well a recording can be understood, given what was said again and again. */
async function understood(spoken: string, recorded: string): Promise<number> {
  const [endless, piece] = [await samplesOf(spoken, 10_000), await samplesOf(recorded, 10_000)];
  return stoi(aligned(piece, endless.subarray(0, 25 * 10_000)), piece);
}

describe('a recording', () => {
  it('holds both voices, in step, and outlives the window', async () => {
    const { app, control, wire, call, there, ours, theirs, file, began, spokenAfter } = await recordedCall();
    await seconds(6);
    const isBack = app.nextPage();
    const crashed = (Date.now() - began) / 1000;
    await app.crash();
    const back = await isBack;
    await spokenAfter(theirs, back);
    const speaksAgain = (Date.now() - began) / 1000 + 0.5;
    await seconds(6);
    await control.command('record', { call, on: false });
    const lasted = (Date.now() - began) / 1000;
    await control.command('hangUp', { call });

    const folder = await rig.folder();
    const [user, others] = [await channel(file, 1, folder), await channel(file, 2, folder)];
    const [left, right] = [await samplesOf(user, rate), await samplesOf(others, rate)];
    const rtp = await wire.rtp();
    const sent = onTheWire(streamTo(rtp, theirs), began, right.length);
    const heard = onTheWire(streamTo(rtp, ours), began, right.length);
    const before = [1 * rate, Math.floor((crashed - 0.5) * rate)] as const;
    const after = [Math.ceil(speaksAgain * rate), left.length - rate / 2] as const;
    const [atFirst, later] = [before, after].map((stretch) => ({
      user: likeness(left, sent, ...stretch),
      others: likeness(right, heard, ...stretch),
    })) as [Stretch, Stretch];
    const recorded = await secondsOf(file);
    const understandable = await understood(there, others);
    console.log(
      `recording: ${recorded.toFixed(1)} s of ${lasted.toFixed(1)} s, window away from ${crashed.toFixed(1)} to ` +
        `${speaksAgain.toFixed(1)} s; against the wire ${JSON.stringify([atFirst, later])}; STOI of the far end, ` +
        `all the time ${understandable.toFixed(3)}`,
    );
    for (const { user, others } of [atFirst, later]) {
      expect(user.likeness).toBeGreaterThan(alike);
      expect(others.likeness).toBeGreaterThan(alike);
      expect(Math.abs(others.later - user.later)).toBeLessThan(inStepMs);
    }
    expect(Math.abs(later.user.later - atFirst.user.later)).toBeLessThan(inStepMs);
    expect(Math.abs(later.others.later - atFirst.others.later)).toBeLessThan(inStepMs);
    expect(lasted - recorded).toBeLessThan(0.5);
    expect(understandable).toBeGreaterThan(0.9);
    expect(await control.until('the call is over', ({ history }) => history[0])).toMatchObject({
      recording: file,
    });
  });

  it('lacks no more than the last two seconds when the whole app is killed', async () => {
    const { app, file, began, there } = await recordedCall();
    await seconds(5);
    const program = app.app.process();
    const gone = once(program, 'exit');
    const lasted = (Date.now() - began) / 1000;
    program.kill('SIGKILL');
    await gone;
    const folder = await rig.folder();
    const recorded = await secondsOf(file);
    const user = await samplesOf(await channel(file, 1, folder), rate);
    const level = Math.sqrt(user.reduce((sum, sample) => sum + sample ** 2, 0) / user.length);
    const understandable = await understood(there, await channel(file, 2, folder));
    console.log(
      `recording, app killed after ${lasted.toFixed(1)} s: ${recorded.toFixed(1)} s are there; level of our user ` +
        `${level.toFixed(3)}, STOI of the far end ${understandable.toFixed(3)}`,
    );
    expect(lasted - recorded).toBeLessThan(2);
    expect(level).toBeGreaterThan(0.01);
    expect(understandable).toBeGreaterThan(0.9);
  });
});
