import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Baresip } from '../support/baresip.ts';
import { run } from '../support/child.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { bandLevel } from '../support/fourier.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Pulse } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { type RtpPacket, streamTo } from '../support/rtp.ts';
import { samplesOf, secondsOf, sentences, speak } from '../support/speech.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const enough = 0.9;
const packetsPerSecond = 50;

/** Sound above 4 kHz (RFC 6716, table 2; the upper band of G.722). */
const isWide = {
  G722: ({ payload }: RtpPacket) => payload.some((octet) => octet >> 6 !== 3),
  opus: ({ payload }: RtpPacket) => {
    const mode = (payload[0] ?? 0) >> 3;
    return (mode >= 8 && mode < 16) || (mode >= 20 && payload.length > 10);
  },
};

/** How loud a channel of a WAV file is from 4.2 to 7 kHz. */
async function levelAbove(file: string, channel: number): Promise<number> {
  const wav = join(await rig.folder(), `channel${channel}.wav`);
  await run('sox', [file, wav, 'remix', `${channel}`]);
  return 20 * Math.log10(bandLevel(await samplesOf(wav, 16_000), 4200, 7000, 16_000));
}

it.each(['opus', 'G722'] as const)(
  'calls in %s: the window codes it, both understand, and it is recorded so',
  async (codec) => {
    const folder = await rig.folder();
    const intoMicrophone = await speak(sentences.caller, folder, 'microphone', { rate: 48_000 });
    const says = await speak(sentences.callee, folder, 'baresip', { lead: 2, rate: 16_000 });
    const pulse = rig.use(await Pulse.start());
    const kamailio = rig.use(await Kamailio.start());
    const wire = rig.use(await Wire.start());
    const baresip = rig.use(await Baresip.start({ user: '5051', pbxPort: kamailio.port, says, codec }));
    const localPort = await portBlock();
    const profile = {
      ...userA(kamailio.port, localPort),
      calls: { codecs: [codec, 'PCMU' as const] },
      settings: { recordingFolder: join(folder, 'Recordings'), recordingTone: false },
    };
    const app = rig.use(await ElectronApp.start({ profile, env: pulse.env }));
    const { control } = app;
    await control.registered();
    const speaker = join(folder, 'speaker.wav');
    const recorder = await pulse.record(speaker);

    const { call } = await control.command('dial', { lineKey: 1, number: '5051' });
    expect(await control.call('active')).toMatchObject({ codec });
    await control.command('record', { call, on: true });
    const { file } = await control.until('it is recorded', ({ calls }) => calls[0]?.recording);
    const [ours, theirs] = [await wire.audioPortOf(localPort), await wire.audioPortOf(baresip.port)];
    const format = codec === 'G722' ? 9 : 111;
    const packets = ((await secondsOf(says)) + 1) * packetsPerSecond;
    await wire.rtpUntil('what baresip says', (seen) => streamTo(seen, ours, format).length > packets, 60_000);
    await pulse.speak(intoMicrophone);
    const sent = streamTo(await wire.rtp(), theirs, format);
    await control.command('hangUp', { call });
    await baresip.until('CALL_CLOSED');
    await recorder.stop();

    const wide = sent.filter(isWide[codec]).length;
    const atBaresip = await intelligibility(intoMicrophone, await baresip.heard());
    const atSpeaker = await intelligibility(says, speaker);
    console.log(
      `e2e, ${codec}: ${sent.length} packets, ${wide} of them wide, STOI microphone to baresip ` +
        `${atBaresip.toFixed(3)}, baresip to speaker ${atSpeaker.toFixed(3)}`,
    );
    const above = await Promise.all([levelAbove(file, 1), levelAbove(file, 2), levelAbove(says, 1)]);
    console.log(`e2e, ${codec}, 4.2 to 7 kHz: ${above.map((level) => `${level.toFixed(1)} dB`).join(', ')}`);
    const [user, others, said] = above;
    expect(user).toBeGreaterThan(said - 15);
    // It goes on for a while when all is said.
    expect(others).toBeGreaterThan(said - 8);
    expect(wide).toBeGreaterThan(sent.length / 4);
    expect(atBaresip).toBeGreaterThanOrEqual(enough);
    expect(atSpeaker).toBeGreaterThanOrEqual(enough);
  },
);
