import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSettingsMemory } from '../../../electron/storage/remembered-settings.ts';

let file: string;
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'partyline-test-')), 'settings.json');
});

describe('remembered settings', () => {
  it('are none at first, then the last that were given, for their owner only', async () => {
    const memory = createSettingsMemory(file);
    expect(await memory.recall()).toEqual({});
    await Promise.all([memory.remember({ dtmf: 'info' }), memory.remember({ dtmf: 'inband' })]);
    expect(await createSettingsMemory(file).recall()).toEqual({ dtmf: 'inband' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('that are damaged are told as such and not touched', async () => {
    await writeFile(file, '{"dtmf":"morse"}');
    await expect(createSettingsMemory(file).recall()).rejects.toThrow('dtmf');
    expect(await readFile(file, 'utf8')).toBe('{"dtmf":"morse"}');
  });
});
