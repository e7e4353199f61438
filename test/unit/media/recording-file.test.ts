import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingFile, recordingPath } from '../../../electron/media/conversation/recording-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partyline-recording-'));
});
afterEach(() => rm(folder, { recursive: true }));

const unexpected = ({ message }: Error) => expect.unreachable(message);

describe('the file of a recording', () => {
  it.each([
    ['Call with 5051', 'Call with 5051.wav'],
    ['Call.WAV', 'Call.wav'],
    ['../../etc/passwd', '-..-etc-passwd.wav'],
    ['a\\b:c*d?"<e>|f\u0000', 'a-b-c-d---e--f-.wav'],
    ['..', 'Recording.wav'],
    ['', 'Recording.wav'],
    ['Zoë Ångström, 14.30', 'Zoë Ångström, 14.30.wav'],
    ['x'.repeat(300), `${'x'.repeat(120)}.wav`],
  ])('of %j is %j', (name, file) => {
    expect(recordingPath(folder, name)).toBe(join(folder, file));
  });

  it('never takes the place of another', async () => {
    const wanted = recordingPath(folder, 'Call');
    await writeFile(wanted, 'mine');
    await writeFile(join(folder, 'Call (2).wav'), 'mine too');
    const file = await RecordingFile.open(wanted, 8, unexpected);
    await file.close();
    expect(file.path).toBe(join(folder, 'Call (3).wav'));
    expect(await readFile(wanted, 'utf8')).toBe('mine');
  });

  it.each([8, 16] as const)(
    'of %i kHz is whole while it grows: the header says what is there',
    async (rate) => {
      const [samples, octets] = [20 * rate, 80 * rate];
      const frame = (value: number) => new Int16Array(samples).fill(value);
      const file = await RecordingFile.open(join(folder, 'new', 'folder', 'Call.wav'), rate, unexpected);
      expect((await stat(file.path)).mode & 0o777).toBe(0o600);
      const empty = await readFile(file.path);
      expect([empty.length, empty.readUInt32LE(4), empty.readUInt32LE(40)]).toEqual([44, 36, 0]);
      expect([empty.readUInt32LE(24), empty.readUInt32LE(28)]).toEqual([1000 * rate, 4000 * rate]);
      for (let frames = 0; frames < 60; frames += 1) file.append(frame(frames), frame(-frames));
      await expect.poll(async () => (await readFile(file.path)).readUInt32LE(40)).toBe(50 * octets);
      await file.close();
      const whole = await readFile(file.path);
      expect([whole.length, whole.readUInt32LE(4), whole.readUInt32LE(40)]).toEqual([
        44 + 60 * octets,
        36 + 60 * octets,
        60 * octets,
      ]);
      for (const at of [0, 25, 59]) {
        expect([whole.readInt16LE(44 + octets * at), whole.readInt16LE(46 + octets * at)]).toEqual([
          at,
          0 - at,
        ]);
      }
    },
  );

  it('says what is wrong when it cannot be made', async () => {
    await writeFile(join(folder, 'a'), '');
    await expect(RecordingFile.open(join(folder, 'a', 'Call.wav'), 16, unexpected)).rejects.toMatchObject({
      trouble: 'not-a-folder',
    });
    expect(await readdir(folder)).toEqual(['a']);
  });
});
