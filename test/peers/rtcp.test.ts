import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isControl, readReports } from '../../electron/media/rtp/rtcp.ts';
import { Baresip } from '../support/baresip.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { streamTo } from '../support/rtp.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Station } from '../support/station.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const packetsPerSecond = 50;

describe('RTCP with a foreign phone', () => {
  it.each([
    ['on the port of RTP', true],
    ['on a port of its own', false],
  ])('%s: each reports to the other, and the stream ends with BYE', async (_, muxes) => {
    const folder = await rig.folder();
    const byStation = await speak(sentences.caller, folder, 'station', { muLaw: true });
    const says = await speak(sentences.callee, folder, 'baresip');
    const { port: pbxPort } = rig.use(await Kamailio.start());
    const wire = rig.use(await Wire.start());
    const baresip = rig.use(await Baresip.start({ user: '5051', pbxPort, says, muxes }));
    const localPort = await portBlock();
    const profile = { ...userA(pbxPort, localPort), calls: { codecs: ['PCMU' as const] } };
    const station = rig.use(await Station.start({ profile, says: byStation }));
    await station.control.registered();
    await baresip.dial('5031');
    await station.control.command('answer', { call: (await station.control.call('incoming')).id });
    const audio = { ours: await wire.audioPortOf(localPort), theirs: await wire.audioPortOf(baresip.port) };
    const packets = ((await secondsOf(byStation)) + 0.5) * packetsPerSecond;
    await wire.rtpUntil('all that we say', (seen) => streamTo(seen, audio.theirs).length > packets, 40_000);
    await station.control.until(
      'baresip has answered a report of ours',
      ({ calls }) => calls[0]?.quality?.roundTripMs != null,
      30_000,
    );
    const { id: call } = await station.control.call('active');
    await station.control.command('hangUp', { call });
    await baresip.until('CALL_CLOSED');

    const answers = (await wire.sip()).filter(
      ({ from, message }) => from === localPort && message.body !== '',
    );
    expect(answers.map(({ message }) => message.body.includes('a=rtcp-mux'))).toEqual([muxes]);
    const above = muxes ? 0 : 1;
    const reportsTo = (port: number) =>
      wire.datagrams
        .filter(({ to, payload }) => to === port && isControl(payload))
        .map(({ payload }) => payload);
    const [toUs, toThem] = [reportsTo(audio.ours + above), reportsTo(audio.theirs + above)];
    expect(Math.min(toUs.length, toThem.length)).toBeGreaterThan(0);
    expect([reportsTo(audio.ours + 1 - above), reportsTo(audio.theirs + 1 - above)]).toEqual([[], []]);
    const [ssrc] = streamTo(await wire.rtp(), audio.theirs).map((packet) => packet.ssrc);
    expect(toThem.map((report) => readReports(report).left).filter((left) => left.length > 0)).toEqual([
      [ssrc],
    ]);
    expect(await intelligibility(byStation, await baresip.heard())).toBeGreaterThanOrEqual(0.9);
  });
});
