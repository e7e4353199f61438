import type { NetworkInterfaceInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { type BindUdpSocket, bindUdpSocket } from '../../electron/sip/transport/udp-socket.ts';
import { createStation, field, host, isMethod, RawPbx } from './sip-support.ts';

/** What this machine has. */
let interfaces: Record<string, NetworkInterfaceInfo[]> = {};
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  networkInterfaces: () => interfaces,
}));

const having = (address: string): NetworkInterfaceInfo[] => [
  { address: 'fe80::1', family: 'IPv6', netmask: 'ffff::', mac: '', internal: false, cidr: null, scopeid: 2 },
  { address, family: 'IPv4', netmask: '255.0.0.0', mac: '', internal: false, cidr: `${address}/8` },
];

const pbxPort = 28_220;
const closing: (() => Promise<unknown>)[] = [];
let pbx: RawPbx;
beforeEach(async () => {
  interfaces = {};
  pbx = await new RawPbx(pbxPort).open();
  closing.push(() => pbx.close());
  pbx.automatic = () => ({ status: '200 OK' });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(station: Partial<ProfileInput['station']>, bind?: BindUdpSocket) {
  const made = createStation(
    {
      pbx: { address: host, port: pbxPort, dialect: 'none', nat: false },
      station: { name: 'User-A', ...station },
      extensions: [{ userId: '5031', localPort: 28_230 }],
      lineKeys: [{ extension: 1, label: '5031' }],
    },
    bind && { bind },
  );
  closing.push(() => made.port.stop());
  await made.port.start();
  return made;
}

const registered = async (): Promise<string> =>
  field((await pbx.requests.next(isMethod('REGISTER'))).text, 'Contact');

describe('the interface of the profile', () => {
  it('is used with whatever address it has, and waited for', async () => {
    interfaces = { other0: having('127.0.0.5') };
    const station = await start({ interface: 'office0' });
    expect((await station.is('register-failed')).reason).toEqual({
      code: 'own-address-missing',
      params: { address: 'office0' },
    });
    interfaces = { ...interfaces, office0: having('127.0.0.1') };
    await station.is('registered');
    expect(await registered()).toContain('@127.0.0.1:28230>');
    interfaces = { ...interfaces, office0: having('127.0.0.3') };
    expect(await registered()).toContain('@127.0.0.3:28230>');
  });
});

describe('an address of the profile that this computer does not have yet', () => {
  it('is said to be missing, once, and used when it is there', async () => {
    let attempts = 0;
    const station = await start({ localAddress: host }, (local, listener) => {
      attempts += 1;
      const away = Object.assign(new Error('bind EADDRNOTAVAIL'), { code: 'EADDRNOTAVAIL' });
      return attempts <= 4 ? Promise.reject(away) : bindUdpSocket(local, listener);
    });
    await station.is('registered', 20_000);
    const failures = station.events.all.filter(({ type }) => type === 'register-failed');
    expect(failures).toMatchObject([{ reason: { code: 'own-address-missing', params: { address: host } } }]);
  });
});
