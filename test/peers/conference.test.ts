import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { Baresip, type BaresipOptions } from '../support/baresip.ts';
import { run } from '../support/child.ts';
import type { Control } from '../support/control.ts';
import { toneLevel } from '../support/fourier.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { streamTo } from '../support/rtp.ts';
import { streamSamples, writeSound } from '../support/rtp-sound.ts';
import { serveStation } from '../support/served-station.ts';
import { samplesOf, secondsOf, speak } from '../support/speech.ts';
import { Wire } from '../support/wire.ts';

/**
 * Our station (5031) talks to two foreign phones through a foreign PBX and brings them together. What each of the three
 * hears is measured in what it has written down.
 */
const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

type Codec = NonNullable<BaresipOptions['codec']>;
const codecs: readonly (readonly [Codec, Codec])[] = [
  ['PCMU', 'PCMU'],
  ['PCMU', 'G722'],
  ['PCMU', 'opus'],
];
/** RFC 3551, 6. */
const numbers = { PCMU: 0, G722: 9, opus: Number.NaN } as const;
const users = ['5031', '5051', '5061'] as const;
type User = (typeof users)[number];
type Sounds = Readonly<Record<User, string>>;

const profileOf = (pbxPort: number, localPort: number): ProfileInput => ({
  pbx: { address: loopback, port: pbxPort, dialect: 'none' },
  station: { name: 'Station 5031', localAddress: loopback },
  extensions: [{ userId: '5031', password: 'pw5031', localPort }],
  lineKeys: [{ extension: 1, label: '5031' }],
  calls: { codecs: ['PCMU', 'G722', 'opus'] },
});

/** The three in their conference; each says its file over and over, and its recordings are complete after `end`. */
async function conference([bobs, anns]: readonly [Codec, Codec], says: Sounds) {
  const folder = await rig.folder();
  const { port: pbxPort } = rig.use(await Kamailio.start());
  const wire = rig.use(await Wire.start());
  const ours = join(folder, 'heard.wav');
  const audioIn = join(folder, 'ours.wav');
  await run('sox', [says['5031'], '-e', 'mu-law', '-b', '8', audioIn]);
  const us = await serveStation(rig, profileOf(pbxPort, await portBlock()), {
    audioIn,
    audioOut: ours,
    loop: true,
  });
  await us.registered();

  const call = async (user: User, codec: Codec) => {
    const endless = join(folder, `${user}-endless.wav`);
    await run('sox', [says[user], endless, 'repeat', '30']);
    const phone = rig.use(await Baresip.start({ user, pbxPort, says: endless, codec }));
    const { call: id } = await us.command('dial', { lineKey: 1, number: user });
    await us.until('an answer', ({ calls }) =>
      calls.find((each) => each.id === id && each.state === 'active'),
    );
    return { phone, id };
  };
  const bob = await call('5051', bobs);
  const ann = await call('5061', anns);
  await us.command('conference', { call: ann.id, with: bob.id });

  const bobAudio = await wire.audioPortOf(bob.phone.port);
  const toBob = async () => streamTo(await wire.rtp(), bobAudio, numbers[bobs]);
  return {
    us,
    bob: bob.id,
    ann: ann.id,
    /** Resolves when so many seconds more have gone to Bob, who has a codec with a number of its own. */
    async goesOn(seconds: number) {
      const before = (await toBob()).length;
      const enough = before + seconds * 50;
      await wire.rtpUntil('more', (seen) => streamTo(seen, bobAudio, numbers[bobs]).length > enough, 40_000);
    },
    toBob,
    /**
     * Hangs up; resolves with what each has heard. Baresip 1.0 records no more after a hold, and Bob was held while Ann was
     * called: his is what came to his port.
     */
    async end() {
      for (const id of [ann.id, bob.id]) await us.command('hangUp', { call: id });
      await Promise.all([bob, ann].map(({ phone }) => phone.until('CALL_CLOSED')));
      await us.until('free', ({ calls }) => calls.length === 0);
      await us.key(1, 'idle');
      const atBob = join(folder, 'bob-hears.wav');
      if (bobs === 'PCMU') writeSound(await toBob(), atBob);
      return {
        '5031': ours.replace('.wav', '-2.wav'),
        '5051': atBob,
        '5061': await ann.phone.heard(),
      };
    },
  };
}

const othersOf = (user: User): User[] => users.filter((each) => each !== user);

