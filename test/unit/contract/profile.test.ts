import { describe, expect, it } from 'vitest';
import { type ProfileInput, profile } from '../../../electron/contract/profile.ts';

const input = (pbx: Partial<ProfileInput['pbx']>): ProfileInput => ({
  pbx: { address: '192.0.2.1', ...pbx },
  station: { name: 'User-A' },
  extensions: [{ userId: '5031', localPort: 5060 }],
  lineKeys: [{ extension: 1, label: '5031' }],
});

describe('the PBX of a profile', () => {
  it.each([
    [{}, 6060],
    [{ transport: 'tcp' }, 6060],
    [{ transport: 'tls' }, 5061],
    [{ transport: 'tls', port: 5071 }, 5071],
  ] as const)('with %j has port %i', (pbx, port) => {
    const parsed = profile.parse(input(pbx));
    expect(parsed.pbx.port).toBe(port);
    // What is remembered is read again.
    expect(profile.parse(parsed)).toEqual(parsed);
  });

  it.each([
    ['/etc/ssl/office.pem', true],
    ['C:\\office.pem', true],
    ['-----BEGIN CERTIFICATE-----\nMII...', true],
    ['office.pem', false],
  ])('takes %s for its certificate authority: %s', (certificateAuthority, ok) => {
    expect(profile.safeParse(input({ certificateAuthority })).success).toBe(ok);
  });

  it('says in one place whether transfers are followed', () => {
    expect(profile.parse(input({})).calls.followTransfers).toBe('always');
    const calls = { followTransfers: 'ask' };
    expect(profile.parse({ ...input({}), calls }).calls.followTransfers).toBe('ask');
    expect(profile.safeParse({ ...input({}), calls: { followTransfers: 'sometimes' } }).success).toBe(false);
    expect(profile.safeParse({ ...input({}), settings: calls }).success).toBe(false);
  });

  it('speaks no other transport', () => {
    const parsed = profile.safeParse({ ...input({}), pbx: { address: '192.0.2.1', transport: 'ws' } });
    expect(parsed.error?.issues[0]?.path).toEqual(['pbx', 'transport']);
  });
});
