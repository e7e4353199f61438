import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTraceFile } from '../../../electron/storage/trace-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partyline-trace-'));
});
afterEach(() => rm(folder, { recursive: true }));

const capture = Buffer.from('capture');

describe('a trace file', () => {
  it.skipIf(process.platform === 'win32')("is its owner's only, also where another file was", async () => {
    const file = join(folder, 'trace.pcapng');
    await writeFile(file, 'something longer than that', { mode: 0o644 });
    await writeTraceFile(file, capture);
    expect(await readFile(file, 'utf8')).toBe('capture');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is written by its whole path only', async () => {
    await expect(writeTraceFile('trace.pcapng', capture)).rejects.toThrow('must begin at the root');
  });

  it('takes the place of no folder, and leaves nothing half done', async () => {
    await mkdir(join(folder, 'sub'));
    await expect(writeTraceFile(join(folder, 'sub'), capture)).rejects.toThrow('no file');
    await expect(writeTraceFile(join(folder, 'missing', 'trace.pcapng'), capture)).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toEqual(['sub']);
  });

  it.skipIf(process.platform === 'win32')('takes the place of no device', async () => {
    await expect(writeTraceFile('/dev/null', capture)).rejects.toThrow('no file');
  });
});
