import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseProfile, readProfileFile, writeProfileFile } from '../../../electron/storage/profile-file.ts';
import { createStationMemory } from '../../../electron/storage/remembered-station.ts';

const good = {
  pbx: { address: '127.0.0.1', port: 6060, dialect: 'spa9000' },
  station: { name: 'User-A', displayName: 'User-A', localAddress: '127.0.0.1' },
  extensions: [
    { userId: '5031', password: 'pw5031', localPort: 5060 },
    { userId: '5031', sharedUserId: '5041', password: 'pw5031', localPort: 5061 },
  ],
  lineKeys: [
    { extension: 1, label: '5031' },
    { extension: 2, label: '5041' },
  ],
};
const folder = () => mkdtemp(join(tmpdir(), 'partyline-test-'));

describe('a profile', () => {
  it('is read as it is documented', () => {
    expect(parseProfile(JSON.stringify(good), 'p.json')).toMatchObject({ ok: true, profile: good });
  });

  it('fills in the port and the dialect', () => {
    const parsed = parseProfile(JSON.stringify({ ...good, pbx: { address: 'pbx.local' } }), 'p.json');
    expect(parsed).toMatchObject({ ok: true, profile: { pbx: { port: 6060, dialect: 'spa9000' } } });
  });

  it.each([
    ['not json', 'JSON'],
    [JSON.stringify({ ...good, pbx: { address: '' } }), 'pbx.address'],
    [JSON.stringify({ ...good, extensions: [] }), 'extensions'],
    [
      JSON.stringify({ ...good, extensions: [{ ...good.extensions[0], localPort: 99_999 }] }),
      'extensions[0].localPort',
    ],
    [JSON.stringify({ ...good, lineKeys: [{ extension: 3, label: 'x' }] }), 'lineKeys[0].extension'],
    [JSON.stringify({ ...good, station: { name: 'a\r\nVia: x' } }), 'station.name'],
  ])('that is malformed names the field: %#', (text, field) => {
    expect(parseProfile(text, 'p.json')).toMatchObject({
      ok: false,
      reason: { code: 'profile-malformed', params: { file: 'p.json', field } },
    });
  });

  it('that cannot be opened says so', async () => {
    const file = join(await folder(), 'none.json');
    expect(await readProfileFile(file)).toMatchObject({
      ok: false,
      reason: { code: 'profile-unreadable', params: { file } },
    });
  });

  it('is written for its owner only and read back the same', async () => {
    const file = join(await folder(), 'p.json');
    const parsed = parseProfile(JSON.stringify(good), file);
    if (!parsed.ok) throw new Error('good profile refused');
    await writeProfileFile(file, parsed.profile);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readProfileFile(file)).toEqual(parsed);
  });
});

describe('the remembered station', () => {
  it('is remembered, recalled and forgotten', async () => {
    const memory = createStationMemory(join(await folder(), 'station.json'));
    expect(await memory.recall()).toBeNull();
    await memory.remember({ kind: 'practice' });
    expect(await memory.recall()).toEqual({ kind: 'practice' });
    await memory.forget();
    expect(await memory.recall()).toBeNull();
  });

  it('that is damaged is reported and left as it is', async () => {
    const file = join(await folder(), 'station.json');
    await writeFile(file, '{"kind":"pbx"');
    await expect(createStationMemory(file).recall()).rejects.toThrow();
    expect(await readFile(file, 'utf8')).toBe('{"kind":"pbx"');
  });
});
