import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Baresip } from '../support/baresip.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Pulse } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { isAudible, type RtpPacket, streamQuality, streamTo } from '../support/rtp.ts';
import { endlessSpeech, secondsOf, sentences, speak } from '../support/speech.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const enough = 0.9;
const packetsPerSecond = 50;
const backWithinMs = 2000;

/** The app with sound, a foreign phone (5051) on the same PBX, and the wire between. */
async function phoneAndBaresip(says: { readonly intoMicrophone: string; readonly byBaresip: string }) {
  const pulse = rig.use(await Pulse.start());
  const kamailio = rig.use(await Kamailio.start());
  const wire = rig.use(await Wire.start());
  const baresip = rig.use(
    await Baresip.start({ user: '5051', pbxPort: kamailio.port, says: says.byBaresip }),
  );
  const localPort = await portBlock();
  const profile = userA(kamailio.port, localPort);
  const app = rig.use(await ElectronApp.start({ profile, env: pulse.env }));
  await app.control.registered();
  return { ...says, pulse, wire, baresip, app, control: app.control, localPort };
}
type Setting = Awaited<ReturnType<typeof phoneAndBaresip>>;

/** A piece for each; baresip takes a breath first, in which the window's jitter buffer finds its length. */
const pieces = async (folder: string) => ({
  intoMicrophone: await speak(sentences.caller, folder, 'microphone', { rate: 48_000 }),
  byBaresip: await speak(sentences.callee, folder, 'baresip', { lead: 2 }),
});

/** Voices that go on without a pause. */
const endless = async (folder: string) => ({
  intoMicrophone: await endlessSpeech(sentences.caller, folder, 'microphone', { rate: 48_000 }),
  byBaresip: await endlessSpeech(sentences.callee, folder, 'baresip', { lead: 2 }),
});

/** First baresip says its piece, then we speak into the microphone. */
async function conversation({ wire, localPort, byBaresip, pulse, intoMicrophone }: Setting): Promise<void> {
  const ours = await wire.audioPortOf(localPort, localPort + 1);
  const packets = ((await secondsOf(byBaresip)) + 1) * packetsPerSecond;
  await wire.rtpUntil('what baresip says', (seen) => streamTo(seen, ours).length > packets, 60_000);
  await pulse.speak(intoMicrophone);
}

async function understood(setting: Setting, speaker: string, label: string) {
  const { byBaresip, intoMicrophone, baresip, wire, localPort } = setting;
  const rtp = await wire.rtp();
  const arrived = streamQuality(streamTo(rtp, await wire.audioPortOf(localPort, localPort + 1)));
  const left = streamQuality(streamTo(rtp, await wire.audioPortOf(baresip.port)));
  const atBaresip = await intelligibility(intoMicrophone, await baresip.heard());
  const atSpeaker = await intelligibility(byBaresip, speaker);
  console.log(
    `${label}: RTP from baresip ${JSON.stringify(arrived)}, to baresip ${JSON.stringify(left)}\n` +
      `${label}: STOI microphone to baresip ${atBaresip.toFixed(3)}, baresip to speaker ${atSpeaker.toFixed(3)}`,
  );
  return { atBaresip, atSpeaker };
}

describe('the app in a call with a foreign phone', () => {
  it('calls from the dial pad and both understand each other', async () => {
    const folder = await rig.folder();
    const setting = await phoneAndBaresip(await pieces(folder));
    const { app, control, baresip, pulse } = setting;
    const speaker = join(folder, 'speaker.wav');
    const recorder = await pulse.record(speaker);

    await app.window.getByRole('textbox').first().fill('5051');
    await app.window.keyboard.press('Enter');
    await control.call('active');
    await conversation(setting);
    await app.window.getByRole('button', { name: /hang up/i }).click();
    await baresip.until('CALL_CLOSED');
    await control.key(1, 'idle');
    await recorder.stop();

    const { atBaresip, atSpeaker } = await understood(setting, speaker, 'e2e, outgoing from 5031');
    expect(atBaresip).toBeGreaterThanOrEqual(enough);
    expect(atSpeaker).toBeGreaterThanOrEqual(enough);
  });

  it('is called on the shared line, answers with a click on its key, and both understand each other', async () => {
    const folder = await rig.folder();
    const setting = await phoneAndBaresip(await pieces(folder));
    const { app, control, baresip, pulse } = setting;
    await baresip.dial('5041');
    await control.key(2, 'local-ringing');
    const speaker = join(folder, 'speaker.wav');

    await app.lineKey(2).click();
    await control.key(2, 'local-active');
    const recorder = await pulse.record(speaker);
    await conversation(setting);
    await baresip.hangUp();
    await control.until('the call is over', ({ calls }) => calls.length === 0);
    await recorder.stop();

    const { atBaresip, atSpeaker } = await understood(setting, speaker, 'e2e, incoming on shared 5041');
    expect(atBaresip).toBeGreaterThanOrEqual(enough);
    expect(atSpeaker).toBeGreaterThanOrEqual(enough);
  });

  it.each(['killed', 'reloaded'])(
    'keeps the call when its window is %s, and the sound comes back',
    async (how) => {
      const setting = await phoneAndBaresip(await endless(await rig.folder()));
      const { app, control, baresip, pulse, wire, intoMicrophone } = setting;
      const ear = pulse.listen();
      rig.use(pulse.play(intoMicrophone));
      const { call } = await control.command('dial', { lineKey: 1, number: '5051' });
      await control.call('active');
      const atBaresip = await wire.audioPortOf(baresip.port);
      const firstVoice = async (after: number): Promise<number> => {
        const voice = (seen: readonly RtpPacket[]) =>
          streamTo(seen, atBaresip).find((packet) => packet.time > after && isAudible(packet));
        const seen = await wire.rtpUntil('our voice', (packets) => voice(packets) !== undefined);
        return voice(seen)?.time ?? Number.NaN;
      };
      await ear.soundAfter(Date.now());
      await firstVoice(Date.now());

      const isBack = app.nextPage();
      if (how === 'killed') await app.crash();
      else await app.window.reload();
      const back = await isBack;

      const heardAgain = (await ear.soundAfter(back)) - back;
      const spokenAgain = (await firstVoice(back)) - back;
      console.log(
        `window ${how}: after it was back, heard again in ${heardAgain.toFixed(0)} ms, ` +
          `speaking again in ${spokenAgain.toFixed(0)} ms`,
      );
      expect(heardAgain).toBeLessThan(backWithinMs);
      expect(spokenAgain).toBeLessThan(backWithinMs);
      expect(control.snapshot.calls).toMatchObject([{ id: call, state: 'active' }]);
      expect(baresip.events.map(({ type }) => type)).not.toContain('CALL_CLOSED');
    },
  );
});
