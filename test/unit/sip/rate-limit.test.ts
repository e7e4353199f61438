import { describe, expect, it } from 'vitest';
import { type Limits, officeLimits, RateLimit } from '../../../electron/sip/transport/rate-limit.ts';

const limits: Limits = {
  datagrams: { full: { perSecond: 10, burst: 20 }, little: { perSecond: 1, burst: 2 } },
  calls: { full: { perSecond: 2, burst: 4 }, little: { perSecond: 1, burst: 1 } },
  strangers: { perSecond: 5, burst: 6 },
};
const count = (times: number, admits: () => boolean): number =>
  Array.from({ length: times }, admits).filter(Boolean).length;

describe('what a source may send', () => {
  it('is a burst at once, and then so much a second', () => {
    let now = 0;
    const limit = new RateLimit(limits, () => now);
    expect(count(50, () => limit.admitsDatagram('pbx', 'full'))).toBe(20);
    now += 500;
    expect(count(50, () => limit.admitsDatagram('pbx', 'full'))).toBe(5);
    now += 3_600_000;
    expect(count(50, () => limit.admitsDatagram('pbx', 'full'))).toBe(20);
    expect(count(50, () => limit.admitsCall('pbx', 'full'))).toBe(4);
  });

  it('does not depend on what others send', () => {
    const limit = new RateLimit(limits, () => 0);
    count(50, () => limit.admitsDatagram('192.0.2.1', 'full'));
    expect(limit.admitsDatagram('192.0.2.2', 'full')).toBe(true);
  });

  it('is little for all strangers together, however many addresses they use', () => {
    const limit = new RateLimit(limits, () => 0);
    let address = 0;
    expect(count(10_000, () => limit.admitsDatagram(`stranger ${address++}`, 'little'))).toBe(6);
    expect(limit.admitsDatagram('pbx', 'full')).toBe(true);
  });

  it('gives nothing back when the clock goes backwards', () => {
    let now = 1_000;
    const limit = new RateLimit(limits, () => now);
    count(20, () => limit.admitsDatagram('pbx', 'full'));
    now = 0;
    expect(limit.admitsDatagram('pbx', 'full')).toBe(false);
  });

  it('lets an office PBX light 48 keys on each of 12 extensions at once, and again', () => {
    const limit = new RateLimit(officeLimits, () => 0);
    expect(count(2 * 12 * 48, () => limit.admitsDatagram('pbx', 'full'))).toBe(2 * 12 * 48);
  });
});
