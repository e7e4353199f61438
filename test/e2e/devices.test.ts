import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Baresip } from '../support/baresip.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { Kamailio } from '../support/kamailio.ts';
import { pause } from '../support/pause.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { type Listener, Pulse } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { isAudible, type RtpPacket, streamTo } from '../support/rtp.ts';
import { endlessSpeech, sentences } from '../support/speech.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const longestSilence = 1000;

/** A headset that is the system's default, with a built-in speaker and microphone behind it. */
async function phoneWithHeadset() {
  const folder = await rig.folder();
  const pulse = rig.use(await Pulse.start());
  await pulse.plugSpeaker('headset');
  await pulse.plugMicrophone('headset_voice');
  const kamailio = rig.use(await Kamailio.start());
  const wire = rig.use(await Wire.start());
  const says = await endlessSpeech(sentences.callee, folder, 'baresip', { lead: 0 });
  const baresip = rig.use(await Baresip.start({ user: '5051', pbxPort: kamailio.port, says }));
  const app = rig.use(
    await ElectronApp.start({ profile: userA(kamailio.port, await portBlock()), env: pulse.env }),
  );
  await app.control.registered();
  const intoMicrophone = await endlessSpeech(sentences.caller, folder, 'microphone', { rate: 48_000 });
  rig.use(pulse.play(intoMicrophone));
  return { pulse, wire, baresip, app, control: app.control };
}

/** The longest time, in ms, between two moments at which something was heard at any of the ears. */
function silence(ears: readonly Listener[], from: number): number {
  const moments = ears.flatMap(({ heard }) => heard.filter((time) => time >= from)).sort((a, b) => a - b);
  const all = [from, ...moments, Date.now()];
  return Math.max(...all.slice(1).map((time, index) => time - (all[index] ?? time)));
}

describe('a headset pulled out and plugged in again', () => {
  it('in a call: the far end is heard on, and hears us on', async () => {
    const { pulse, wire, baresip, control } = await phoneWithHeadset();
    const ears = [pulse.listen('headset'), pulse.listen('speaker')];
    await control.command('dial', { lineKey: 1, number: '5051' });
    await control.call('active');
    const [atHeadset, atSpeaker] = ears;
    await atHeadset?.soundAfter(Date.now());
    const begin = Date.now();

    await pulse.unplug('headset_voice');
    await pulse.unplug('headset');
    await atSpeaker?.soundAfter(Date.now());
    await pause(2500);
    const away = silence(ears, begin);

    await pulse.plugSpeaker('headset');
    await pulse.plugMicrophone('headset_voice');
    const again = pulse.listen('headset');
    await again.soundAfter(Date.now());
    await pause(2500);
    const back = silence([...ears, again], begin);
    const to = await wire.audioPortOf(baresip.port);
    const spoken = streamTo(await wire.rtp(), to).filter(
      (packet: RtpPacket) => packet.time > begin && isAudible(packet),
    );
    const unheard = Math.max(
      ...spoken.slice(1).map((packet, index) => packet.time - (spoken[index]?.time ?? packet.time)),
    );
    console.log(
      `headset out and in: longest silence at the user's ear ${away} ms when out, ${back} ms in all; at the far end ${unheard.toFixed(0)} ms`,
    );
    expect(away).toBeLessThan(longestSilence);
    expect(back).toBeLessThan(longestSilence);
    expect(unheard).toBeLessThan(longestSilence);
    expect(control.snapshot.calls).toMatchObject([{ state: 'active' }]);
  });

  it('while it rings: the ring goes on at the speaker', async () => {
    const { pulse, baresip, control } = await phoneWithHeadset();
    const ears = [pulse.listen('headset'), pulse.listen('speaker')];
    await baresip.dial('5031');
    await control.key(1, 'local-ringing');
    await ears[0]?.soundAfter(Date.now());
    await pulse.unplug('headset');
    const out = Date.now();
    const heard = (await ears[1]?.soundAfter(out, 10_000)) ?? Number.NaN;
    console.log(`headset out while it rings: the next ring after ${heard - out} ms`);
    // A ring begins every three seconds.
    expect(heard - out).toBeLessThan(3_000 + longestSilence);
  });
});

describe('a ring that is listened to before it is chosen', () => {
  it('sounds at the ringer alone, once, or until it is stopped', async () => {
    const pulse = rig.use(await Pulse.start());
    await pulse.plugSpeaker('headset');
    const app = rig.use(await ElectronApp.start({ env: pulse.env, profile: userA(1, await portBlock()) }));
    const { window } = app;
    await window
      .getByRole('button', { name: /^Microphone|^Speaker|^Sound/ })
      .first()
      .click();
    await window.getByRole('combobox', { name: /^Ringer/ }).selectOption({ label: 'Speaker' });
    const [atSpeaker, atHeadset] = [pulse.listen('speaker'), pulse.listen('headset')];

    const [listen, stop] = ['Listen: Ringer', 'Stop: Ringer'].map((name) =>
      window.getByRole('button', { name, exact: true }),
    );
    const began = Date.now();
    await listen?.click();
    await stop?.waitFor();
    await atSpeaker.soundAfter(began);
    // Its three seconds are over.
    await listen?.waitFor();
    expect(Date.now() - began).toBeGreaterThan(2_500);
    expect(Math.max(...atSpeaker.heard) - began).toBeLessThan(3_500);
    expect(atHeadset.heard.filter((time) => time > began)).toEqual([]);

    await listen?.click();
    await stop?.click();
    await listen?.waitFor();
  });
});

describe('a call to oneself', () => {
  it('plays back what was said', async () => {
    const pulse = rig.use(await Pulse.start());
    const app = rig.use(await ElectronApp.start({ env: pulse.env, profile: userA(1, await portBlock()) }));
    const intoMicrophone = await endlessSpeech(sentences.caller, await rig.folder(), 'self', {
      rate: 48_000,
    });
    rig.use(pulse.play(intoMicrophone));
    const ear = pulse.listen();
    await app.window
      .getByRole('button', { name: /^Microphone|^Speaker|^Sound/ })
      .first()
      .click();
    const { window } = app;
    await window.getByRole('button', { name: 'Try microphone and speaker' }).click();
    await app.shows('Listening: say something.');
    const began = Date.now();
    await window.waitForFunction(() => (document.querySelector('meter')?.value ?? 0) > 30);
    expect(ear.heard.filter((time) => time > began)).toEqual([]);
    await app.shows('This is how you sound.');
    const heard = await ear.soundAfter(began);
    console.log(`heard oneself ${heard - began} ms after beginning to speak`);
    await app.shows('Did you hear yourself? If not, choose another device above.');
  });
});
