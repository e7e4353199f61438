import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { createStation, host, type TestStation } from '../integration/sip-support.ts';
import { Kamailio } from '../support/kamailio.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

/** 5031 of its own, 5041 and 5051 shared with colleagues. */
const station = (pbxPort: number, localPort: number): ProfileInput => ({
  pbx: { address: host, port: pbxPort },
  station: { name: 'User-A', localAddress: host },
  extensions: [
    { userId: '5031', password: 'pw5031', localPort },
    { userId: '5031', sharedUserId: '5041', password: 'pw5031', localPort: localPort + 1 },
    { userId: '5031', sharedUserId: '5051', password: 'pw5031', localPort: localPort + 2 },
  ],
  lineKeys: [{ extension: 1, label: '5031' }],
});

async function onAir(pbxPort: number, localPort: number): Promise<TestStation> {
  const made = createStation(station(pbxPort, localPort));
  rig.use({ stop: () => made.port.stop() });
  await made.port.start();
  await allRegistered(made);
  return made;
}

/** All three, and freshly: what is shared must be told anew to a PBX that has been started anew. */
async function allRegistered({ is }: TestStation): Promise<void> {
  const told = [
    await is('registered', 20_000),
    await is('registered', 20_000),
    await is('registered', 20_000),
  ];
  expect(told.map(({ extension }) => extension).sort()).toEqual([1, 2, 3]);
  expect(told.map(({ fresh }) => fresh)).toEqual([true, true, true]);
}

/** As a crash would: no SIP, no goodbye. */
async function kill(kamailio: Kamailio): Promise<void> {
  await kamailio.child.stop('SIGKILL');
}

async function startAgain(port: number): Promise<number> {
  rig.use(await Kamailio.start(port));
  return performance.now();
}

describe('a PBX that is killed and started again, empty', () => {
  // A restart may fall anywhere between two looks of the phone at the PBX.
  it.each([
    { ports: 28_010, after: 0 },
    { ports: 28_020, after: 2_500 },
    { ports: 28_030, after: 5_500 },
  ])(
    'has all extensions again within 10 s, killed $after ms after the registration',
    async ({ ports, after }) => {
      const kamailio = rig.use(await Kamailio.start(ports));
      const phone = await onAir(ports, ports + 1);
      await delay(after);
      await kill(kamailio);
      const back = await startAgain(ports);
      await allRegistered(phone);
      const took = Math.round(performance.now() - back);
      console.log(`restarted after ${after} ms: all registered again ${took} ms after the PBX was back`);
      expect(took).toBeLessThan(10_000);
    },
  );

  it('is told as unreachable while it is away, and has all extensions within 10 s of its return', async () => {
    const ports = 28_040;
    const kamailio = rig.use(await Kamailio.start(ports));
    const phone = await onAir(ports, ports + 1);
    await kill(kamailio);
    for (let count = 0; count < 3; count += 1) {
      const failed = await phone.is('register-failed', 20_000);
      expect(failed.reason.code).toBe('pbx-unreachable');
    }
    // Long enough for the transactions (32 s) to end and the pauses between them to have grown.
    await delay(40_000);
    const back = await startAgain(ports);
    await allRegistered(phone);
    const took = Math.round(performance.now() - back);
    console.log(`away for a minute: all registered again ${took} ms after the PBX was back`);
    expect(took).toBeLessThan(10_000);
  }, 120_000);
});
