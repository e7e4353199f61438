import { describe, expect, it } from 'vitest';
import { findAddresses, inOrder, resolveHost, srvName } from '../../../electron/sip/pbx/dns.ts';

const record = (name: string, priority: number, weight: number) => ({ name, port: 5060, priority, weight });

describe('SRV records (RFC 2782)', () => {
  const [main, other, spare] = [record('main', 10, 60), record('other', 10, 40), record('spare', 20, 0)];
  const names = (random: number): string[] =>
    inOrder([spare, other, main], () => random).map(({ name }) => name);

  it('are taken by priority', () => {
    expect(names(0.1).at(-1)).toBe('spare');
    expect(names(0.9).at(-1)).toBe('spare');
  });

  it('are shared out by weight within one priority', () => {
    let seed = 0;
    const first = Array.from({ length: 1_000 }, () => names((seed++ % 1_000) / 1_000)[0]);
    const share = first.filter((name) => name === 'main').length;
    expect(share).toBeGreaterThan(550);
    expect(share).toBeLessThan(650);
  });

  it('may all weigh nothing', () => {
    const all = inOrder([record('a', 1, 0), record('b', 1, 0)], () => 0.5).map(({ name }) => name);
    expect(all.sort()).toEqual(['a', 'b']);
  });
});

describe('the name of SRV records (RFC 3263, 4.2)', () => {
  it.each([
    [undefined, '_sip._udp.pbx.example'],
    ['tcp', '_sip._tcp.pbx.example'],
    ['tls', '_sips._tcp.pbx.example'],
  ] as const)('over %s is %s', (transport, name) => {
    expect(srvName({ host: 'pbx.example', port: 5060, ...(transport && { transport }) })).toBe(name);
  });
});

describe('where a PBX is', () => {
  it('is known with what it is reached over', async () => {
    const hop = { host: '192.0.2.1', port: 5061, transport: 'tls' } as const;
    expect(await findAddresses(hop, true)).toEqual([{ address: '192.0.2.1', port: 5061, transport: 'tls' }]);
  });

  it('is what its address says, without DNS', async () => {
    expect(await findAddresses({ host: '192.0.2.1', port: 6060 }, true)).toEqual([
      { address: '192.0.2.1', port: 6060 },
    ]);
    expect(await resolveHost('::1')).toEqual(['::1']);
  });

  it('is found by its name when there are no SRV records', async () => {
    const found = await findAddresses({ host: 'localhost', port: 6060 }, true);
    expect(found[0]?.port).toBe(6060);
    expect(['127.0.0.1', '::1']).toContain(found[0]?.address);
  });
});
