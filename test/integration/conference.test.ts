import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { MulawRecorder } from '../../electron/media/wav-file.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import type { Control } from '../support/control.ts';
import { toneLevel } from '../support/fourier.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { serveStation } from '../support/served-station.ts';
import { linearOf, stretch, tone } from '../support/tones.ts';

/**
 * Four headless stations around a PBX, each driven over its control socket and each speaking a tone of its own: what
 * everybody hears is measured in what their stations write down.
 */
const hertz = { '5031': 440, '5041': 1000, '5051': 1700, '5061': 2300 } as const;
type User = keyof typeof hertz;
const users = Object.keys(hertz) as User[];

let rig: Rig;
let folder: string;
let pbxPort: number;
let us: Control;
const others = new Map<User, Control>();

async function station(user: User): Promise<Control> {
  const audioIn = join(folder, `${user}-says.wav`);
  const says = new MulawRecorder(audioIn);
  says.write(0, stretch(tone(hertz[user], 4_000), 0, 8_000));
  says.close();
  const profile: ProfileInput = {
    pbx: { address: loopback, port: pbxPort, dialect: 'spa9000' },
    station: { name: user, localAddress: loopback },
    extensions: [{ userId: user, password: `pw${user}`, localPort: await portBlock() }],
    lineKeys: [{ extension: 1, label: user }],
  };
  const control = await serveStation(rig, profile, {
    audioIn,
    audioOut: join(folder, `${user}.wav`),
    loop: true,
  });
  await control.registered();
  return control;
}

/** Whose tones were in the last fifth of a second that a station has heard, in its `file`th call. */
async function hears(user: User, file = 1): Promise<User[]> {
  const path = join(folder, file === 1 ? `${user}.wav` : `${user}-${file}.wav`);
  const sound = linearOf((await readFile(path)).subarray(58).subarray(-1_600));
  return users.filter((each) => toneLevel(sound, hertz[each]) > 1_000);
}
const eventually = (user: User, heard: readonly User[], file = 1) =>
  expect.poll(() => hears(user, file), { timeout: 10_000 }).toEqual(heard);

async function talkTo(user: User): Promise<string> {
  const there = others.get(user);
  if (!there) throw new Error(`no station ${user}`);
  const { call } = await us.command('dial', { lineKey: 1, number: user });
  const incoming = await there.until('a ring', ({ calls }) =>
    calls.find(({ state }) => state === 'incoming'),
  );
  await there.command('answer', { call: incoming.id });
  await us.until('an answer', ({ calls }) =>
    calls.find(({ id, state }) => id === call && state === 'active'),
  );
  return call;
}

beforeEach(async () => {
  rig = new Rig();
  folder = await rig.folder();
  pbxPort = await portBlock();
  const pbx = createPracticePbx({ address: loopback, port: pbxPort, log: silentLog });
  await pbx.start();
  rig.use({ stop: () => pbx.stop() });
  us = await station('5031');
  for (const user of users.slice(1)) others.set(user, await station(user));
});
afterEach(() => rig.stop());

describe('a conference of four', () => {
  it('lets each hear the others and not itself, loses who leaves, and goes on without its first call', {
    timeout: 60_000,
  }, async () => {
    const bob = await talkTo('5041');
    await eventually('5041', ['5031']);
    const ann = await talkTo('5051');
    await eventually('5041', []);
    await us.command('conference', { call: ann, with: bob });
    await eventually('5031', ['5041', '5051'], 2);
    await eventually('5041', ['5031', '5051']);
    await eventually('5051', ['5031', '5041']);

    const carol = await talkTo('5061');
    // The conference waits, and its parties do not hear each other meanwhile.
    await eventually('5041', []);
    await eventually('5051', []);
    await us.command('conference', { call: carol, with: ann });
    expect(us.snapshot.calls.map(({ conference }) => conference)).toEqual([carol, carol, carol]);
    await eventually('5041', ['5031', '5051', '5061']);
    await eventually('5051', ['5031', '5041', '5061']);
    await eventually('5061', ['5031', '5041', '5051']);
    await eventually('5031', ['5041', '5051', '5061'], 3);

    await us.command('muteParty', { call: bob, on: true });
    await eventually('5061', ['5031', '5051']);
    await eventually('5041', ['5031', '5051', '5061']);

    // The call that it goes over ends: the others go on, and who was muted stays so.
    await us.command('hangUp', { call: carol });
    await eventually('5051', ['5031']);
    await eventually('5041', ['5031', '5051']);
    expect(us.snapshot.calls.filter(({ state }) => state === 'active').length).toBe(2);

    await us.command('leaveConference', { call: ann });
    await eventually('5051', []);
    await eventually('5041', ['5031']);
    await eventually('5031', ['5041'], 1);
    expect(us.snapshot.calls.map(({ state, conference }) => [state, conference])).toEqual([
      ['active', null],
      ['held', null],
    ]);
  });
});
