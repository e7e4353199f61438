import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { Baresip } from '../support/baresip.ts';
import { run } from '../support/child.ts';
import { bandLevel } from '../support/fourier.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { streamQuality, streamTo } from '../support/rtp.ts';
import { samplesOf, secondsOf, sentences, speak } from '../support/speech.ts';
import { Station } from '../support/station.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const packetsPerSecond = 50;
const enough = 0.9;

const profileOf = (pbxPort: number, localPort: number, codec: 'G722' | 'opus'): ProfileInput => ({
  ...userA(pbxPort, localPort),
  calls: { codecs: [codec, 'PCMU'] },
});

/** The number that the last SDP gave the codec: with one only in the answer, both sides send it. */
async function formatOf(wire: Wire, codec: string): Promise<number> {
  const answers = (await wire.sip()).filter(({ message }) => /^m=audio/m.test(message.body));
  const map = new RegExp(`^a=rtpmap:(\\d+) ${codec}/`, 'm').exec(answers.at(-1)?.message.body ?? '');
  return Number(map?.[1]);
}

describe.each(['G722', 'opus'] as const)('calls in %s with a foreign phone', (codec) => {
  it.each(['calls', 'is called'])('%s: each understands the other', async (who) => {
    const folder = await rig.folder();
    const said = {
      byStation: await speak(sentences.caller, folder, 'station', { muLaw: true }),
      byBaresip: await speak(sentences.callee, folder, 'baresip'),
    };
    const kamailio = rig.use(await Kamailio.start());
    const wire = rig.use(await Wire.start());
    const baresip = rig.use(
      await Baresip.start({ user: '5051', pbxPort: kamailio.port, says: said.byBaresip, codec }),
    );
    const localPort = await portBlock();
    const profile = profileOf(kamailio.port, localPort, codec);
    const station = rig.use(await Station.start({ profile, says: said.byStation }));
    await station.control.registered();

    if (who === 'calls') {
      await station.control.command('dial', { lineKey: 1, number: '5051' });
    } else {
      await baresip.dial('5031');
      await station.control.command('answer', { call: (await station.control.call('incoming')).id });
    }
    await station.control.call('active');
    const [ours, theirs] = [await wire.audioPortOf(localPort), await wire.audioPortOf(baresip.port)];
    const longest = Math.max(await secondsOf(said.byStation), await secondsOf(said.byBaresip));
    const format = await formatOf(wire, codec);
    const packets = (longest + 0.5) * packetsPerSecond;
    const rtp = await wire.rtpUntil(
      'the whole conversation',
      (seen) =>
        streamTo(seen, ours, format).length > packets && streamTo(seen, theirs, format).length > packets,
      60_000,
    );
    await baresip.hangUp();
    await station.control.until('the call is over', ({ calls }) => calls.length === 0);
    await station.leave();

    const sent = streamTo(rtp, theirs, format);
    const atBaresip = await intelligibility(said.byStation, await baresip.heard());
    const atStation = await intelligibility(said.byBaresip, station.heard);
    console.log(
      `${codec}, station ${who}: ${JSON.stringify(streamQuality(sent))}, ` +
        `STOI to baresip ${atBaresip.toFixed(3)}, to station ${atStation.toFixed(3)}`,
    );
    expect(atBaresip).toBeGreaterThanOrEqual(enough);
    expect(atStation).toBeGreaterThanOrEqual(enough);
  });

  it('is recorded in its whole width', async () => {
    const folder = await rig.folder();
    const said = {
      byStation: await speak(sentences.caller, folder, 'station', { muLaw: true }),
      byBaresip: await speak(sentences.callee, folder, 'baresip', { rate: 16_000 }),
    };
    const kamailio = rig.use(await Kamailio.start());
    const wire = rig.use(await Wire.start());
    const baresip = rig.use(
      await Baresip.start({ user: '5051', pbxPort: kamailio.port, says: said.byBaresip, codec }),
    );
    const localPort = await portBlock();
    const settings = { recordingFolder: join(folder, 'Recordings'), recordingTone: true };
    const profile = { ...profileOf(kamailio.port, localPort, codec), settings };
    const station = rig.use(await Station.start({ profile, says: said.byStation }));
    await station.control.registered();
    await station.control.command('dial', { lineKey: 1, number: '5051' });
    const { id: call } = await station.control.call('active');
    await station.control.command('record', { call, on: true });
    const { file } = await station.control.until('it is recorded', ({ calls }) => calls[0]?.recording);
    const [ours, format] = [await wire.audioPortOf(localPort), await formatOf(wire, codec)];
    const packets = ((await secondsOf(said.byBaresip)) + 0.5) * packetsPerSecond;
    await wire.rtpUntil('all of it', (seen) => streamTo(seen, ours, format).length > packets, 60_000);
    await station.control.command('hangUp', { call });
    await baresip.until('CALL_CLOSED');
    await station.control.until('the call is over', ({ calls }) => calls.length === 0);
    await station.leave();

    const channel = async (number: 1 | 2) => {
      const wav = join(folder, `channel${number}.wav`);
      await run('sox', [file, wav, 'remix', `${number}`]);
      return wav;
    };
    const [user, others] = [await channel(1), await channel(2)];
    const rate = 16_000;
    const wide = async (wav: string) =>
      20 * Math.log10(bandLevel(await samplesOf(wav, rate), 4200, 7000, rate));
    const [spoken, recorded] = [await wide(said.byBaresip), await wide(others)];
    const scores = {
      user: await intelligibility(said.byStation, user),
      others: await intelligibility(said.byBaresip, others),
      atBaresip: await intelligibility(said.byStation, await baresip.heard()),
    };
    console.log(
      `recorded, ${codec}: ${(await run('soxi', ['-r', file])).toString().trim()} Hz, from 4.2 to 7 kHz ` +
        `${recorded.toFixed(1)} dB of ${spoken.toFixed(1)} dB said; STOI ${JSON.stringify(scores)}`,
    );
    expect((await run('soxi', ['-r', file])).toString().trim()).toBe('16000');
    expect(Math.abs(recorded - spoken)).toBeLessThan(4);
    for (const score of Object.values(scores)) expect(score).toBeGreaterThanOrEqual(enough);
  });
});
