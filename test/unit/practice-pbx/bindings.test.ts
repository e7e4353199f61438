import { describe, expect, it } from 'vitest';
import { type Binding, Bindings } from '../../../electron/practice-pbx/bindings.ts';

const binding = (over: Partial<Binding> = {}): Binding => ({
  extension: '5041',
  registrant: '5031',
  uri: 'sip:5041@127.0.0.1:5061',
  target: { address: '127.0.0.1', port: 5061 },
  source: { address: '127.0.0.1', port: 5061 },
  stationName: 'User-A',
  callId: 'one',
  cseq: 1,
  expiresAt: 3_600_000,
  ...over,
});
const bob = binding({
  registrant: '5041',
  uri: 'sip:5041@127.0.0.6:5060',
  target: { address: '127.0.0.6', port: 5060 },
  source: { address: '127.0.0.6', port: 49152 },
  callId: 'two',
});

describe('bindings', () => {
  it('hold the owner and the sharers of an extension side by side', () => {
    const bindings = new Bindings(() => 0);
    bindings.save(binding());
    bindings.save(bob);
    expect(bindings.of('5041').map((it) => it.registrant)).toEqual(['5031', '5041']);
    expect(bindings.of('5031')).toEqual([]);
    expect(bindings.at(bob.target, '5041')).toEqual(bob);
    expect(bindings.at(bob.source)).toEqual(bob);
    expect(bindings.at(bob.target, '5031')).toBeNull();
    expect(bindings.at({ ...bob.target, port: 5062 })).toBeNull();
  });

  it('tell a refresh from a new one', () => {
    let now = 0;
    const bindings = new Bindings(() => now);
    expect(bindings.save(binding())).toBe('new');
    expect(bindings.save(binding({ cseq: 2 }))).toBe('refreshed');
    now = 3_600_001;
    expect(bindings.save(binding({ cseq: 3, expiresAt: now + 1 }))).toBe('new');
  });

  it('do not let an old REGISTER undo a newer one, unless the station has restarted', () => {
    const bindings = new Bindings(() => 0);
    bindings.save(binding({ cseq: 5 }));
    expect(bindings.save(binding({ cseq: 4 }))).toBe('stale');
    expect(bindings.save(binding({ cseq: 1, callId: 'after a restart' }))).toBe('refreshed');
  });

  it('go when they expire', () => {
    let now = 0;
    const bindings = new Bindings(() => now);
    bindings.save(binding({ expiresAt: 100 }));
    bindings.save(bob);
    expect(bindings.sweep()).toEqual([]);
    now = 100;
    expect(bindings.of('5041')).toEqual([bob]);
    expect(bindings.sweep().map((it) => it.registrant)).toEqual(['5031']);
    expect(bindings.sweep()).toEqual([]);
  });
});
