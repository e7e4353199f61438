import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { CallQuality } from '../../electron/contract/snapshot.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { baresipPhone, ourPhone } from '../support/measured-phone.ts';
import { type Impairment, MeasuringEnd } from '../support/measuring-end.ts';
import { pause } from '../support/pause.ts';
import { type MakePhone, onBench } from '../support/phone-bench.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Pulse } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { isAudible, streamQuality, streamTo } from '../support/rtp.ts';
import { endlessSpeech, sentences } from '../support/speech.ts';
import { type Understanding, understanding } from '../support/understanding.ts';
import { playedTotals } from '../support/web-leg-stats.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const perCent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const clean: Impairment = { loss: 0, jitterMs: 0 };
const rough: Impairment = { loss: 0.05, jitterMs: 40 };

describe('what the far end says', () => {
  const networks = [rough, clean] as const;
  const seeds = [2026, 5061, 4733];

  /** What is heard of it through each network, once for each seed. */
  const heardBy = (make: MakePhone): Promise<Understanding[][]> =>
    onBench(make, async (bench) => {
      const heard: Understanding[][] = [];
      for (const network of networks) {
        const each: Understanding[] = [];
        for (const seed of seeds) each.push(await understanding(bench, network, seed));
        heard.push(each);
      }
      return heard;
    });
  const mean = (heard: readonly Understanding[] = []): number =>
    heard.reduce((sum, { stoi }) => sum + stoi, 0) / heard.length;

  it('is understood as well as with baresip, and made up for no more than what was lost', {
    timeout: 400_000,
  }, async () => {
    const [throughRough = [], throughClean = []] = await heardBy(ourPhone);
    const [theirRough, theirClean] = await heardBy(baresipPhone);
    for (const { lost, concealed } of throughRough) {
      console.log(
        `e2e, 5 % loss and 40 ms jitter: lost ${perCent(lost)}, made up in the window ${perCent(concealed)}`,
      );
      // What the relay makes up is what was lost: the window may add so much.
      expect(concealed).toBeLessThanOrEqual(0.02);
    }
    console.log(
      `e2e, STOI (mean of three; baresip): clean ${mean(throughClean).toFixed(3)} (${mean(theirClean).toFixed(3)}), ` +
        `5 % loss and 40 ms jitter ${mean(throughRough).toFixed(3)} (${mean(theirRough).toFixed(3)})`,
    );
    expect(mean(throughClean)).toBeGreaterThan(0.98);
    expect(mean(throughRough)).toBeGreaterThanOrEqual(mean(theirRough));
  });
});

/** The app in a call in which both sides speak without a pause. */
async function busyCall() {
  const folder = await rig.folder();
  const pulse = rig.use(await Pulse.start());
  const far = rig.use(await MeasuringEnd.start());
  const wire = rig.use(await Wire.start('udp'));
  const app = rig.use(
    await ElectronApp.start({ profile: userA(far.port, await portBlock()), env: pulse.env }),
  );
  await app.control.registered();
  const voice = pulse.play(await endlessSpeech(sentences.caller, folder, 'microphone', { rate: 48_000 }));
  rig.use(voice);
  const speech = await endlessSpeech(sentences.callee, folder, 'far', { lead: 0 });
  const coming = far.answerCall();
  const { call } = await app.control.command('dial', { lineKey: 1, number: '5099' });
  await coming;
  return { pulse, far, wire, app, control: app.control, voice, speech, call };
}

const longest = (times: readonly number[]): number =>
  times.slice(1).reduce((most, time, index) => Math.max(most, time - (times[index] ?? time)), 0);

describe('a busy computer', () => {
  const stretch = 8000;

  /** From now on the main process does nothing else for 50 ms of every 200; tells how often it was kept busy. */
  const block = (app: ElectronApp): Promise<unknown> =>
    app.app.evaluate(() => {
      setInterval(() => {
        const until = performance.now() + 50;
        while (performance.now() < until);
      }, 200);
    });

  it('is not heard in a call, and a window that is loaded anew sounds again within 2 s', async () => {
    const { pulse, far, wire, app, speech } = await busyCall();
    const ear = pulse.listen();
    void far.play(speech, clean, 1);
    await ear.soundAfter(Date.now());
    await pause(2000);
    /** Samples made up, and how evenly our packets leave. */
    const watch = async () => {
      const from = Date.now();
      const [before] = await playedTotals(app.window);
      await pause(stretch);
      const [after] = await playedTotals(app.window);
      const packets = streamTo(await wire.rtp(), far.rtpPort).filter(({ time }) => time > from);
      return {
        concealed: (after?.concealed ?? Number.NaN) - (before?.concealed ?? Number.NaN),
        ...streamQuality(packets),
      };
    };
    const idle = await watch();
    await block(app);
    const blocked: (typeof idle)[] = [];
    // A busy machine conceals a little by itself, now and then; what comes of the block would come each time.
    for (let round = 0; round < 3; round += 1) blocked.push(await watch());

    const reloading = Date.now();
    await app.window.reload();
    await pause(4000);
    const silent = longest(ear.heard.filter((time) => time > reloading - 500));
    const voice = streamTo(await wire.rtp(), far.rtpPort).filter(isAudible);
    const mute = longest(voice.map(({ time }) => time).filter((time) => time > reloading - 500));
    console.log(
      `e2e: concealed samples and our packets, main process free: ${JSON.stringify(idle)}, blocked ` +
        `50 ms of 200: ${JSON.stringify(blocked)}; silence about the reload ${silent} ms, at the far end ${mute.toFixed(0)} ms`,
    );
    expect(Math.min(...blocked.map(({ concealed }) => concealed))).toBe(0);
    // Forty blocks in a stretch would be one packet in ten.
    expect(Math.min(...blocked.map(({ gapP99 }) => gapP99))).toBeLessThan(60);
    expect(silent).toBeLessThan(2000);
    expect(mute).toBeLessThan(2000);
  });
});

describe('quality', () => {
  it('is told while a call lasts, with whose fault it is, and kept with the call', async () => {
    const { far, control, voice, speech, call } = await busyCall();
    const qualityWhen = async (what: string, network: Impairment, is: (quality: CallQuality) => boolean) => {
      void far.play(speech, network, 7);
      // Three reports, and as many for what was before to be forgotten.
      await pause(6000);
      const told = await control.until(what, ({ calls }) => {
        const quality = calls[0]?.quality ?? null;
        return quality && is(quality) ? quality : null;
      });
      console.log(`e2e, quality ${what}: ${JSON.stringify(told)}`);
      return told;
    };
    const isGood = ({ mos, lossPercent, fault }: CallQuality) =>
      mos > 4 && lossPercent === 0 && fault === null;
    await qualityWhen('of a clean leg', clean, isGood);

    const isPoor = ({ mos, lossPercent, concealedPercent, fault }: CallQuality) =>
      mos < 3.6 && lossPercent > 3 && (concealedPercent ?? 0) > 3 && fault === 'network-in';
    await qualityWhen('at 10 % loss', { loss: 0.1, jitterMs: 0 }, isPoor);

    await voice.stop();
    await qualityWhen('of a microphone without a sound', clean, ({ fault }) => fault === 'microphone');

    await control.command('hangUp', { call });
    const kept = await control.until('the quality of the past call', ({ history }) => history[0]?.quality);
    console.log(`e2e, quality in the history: ${JSON.stringify(kept)}`);
    expect(kept.lossPercent).toBeGreaterThan(1);
    expect(kept.concealedPercent).toBeGreaterThan(0);
  });
});
