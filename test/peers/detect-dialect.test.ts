import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ProfileInput, profile } from '../../electron/contract/profile.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { detectDialect } from '../../electron/sip/detect-dialect.ts';
import { Kamailio, type Personality } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { shows, stationHere } from '../support/station-here.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const detect = (port: number, extension: Partial<ProfileInput['extensions'][number]> = {}) =>
  detectDialect({
    profile: profile.parse({
      pbx: { address: loopback, port },
      station: { name: 'Asking', localAddress: loopback },
      extensions: [
        { userId: '5031', sharedUserId: '5041', password: 'pw5031', localPort: 5061, ...extension },
      ],
      lineKeys: [{ extension: 1, label: '5041' }],
    }),
    log: silentLog,
    version: '0',
  });

async function practicePbx(): Promise<number> {
  const pbx = createPracticePbx({ address: loopback, port: await portBlock(), log: silentLog });
  const { port } = await pbx.start();
  rig.use({ stop: () => pbx.stop() });
  return port;
}
const kamailio = async (personality: Personality): Promise<Kamailio> =>
  rig.use(await Kamailio.start(undefined, { personality }));

describe('which dialect a PBX speaks', () => {
  it('spa9000: it tells of the line after our word to sa', async () => {
    expect(await detect(await practicePbx())).toEqual({
      ok: true,
      found: { dialect: 'spa9000', watching: true },
    });
  });

  it.each([
    ['bla', 'bla', '5031'],
    // Broadsoft's phones register the shared number as their own.
    ['sca', 'sca', '5041'],
    ['blf', 'none', '5031'],
    ['plain', 'none', '5031'],
  ] as const)('Kamailio %s: %s', async (personality, dialect, userId) => {
    const { port } = await kamailio(personality);
    const result = await detect(port, { userId, password: `pw${userId}` });
    expect(result).toEqual({
      ok: true,
      found: { dialect, watching: personality === 'blf' || personality === 'bla' },
    });
  });

  it('is found out without a trace of it at the PBX, and without disturbing who is there', async () => {
    const { port } = await kamailio('bla');
    const shared = { userId: '5061', sharedUserId: '5041', password: 'pw5061' };
    const colleague = await stationHere(rig, { pbxPort: port, dialect: 'bla', user: '5061', shared });
    await shows(colleague, 2, 'idle');
    const seen: string[] = [];
    colleague.subscribe(() => seen.push(colleague.view().lineKeys[1]?.state ?? ''));
    expect(await detect(port)).toMatchObject({ ok: true, found: { dialect: 'bla' } });
    expect(seen.filter((state) => state !== 'idle')).toEqual([]);
    // Nobody but the colleague is left to ring at.
    const caller = await stationHere(rig, { pbxPort: port, dialect: 'none', user: '5051' });
    await shows(caller, 1, 'idle');
    await caller.command({ name: 'dial', params: { lineKey: 1, number: '5041' } });
    await shows(colleague, 2, 'local-ringing');
  });

  it('cannot be found out with a wrong password, and that is said', async () => {
    const { port } = await kamailio('plain');
    expect(await detect(port, { password: 'wrong' })).toMatchObject({
      ok: false,
      reason: { code: 'wrong-password' },
    });
  });

  it('nor where nobody answers', async () => {
    expect(await detect(await portBlock())).toMatchObject({
      ok: false,
      reason: { code: 'pbx-unreachable', params: { address: loopback } },
    });
  });

  it('nor without a shared extension', async () => {
    expect(await detect(5060, { sharedUserId: undefined })).toEqual({
      ok: false,
      reason: { code: 'no-shared-extension' },
    });
  });
});