describe.each(codecs)('a conference of three, with foreign phones in %s and %s', (...both) => {
  const label = both.join(' and ');

  it('brings the other two to each, and nobody itself', async () => {
    const hertz = { '5031': 440, '5051': 1000, '5061': 1700 } as const;
    const folder = await rig.folder();
    const toneOf = async (user: User) => {
      const file = join(folder, `${user}.wav`);
      const format = ['-n', '-r', '8000', '-c', '1', '-b', '16', file];
      await run('sox', [...format, 'synth', '2', 'sine', `${hertz[user]}`, 'vol', '0.2']);
      return file;
    };
    const says = {
      '5031': await toneOf('5031'),
      '5051': await toneOf('5051'),
      '5061': await toneOf('5061'),
    };
    const three = await conference(both, says);
    await three.goesOn(4);
    const heard = await three.end();
    for (const user of ['5051', '5061'] as const) {
      const sound = (await samplesOf(heard[user], 8000)).slice(-3 * 8000, -8000);
      const levels = new Map(users.map((each) => [each, decibels(toneLevel(sound, hertz[each]))]));
      const told = [...levels].map(([each, level]) => `${each} ${level.toFixed(1)} dB`).join(', ');
      console.log(`conference, ${label}: ${user} hears ${told}`);
      const own = levels.get(user) ?? 0;
      for (const other of othersOf(user)) {
        expect(levels.get(other)).toBeGreaterThan(-20);
        expect(own).toBeLessThan((levels.get(other) ?? 0) - 25);
      }
    }
  });

  it('lets each understand the other two, as they speak in turn', { timeout: 90_000 }, async () => {
    const folder = await rig.folder();
    const says = {
      '5031': await speak('Glue the sheet to the dark blue background.', folder, '5031'),
      '5051': await speak('The juice of lemons makes fine punch.', folder, '5051'),
      '5061': await speak('Four hours of steady work faced us.', folder, '5061'),
    };
    const longest = Math.max(...(await Promise.all(Object.values(says).map(secondsOf))));
    const three = await conference(both, says);
    for (const speaker of users) {
      await onlyHears(three, speaker);
      await three.goesOn(2 * longest + 0.5);
    }
    const heard = await three.end();
    const scores: [string, number][] = [
      ['5051 of 5031', await intelligibility(says['5031'], heard['5051'])],
      ['5051 of 5061', await intelligibility(says['5061'], heard['5051'])],
      ['5061 of 5031', await intelligibility(says['5031'], heard['5061'])],
      ['5061 of 5051', await intelligibility(says['5051'], heard['5061'])],
      ['5031 of 5051', await intelligibility(says['5051'], heard['5031'])],
      ['5031 of 5061', await intelligibility(says['5061'], heard['5031'])],
    ];
    console.log(
      `conference, ${label}: STOI ${scores.map(([who, score]) => `${who} ${score.toFixed(3)}`).join(', ')}`,
    );
    for (const [who, score] of scores) expect(score, who).toBeGreaterThanOrEqual(0.85);
  });
});

describe('a conference of three with two wideband phones, in G.722 and Opus', () => {
  it('brings each what the other says between 4 and 7 kHz, and nobody itself', async () => {
    const hertz = { '5031': 440, '5051': 5000, '5061': 6300 } as const;
    const folder = await rig.folder();
    const toneOf = async (user: User, rate: number) => {
      const file = join(folder, `${user}.wav`);
      const format = ['-n', '-r', `${rate}`, '-c', '1', '-b', '16', file];
      await run('sox', [...format, 'synth', '2', 'sine', `${hertz[user]}`, 'vol', '0.2']);
      return file;
    };
    const three = await conference(['G722', 'opus'], {
      '5031': await toneOf('5031', 8000),
      '5051': await toneOf('5051', 16_000),
      '5061': await toneOf('5061', 16_000),
    });
    await three.goesOn(4);
    const atBob = streamSamples(await three.toBob(), 'G722', 16);
    const heard = await three.end();
    const hears = {
      '5051': atBob.slice(-3 * 16_000, -16_000),
      '5061': (await samplesOf(heard['5061'], 16_000)).slice(-3 * 16_000, -16_000),
    };
    for (const user of ['5051', '5061'] as const) {
      const levels = new Map(
        users.map((each) => [each, decibels(toneLevel(hears[user], hertz[each], 16_000))]),
      );
      const told = [...levels].map(([each, level]) => `${each} ${level.toFixed(1)} dB`).join(', ');
      console.log(`conference, G722 and opus: ${user} hears ${told}`);
      const own = levels.get(user) ?? 0;
      for (const other of othersOf(user)) {
        expect(levels.get(other)).toBeGreaterThan(-20);
        expect(own).toBeLessThan((levels.get(other) ?? 0) - 25);
      }
    }
  });
});

const decibels = (peak: number): number => 20 * Math.log10(Math.max(peak, 1e-6));

/** Mutes whoever is not to speak now. */
async function onlyHears({ us, bob, ann }: { us: Control; bob: string; ann: string }, speaker: User) {
  await us.command('mute', { call: ann, on: speaker !== '5031' });
  await us.command('mute', { call: bob, on: speaker !== '5031' });
  await us.command('muteParty', { call: bob, on: speaker !== '5051' });
  await us.command('muteParty', { call: ann, on: speaker !== '5061' });
}
