import { describe, expect, it } from 'vitest';
import { Latch } from '../../../electron/media/latch.ts';

const proxy = (port: number) => ({ address: '192.0.2.1', port });

describe('the latch', () => {
  it('takes the first source at the signalled address, and then no other', () => {
    const latch = new Latch();
    expect(latch.accepts(proxy(1))).toBe(false);
    latch.signal(proxy(10));
    expect(latch.accepts({ address: '192.0.2.2', port: 10 })).toBe(false);
    expect(latch.accepts(proxy(20))).toBe(true);
    expect(latch.destination).toEqual(proxy(20));
    expect(latch.accepts(proxy(30))).toBe(false);
  });

  it('prefers the signalled port itself, whenever that sends', () => {
    const latch = new Latch();
    latch.signal(proxy(10));
    expect(latch.accepts(proxy(20))).toBe(true);
    expect(latch.accepts(proxy(10))).toBe(true);
    expect(latch.destination).toEqual(proxy(10));
    expect(latch.accepts(proxy(20))).toBe(false);
  });

  it('does not take who was replaced for the new far end at the same address', () => {
    const latch = new Latch();
    latch.signal(proxy(10));
    expect(latch.accepts(proxy(20))).toBe(true);
    latch.signal(proxy(12));
    expect(latch.accepts(proxy(20))).toBe(false);
    expect(latch.destination).toEqual(proxy(12));
    expect(latch.accepts(proxy(22))).toBe(true);
    expect(latch.accepts(proxy(20))).toBe(false);
  });

  it('hears a far end that signals another port and goes on sending from the old one, after a second', () => {
    const latch = new Latch();
    latch.signal(proxy(10));
    expect(latch.accepts(proxy(10))).toBe(true);
    latch.signal(proxy(12));
    const taken = Array.from({ length: 51 }, () => latch.accepts(proxy(10)));
    expect(taken.indexOf(true)).toBe(50);
  });

  it('keeps what it has learnt when the same port is signalled again', () => {
    const latch = new Latch();
    latch.signal(proxy(10));
    latch.accepts(proxy(20));
    latch.signal(proxy(10));
    expect(latch.destination).toEqual(proxy(20));
    expect(latch.accepts(proxy(20))).toBe(true);
  });
});
