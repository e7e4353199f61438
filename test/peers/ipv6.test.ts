import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { createNegotiator } from '../../electron/media/sdp/plain-leg-negotiation.ts';
import { createStation } from '../integration/sip-support.ts';
import { Child } from '../support/child.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const pbxPort = 28_300;
const configuration = fileURLToPath(new URL('kamailio/kamailio.cfg', import.meta.url));

async function startKamailio(): Promise<void> {
  const folder = await rig.folder();
  const args = ['-DD', '-E', '-m', '16', '-M', '4', '-f', configuration, '-Y', folder, '-w', folder];
  const more = ['-P', join(folder, 'pid'), '-l', `udp:[::1]:${pbxPort}`];
  rig.use(new Child('/usr/sbin/kamailio', [...args, ...more]));
}

async function station(userId: string, localPort: number, portRange: [number, number]) {
  const media = createFileMedia({ portRange });
  const made = createStation(
    {
      pbx: { address: '[::1]', port: pbxPort, dialect: 'none' },
      station: { name: userId },
      extensions: [{ userId, password: `pw${userId}`, localPort }],
      lineKeys: [{ extension: 1, label: userId }],
    },
    { negotiator: createNegotiator(media) },
  );
  rig.use({
    async stop() {
      await made.port.stop();
      await media.close();
    },
  });
  const heard = new Promise<void>((resolve) => media.on(({ type }) => type === 'first-rtp' && resolve()));
  await made.port.start();
  await made.is('registered', 30_000);
  return { ...made, heard };
}

describe('IPv6', () => {
  it('carries registrations, a call, a hold and its sound through a foreign PBX', async () => {
    await startKamailio();
    const a = await station('5031', 28_310, [28_340, 28_359]);
    const b = await station('5051', 28_320, [28_360, 28_379]);
    a.port.perform({ type: 'invite', call: 'one', extension: 1, number: '5051' });
    const incoming = await b.is('incoming');
    b.port.perform({ type: 'accept', call: incoming.call });
    await a.is('answered');
    await Promise.all([a.heard, b.heard]);
    a.port.perform({ type: 'hold', call: 'one' });
    await a.is('held');
    expect(await b.is('remote-hold')).toMatchObject({ on: true });
    b.port.perform({ type: 'hang-up', call: incoming.call });
    expect(await a.is('ended')).toMatchObject({ call: 'one', reason: null });
  });
});
