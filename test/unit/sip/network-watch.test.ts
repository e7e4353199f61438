import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NetworkWatch } from '../../../electron/sip/pbx/network-watch.ts';

let route: string | null;
let told: string[];
let watch: NetworkWatch;

beforeEach(() => {
  vi.useFakeTimers();
  route = '192.0.2.4';
  told = [];
  watch = new NetworkWatch(
    {
      route: async () => {
        if (route === 'unknown') throw new Error('no such host');
        return route;
      },
      changed: (address) => told.push(address),
      woken: () => told.push('woken'),
    },
    route,
  );
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

describe('the watch over the network', () => {
  it('says nothing while nothing changes', async () => {
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(told).toEqual([]);
  });

  it('tells another way to the PBX within a second, once', async () => {
    route = '192.0.2.5';
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(['192.0.2.5']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toHaveLength(1);
  });

  it('tells that there is a way again, though it is the old one', async () => {
    for (const none of [null, 'unknown']) {
      route = none;
      await vi.advanceTimersByTimeAsync(5_000);
      route = '192.0.2.4';
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(told).toEqual(['192.0.2.4', '192.0.2.4']);
  });

  it('tells again what could not be used', async () => {
    route = '192.0.2.5';
    await vi.advanceTimersByTimeAsync(1_000);
    watch.forget();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toEqual(['192.0.2.5', '192.0.2.5']);
  });

  it.each([3_600_000, -3_600_000])('takes a jump of the clock by %i ms for sleep', async (jump) => {
    vi.setSystemTime(Date.now() + jump);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual(['woken']);
  });

  it('does not take a busy moment for sleep', async () => {
    vi.setSystemTime(Date.now() + 4_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual([]);
  });

  it('is silent once closed', async () => {
    route = '192.0.2.5';
    watch.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told).toEqual([]);
  });
});
