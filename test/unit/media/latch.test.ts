import { describe, expect, it } from 'vitest';
import { ControlLatch } from '../../../electron/media/rtp/control-latch.ts';
import { Latch } from '../../../electron/media/rtp/latch.ts';

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

  it('cannot be stolen by a neighbour at the same address, not at a re-INVITE either', () => {
    const latch = new Latch();
    latch.signal(proxy(10));
    for (let round = 0; round < 500; round += 1) {
      if (round === 250) latch.signal(proxy(10));
      expect(latch.accepts(proxy(20))).toBe(true);
      expect(latch.accepts(proxy(30))).toBe(false);
    }
    // The far end says nothing for a while: what was heard for a second is the far end for good.
    expect(Array.from({ length: 500 }, () => latch.accepts(proxy(30)))).not.toContain(true);
    expect(latch.destination).toEqual(proxy(20));
  });

  it('lets go of a forged packet that came first, once the far end has sent for a second', () => {
    const latch = new Latch();
    latch.signal(proxy(10));
    expect(latch.accepts(proxy(666))).toBe(true);
    const taken = Array.from({ length: 60 }, () => latch.accepts(proxy(20)));
    expect(taken.indexOf(true)).toBe(50);
    expect(latch.destination).toEqual(proxy(20));
    expect(latch.accepts(proxy(666))).toBe(false);
  });

  it('follows a far end that sends from elsewhere after a re-INVITE, when the old source is silent', () => {
    const latch = new Latch();
    latch.signal(proxy(10));
    for (let packet = 0; packet < 100; packet += 1) latch.accepts(proxy(20));
    latch.signal(proxy(10));
    const taken = Array.from({ length: 60 }, () => latch.accepts(proxy(30)));
    expect(taken.indexOf(true)).toBe(50);
  });
});

describe('where RTCP goes', () => {
  const heardAt = (rtp: number, rtcp?: Parameters<ControlLatch['signal']>[1]) => {
    const latch = new ControlLatch();
    latch.signal(proxy(10), rtcp);
    return { latch, to: () => latch.destination(proxy(rtp)) };
  };

  it('is above the port that RTP goes to, which is not always the signalled one', () => {
    expect(heardAt(10).to()).toEqual(proxy(11));
    expect(heardAt(20).to()).toEqual(proxy(21));
    expect(new ControlLatch().destination(null)).toBeNull();
  });

  it('is where the far end says (RFC 3605), at another address too', () => {
    const elsewhere = { address: '192.0.2.9', port: 7 };
    const { latch, to } = heardAt(10, elsewhere);
    expect(to()).toEqual(elsewhere);
    const taken = [elsewhere, proxy(99), { address: '192.0.2.8', port: 7 }].map((each) =>
      latch.accepts(each),
    );
    expect(taken).toEqual([true, true, false]);
    latch.signal(proxy(10), undefined);
    expect(to()).toEqual(proxy(11));
    expect(latch.accepts(elsewhere)).toBe(false);
  });

  it('is where the RTCP of the far end comes from (RFC 4961), unless a stranger only tries once', () => {
    const { latch, to } = heardAt(10);
    latch.learn(proxy(31));
    expect(to()).toEqual(proxy(31));
    latch.learn(proxy(666));
    expect(to()).toEqual(proxy(31));
    latch.learn(proxy(11));
    expect(to()).toEqual(proxy(11));
    for (let report = 0; report < 20; report += 1) latch.learn(proxy(666));
    expect(to()).toEqual(proxy(11));
    latch.learn({ address: '192.0.2.2', port: 11 });
    expect(to()).toEqual(proxy(11));
  });

  it('is where RTP goes when both share a port (RFC 5761)', () => {
    const { latch, to } = heardAt(20, 'mux');
    expect(to()).toEqual(proxy(20));
    latch.learn(proxy(31));
    expect(to()).toEqual(proxy(20));
    expect(latch.accepts(proxy(20))).toBe(true);
  });
});
