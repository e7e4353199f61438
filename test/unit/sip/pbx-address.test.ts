import { describe, expect, it } from 'vitest';
import { PbxAddress } from '../../../electron/sip/pbx/pbx-address.ts';

const at = (address: string) => ({ address, port: 5060 });

describe('the addresses of a PBX', () => {
  const [one, two, three] = [at('192.0.2.1'), at('192.0.2.2'), at('192.0.2.3')];
  let now = 0;
  const pbx = () =>
    new PbxAddress(
      { host: 'pbx.example', port: 5060 },
      { find: async () => [one, two, three], now: () => now },
    );

  it('are taken one after the other as they fail, and all may send us requests', async () => {
    const address = pbx();
    expect(await address.resolve()).toEqual(one);
    expect(address.failOver(one)).toBe(true);
    expect(address.last).toEqual(two);
    expect(address.failOver(two)).toBe(true);
    expect(await address.resolve()).toEqual(three);
    expect(address.failOver(three)).toBe(false);
    expect([one, two, three].every((each) => address.has(each.address))).toBe(true);
    expect(address.has('192.0.2.4')).toBe(false);
  });

  it('are left once, however many extensions find out', async () => {
    const address = pbx();
    await address.resolve();
    expect([address.failOver(one), address.failOver(one)]).toEqual([true, true]);
    expect(address.last).toEqual(two);
  });

  it('are taken again after a minute', async () => {
    const address = pbx();
    await address.resolve();
    address.failOver(one);
    now += 60_001;
    expect(await address.resolve()).toEqual(one);
  });

  it('are those of the outbound proxy for all that no Route sends elsewhere', async () => {
    const address = new PbxAddress(
      { host: 'proxy.example', port: 5060 },
      { isProxy: true, find: async () => [one] },
    );
    await address.resolve();
    const farEnd = { host: '192.0.2.77', port: 5070 };
    expect(address.reach(farEnd, false)).toEqual(one);
    expect(address.reach(farEnd, true)).toEqual({ address: '192.0.2.77', port: 5070 });
  });

  it('are reached over the transport that the profile wants, or the URI names', async () => {
    const overTcp = { ...one, transport: 'tcp' } as const;
    const hop = { host: 'pbx.example', port: 5060, transport: 'tcp' } as const;
    const address = new PbxAddress(hop, { find: async () => [overTcp] });
    await address.resolve();
    expect(address.reach(hop, false)).toEqual(overTcp);
    expect(address.reach({ host: '192.0.2.9', port: 5060 }, true)).toEqual(at('192.0.2.9'));
    expect(address.reach({ ...hop, host: '192.0.2.9' }, true)).toEqual({ ...overTcp, address: '192.0.2.9' });
  });

  it('get what could only go in the clear, where TLS is wanted', async () => {
    const overTls = { ...one, transport: 'tls' } as const;
    const pbxOverTls = { host: 'pbx.example', port: 5060, transport: 'tls' } as const;
    const address = new PbxAddress(pbxOverTls, { find: async () => [overTls] });
    await address.resolve();
    for (const transport of ['udp', 'tcp'] as const) {
      expect(address.reach({ host: '192.0.2.9', port: 5060, transport }, true)).toEqual(overTls);
    }
    const farEnd = { host: '192.0.2.9', port: 5061, transport: 'tls' } as const;
    expect(address.reach(farEnd, true)).toEqual({ address: '192.0.2.9', port: 5061, transport: 'tls' });
  });

  it('have the port that DNS says, where it says one', async () => {
    const options = { find: async () => [{ address: '192.0.2.1', port: 5066 }] };
    const [plain, bySrv] = [{}, { srv: true }].map(
      (srv) => new PbxAddress({ host: 'pbx.example', port: 5060 }, { ...options, ...srv }),
    );
    await Promise.all([plain?.resolve(), bySrv?.resolve()]);
    const hop = { host: 'PBX.example', port: 5060 };
    expect(plain?.reach(hop, false)).toEqual({ address: '192.0.2.1', port: 5060 });
    expect(bySrv?.reach(hop, false)).toEqual({ address: '192.0.2.1', port: 5066 });
  });
});
