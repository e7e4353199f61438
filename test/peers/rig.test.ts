import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Baresip } from '../support/baresip.ts';
import { run } from '../support/child.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { Pulse } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Wire } from '../support/wire.ts';

/** The measuring instruments, measured: two foreign phones through Kamailio, none of our own code on the way. */
describe('the rig', () => {
  const rig = new Rig();
  afterEach(() => rig.stop());
  afterAll(() => rig.stopAndVerify());

  it('carries a call between two foreign phones and finds it intelligible', async () => {
    const folder = await rig.folder();
    const caller = await speak(sentences.caller, folder, 'caller');
    const callee = await speak(sentences.callee, folder, 'callee');
    const kamailio = rig.use(await Kamailio.start());
    const wire = rig.use(await Wire.start());
    const alice = rig.use(await Baresip.start({ user: '5051', pbxPort: kamailio.port, says: caller }));
    const bob = rig.use(await Baresip.start({ user: '5061', pbxPort: kamailio.port, says: callee }));

    await alice.dial('5061');
    await bob.until('CALL_ESTABLISHED');
    await alice.until('CALL_ESTABLISHED');
    const invite = await wire.sees('INVITE', ({ message }) => message.method === 'INVITE');
    expect(invite.message.uri).toBe(`sip:5061@127.0.0.1:${kamailio.port}`);
    const longest = Math.max(await secondsOf(caller), await secondsOf(callee));
    const enough = 2 * 50 * (longest + 0.5);
    await wire.rtpUntil('all that is said', (packets) => packets.length > enough, 40_000);
    await alice.hangUp();
    await bob.until('CALL_CLOSED');

    const toBob = await intelligibility(caller, await bob.heard());
    const toAlice = await intelligibility(callee, await alice.heard());
    console.log(`rig: STOI 5051 to 5061 ${toBob.toFixed(3)}, 5061 to 5051 ${toAlice.toFixed(3)}`);
    expect(toBob).toBeGreaterThan(0.9);
    expect(toAlice).toBeGreaterThan(0.9);
    expect(await intelligibility(caller, await alice.heard())).toBeLessThan(0.5);
  });

  it('hears at the speaker what is played there, and only there', async () => {
    const folder = await rig.folder();
    const spoken = await speak(sentences.caller, folder, 'spoken', { rate: 48_000 });
    const pulse = rig.use(await Pulse.start());
    const heard = join(folder, 'heard.wav');
    const recorder = await pulse.record(heard);
    await run('paplay', ['--device=speaker', spoken], { env: pulse.env });
    await recorder.stop();
    expect(await intelligibility(spoken, heard)).toBeGreaterThan(0.98);

    const quiet = join(folder, 'quiet.wav');
    const again = await pulse.record(quiet);
    await pulse.speak(spoken);
    await again.stop();
    expect(await intelligibility(spoken, quiet)).toBeLessThan(0.1);
  });
});
