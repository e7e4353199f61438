import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticeOffice } from '../../electron/practice-pbx/practice-office.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { WirePhone } from '../integration/practice-pbx-phone.ts';
import { Baresip } from '../support/baresip.ts';
import { run } from '../support/child.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { loopback } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

describe('the practice PBX and phones that others have made', () => {
  let pbxPort = 0;
  beforeEach(async () => {
    const pbx = createPracticePbx({ address: loopback, port: 23_400, log: silentLog });
    pbxPort = (await pbx.start()).port;
    rig.use({ stop: () => pbx.stop() });
  });

  it('joins two baresips: registration with digest, ringing, speech both ways, hanging up', async () => {
    const folder = await rig.folder();
    const caller = await speak(sentences.caller, folder, 'caller');
    const callee = await speak(sentences.callee, folder, 'callee');
    const wire = rig.use(await Wire.start());
    const alice = rig.use(await Baresip.start({ user: '5031', pbxPort, says: caller }));
    const bob = rig.use(await Baresip.start({ user: '5051', pbxPort, says: callee, answers: 'manual' }));

    await alice.dial('5051');
    await bob.until('CALL_INCOMING');
    await alice.until('CALL_RINGING');
    await bob.accept();
    await alice.until('CALL_ESTABLISHED');
    const longest = Math.max(await secondsOf(caller), await secondsOf(callee));
    const enough = 2 * 50 * (longest + 0.5);
    await wire.rtpUntil('all that is said', (packets) => packets.length > enough, 40_000);
    await alice.hangUp();
    await bob.until('CALL_CLOSED');
    expect(await intelligibility(caller, await bob.heard())).toBeGreaterThan(0.9);
    expect(await intelligibility(callee, await alice.heard())).toBeGreaterThan(0.9);
  });

  it('stops ringing a baresip when its caller gives up', async () => {
    const folder = await rig.folder();
    const says = await speak(sentences.caller, folder, 'says');
    const alice = rig.use(await Baresip.start({ user: '5031', pbxPort, says }));
    const bob = rig.use(await Baresip.start({ user: '5051', pbxPort, says, answers: 'manual' }));
    await alice.dial('5051');
    await bob.until('CALL_INCOMING');
    await alice.hangUp();
    await bob.until('CALL_CLOSED');
    expect(bob.events.map((event) => event.type)).not.toContain('CALL_ESTABLISHED');
  });

  it.each([
    ['grants a seize of sipp’s', false, 202],
    ['refuses it when a colleague has the line', true, 409],
  ])('%s', async (_what, taken, verdict) => {
    const colleague = await WirePhone.open({ address: loopback, port: pbxPort }, 23_450, '5041');
    rig.use({ stop: () => colleague.close() });
    await colleague.register();
    if (taken) expect((await colleague.publish('confirmed')).status).toBe(202);

    const folder = await rig.folder();
    const scenario = join(folder, 'station.xml');
    const template = await readFile(new URL('practice-pbx/station.xml', import.meta.url), 'utf8');
    await writeFile(scenario, template.replace('[verdict]', String(verdict)));
    const told = new URL('practice-pbx/told.xml', import.meta.url).pathname;
    const address = ['-i', loopback, '-p', '23460', '-m', '1'];
    await run(
      'sipp',
      [`${loopback}:${pbxPort}`, '-sf', scenario, '-oocsf', told, '-timeout', '20', ...address],
      {
        cwd: folder,
      },
    );

    const heard = colleague.unread('NOTIFY').map((it) => /<state>(\w+)/.exec(it.body.toString())?.[1]);
    // Unregistering frees what the station held (facts 1.7).
    expect(heard).toEqual(taken ? [] : ['trying', 'terminated']);
  });
});

describe('the colleagues and a phone that others have made', () => {
  const speech = fileURLToPath(new URL('../../assets/practice', import.meta.url));
  let pbxPort = 0;
  beforeEach(async () => {
    const office = createPracticeOffice({
      address: loopback,
      port: 23_480,
      assets: speech,
      times: { annAnswers: 500, annCalls: 3_600_000 },
      log: silentLog,
    });
    pbxPort = (await office.start()).port;
    rig.use({ stop: () => office.stop() });
  });

  async function call(extension: string, says: string, seconds: number): Promise<string> {
    const wire = rig.use(await Wire.start());
    const phone = rig.use(await Baresip.start({ user: '5031', pbxPort, says }));
    await phone.dial(extension);
    await phone.until('CALL_ESTABLISHED');
    const enough = 2 * 50 * (seconds + 1);
    await wire.rtpUntil('all that is said', (packets) => packets.length > enough, 40_000);
    await phone.hangUp();
    await phone.until('CALL_CLOSED');
    return phone.heard();
  }

  it('Echo says what it hears', async () => {
    const says = await speak(sentences.caller, await rig.folder(), 'says');
    expect(await intelligibility(says, await call('5099', says, await secondsOf(says)))).toBeGreaterThan(0.9);
  });

  it('Ann says what is written for her', async () => {
    const says = await speak(sentences.caller, await rig.folder(), 'says');
    const lines = join(speech, 'ann-answers.wav');
    expect(await intelligibility(lines, await call('5051', says, await secondsOf(lines)))).toBeGreaterThan(
      0.9,
    );
  });
});
