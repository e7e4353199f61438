import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type EventPacket,
  TelephoneEventPlayer,
  telephoneEventPackets,
} from '../../../electron/media/digits/telephone-event.ts';

const read = ({ at, first, last, payload }: EventPacket) => ({
  at,
  event: payload.readUInt8(0),
  end: (payload.readUInt8(1) & 0x80) !== 0,
  volume: payload.readUInt8(1) & 0x3f,
  duration: payload.readUInt16BE(2),
  first,
  last,
});

describe('telephone events (RFC 4733)', () => {
  it('plays a tone of 100 ms in packets of growing duration, the last three paced', () => {
    const packets = telephoneEventPackets('5', 20).map(read);
    expect(packets.map(({ at }) => at)).toEqual([0, 20, 40, 60, 80, 100, 120]);
    expect(packets.map(({ duration }) => duration)).toEqual([160, 320, 480, 640, 800, 800, 800]);
    expect(packets.map(({ end }) => end)).toEqual([false, false, false, false, true, true, true]);
    expect(packets.filter(({ first }) => first)).toHaveLength(1);
    expect(packets.at(0)?.first).toBe(true);
    expect(packets.at(-1)?.last).toBe(true);
    expect(packets.every(({ event, volume }) => event === 5 && volume === 10)).toBe(true);
  });

  it.each([
    [10, 12],
    [30, 6],
    [40, 5],
    [60, 4],
  ])('follows a ptime of %i ms', (ptime, count) => {
    const packets = telephoneEventPackets('1', ptime).map(read);
    expect(packets).toHaveLength(count);
    expect(packets.at(-1)?.duration).toBe(800);
    expect(packets.filter(({ end }) => end)).toHaveLength(3);
  });

  it('knows all sixteen tones, in either case, and skips the rest', () => {
    const codes = telephoneEventPackets('0123456789*#ABCdx', 20)
      .filter(({ first }) => first)
      .map(({ payload }) => payload.readUInt8(0));
    expect(codes).toEqual(Array.from({ length: 16 }, (_, code) => code));
  });

  it('leaves 70 ms between tones and 500 ms more for a comma', () => {
    const starts = telephoneEventPackets('12,3', 20).filter(({ first }) => first);
    expect(starts.map(({ at }) => at)).toEqual([0, 170, 840]);
  });

  it('never lets two events overlap, whatever the ptime', () => {
    for (const ptime of [10, 20, 30, 40, 60]) {
      const times = telephoneEventPackets('123', ptime).map(({ at }) => at);
      expect(times).toEqual([...times].sort((one, other) => one - other));
      expect(new Set(times).size).toBe(times.length);
    }
  });
});

describe('playing telephone events', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('says that it is in an event until its last packet is out', () => {
    const sent: EventPacket[] = [];
    const player = new TelephoneEventPlayer((packet) => sent.push(packet));
    player.play('7', 20);
    vi.advanceTimersByTime(110);
    expect(player.inEvent).toBe(true);
    vi.advanceTimersByTime(20);
    expect(player.inEvent).toBe(false);
    expect(sent).toHaveLength(7);
  });

  it('plays tones that come meanwhile after those before', () => {
    const events: number[] = [];
    const player = new TelephoneEventPlayer(
      ({ first, payload }) => first && events.push(payload.readUInt8(0)),
    );
    player.play('1', 20);
    vi.advanceTimersByTime(30);
    player.play('23', 20);
    vi.advanceTimersByTime(1000);
    expect(events).toEqual([1, 2, 3]);
  });

  it('falls silent at once when stopped', () => {
    const sent: EventPacket[] = [];
    const player = new TelephoneEventPlayer((packet) => sent.push(packet));
    player.play('123', 20);
    vi.advanceTimersByTime(50);
    const before = sent.length;
    player.stop();
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(before);
    expect(player.inEvent).toBe(false);
  });
});
