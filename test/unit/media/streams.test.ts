import { describe, expect, it } from 'vitest';
import { Latch } from '../../../electron/media/rtp/latch.ts';
import { OutgoingStream } from '../../../electron/media/rtp/outgoing-stream.ts';
import { Repacketizer } from '../../../electron/media/rtp/repacketizer.ts';
import { Rewriter } from '../../../electron/media/rtp/rewriter.ts';

const randoms =
  (...values: number[]) =>
  () =>
    values.shift() ?? 0;
const audio = (ssrc: number, sequenceNumber: number, timestamp: number) => ({
  payloadType: 0,
  codec: 'PCMU' as const,
  marker: false,
  ssrc,
  sequenceNumber,
  timestamp,
  payload: Buffer.alloc(160),
});

describe('the stream that a leg sends', () => {
  it('counts samples while one source speaks, whatever the clock says', () => {
    const stream = new OutgoingStream(randoms(1, 65535, 0xffffff00));
    // It begins in the lower half, so that the wrap of the sequence is far (RFC 3711, 3.3.1).
    stream.lost(0, 0x8000);
    const numbers = [0, 19, 42].map((now) => stream.audio('window', 160, now));
    expect(numbers).toEqual([
      { marker: true, sequenceNumber: 65535, timestamp: 0xffffff00 },
      { marker: false, sequenceNumber: 0, timestamp: 0xffffffa0 },
      { marker: false, sequenceNumber: 1, timestamp: 0x40 },
    ]);
  });

  it('takes the time from the clock when another source takes over', () => {
    const stream = new OutgoingStream(randoms(1, 10, 0));
    stream.audio('window', 160, 1000);
    const next = stream.audio('silence', 160, 1080);
    expect(next).toEqual({ marker: true, sequenceNumber: 11, timestamp: 640 });
  });

  it('never steps back when the other source is early', () => {
    const stream = new OutgoingStream(randoms(1, 10, 0));
    stream.audio('silence', 160, 1000);
    expect(stream.audio('window', 160, 1001).timestamp).toBe(160);
  });

  it('keeps one timestamp through an event and goes on after it in real time', () => {
    const stream = new OutgoingStream(randoms(1, 10, 0));
    stream.audio('window', 160, 1000);
    const event = [1010, 1030, 1050].map((now, index) => stream.event(index === 0, now));
    expect(event.map(({ timestamp }) => timestamp)).toEqual([240, 240, 240]);
    expect(event.map(({ marker }) => marker)).toEqual([true, false, false]);
    expect(event.map(({ sequenceNumber }) => sequenceNumber)).toEqual([11, 12, 13]);
    expect(stream.audio('window', 160, 1140)).toEqual({ marker: true, sequenceNumber: 14, timestamp: 1120 });
  });

  it('passes loss on as loss', () => {
    const stream = new OutgoingStream(randoms(1, 10, 0));
    stream.audio('window', 160, 0);
    stream.lost(320, 2);
    expect(stream.audio('window', 160, 60)).toEqual({ marker: false, sequenceNumber: 13, timestamp: 480 });
  });
});

describe('rewriting what a far end sends', () => {
  it('keeps small gaps and late packets where they are', () => {
    const rewriter = new Rewriter(99);
    const places = [100, 101, 104, 103].map((seq) => {
      const { ssrc, sequenceNumber, timestamp } = rewriter.rewrite(
        audio(5, seq, seq * 160),
        (seq - 100) * 20,
      );
      return [ssrc, sequenceNumber, timestamp];
    });
    expect(places).toEqual([
      [99, 0, 0],
      [99, 1, 160],
      [99, 4, 640],
      [99, 3, 480],
    ]);
  });

  it('passes the wrap of the sequence', () => {
    const rewriter = new Rewriter(99);
    rewriter.rewrite(audio(5, 65535, 0xffffffff), 0);
    expect(rewriter.rewrite(audio(5, 0, 159), 20)).toMatchObject({
      sequenceNumber: 1,
      timestamp: 160,
      marker: false,
    });
  });

  it('continues a new SSRC where the old one ended, as much later as the clock says', () => {
    const rewriter = new Rewriter(99);
    rewriter.rewrite(audio(5, 100, 5000), 1000);
    const next = rewriter.rewrite(audio(6, 40000, 123456), 1500);
    expect(next).toMatchObject({ ssrc: 99, sequenceNumber: 1, timestamp: 4000, marker: true });
    expect(rewriter.rewrite(audio(6, 40001, 123616), 1520)).toMatchObject({
      sequenceNumber: 2,
      timestamp: 4160,
    });
  });

  it.each([
    ['a pause in which nothing was sent', 101, 1500],
    ['a loss', 126, 520],
  ])('goes on after %s', (_, sequenceNumber, ms) => {
    const rewriter = new Rewriter(99);
    rewriter.rewrite(audio(5, 100, 5000), 1000);
    const next = rewriter.rewrite(audio(5, sequenceNumber, 5000 + 8 * ms), 1000 + ms - 280);
    expect(next).toMatchObject({ sequenceNumber: sequenceNumber - 100, timestamp: 8 * ms });
  });

  it.each([
    ['the sequence jumps', 100 + 91, 5160],
    ['the timestamp jumps', 101, 5_000_000],
    ['the timestamp falls back', 101, 5000 - 80_000],
    ['the timestamp falls back by half a second', 101, 5000 - 4000],
    ['the timestamp jumps half a second ahead', 101, 5000 + 4000],
    ['the sequence falls back while time goes on', 60, 5160],
  ])('starts anew when %s', (_, sequenceNumber, timestamp) => {
    const rewriter = new Rewriter(99);
    rewriter.rewrite(audio(5, 100, 5000), 1000);
    expect(rewriter.rewrite(audio(5, sequenceNumber, timestamp), 1020)).toMatchObject({
      sequenceNumber: 1,
      timestamp: 160,
      marker: true,
    });
  });
});

describe('cutting audio into frames', () => {
  const chunk = (timestamp: number, length = 160, ssrc = 1) => ({
    ssrc,
    timestamp,
    audio: Buffer.alloc(length, 7),
    ticks: length,
    ticksPerMs: 8,
    silence: (ticks: number) => Buffer.alloc(ticks, 0xff),
  });
  const octets = () => new Repacketizer<Buffer>((parts) => Buffer.concat(parts));
  const lengths = ({ frames }: { frames: readonly Buffer[] }) => frames.map(({ length }) => length);

  it('passes frames of the right length as they are', () => {
    expect(lengths(octets().take(chunk(0), 20))).toEqual([160]);
  });

  it('makes 30 ms of 20 ms and 10 ms of 20 ms', () => {
    const thirty = octets();
    expect([0, 160, 320].map((timestamp) => lengths(thirty.take(chunk(timestamp), 30)))).toEqual([
      [],
      [240],
      [240],
    ]);
    expect(lengths(octets().take(chunk(0), 10))).toEqual([80, 80]);
  });

  it('reports what is missing and drops what comes twice', () => {
    const repacketizer = octets();
    repacketizer.take(chunk(0), 20);
    expect(repacketizer.take(chunk(480), 20).lost).toBe(320);
    expect(repacketizer.take(chunk(320), 20).frames).toEqual([]);
    expect(repacketizer.take(chunk(640), 20)).toMatchObject({ lost: 0 });
  });

  it('takes another stream for what it is', () => {
    const repacketizer = octets();
    repacketizer.take(chunk(0), 20);
    expect(repacketizer.take(chunk(4000, 160, 2), 20)).toMatchObject({ lost: 0 });
  });
});

describe('the latch', () => {
  const signalled = { address: '10.0.0.1', port: 4000 };

  it('hears nobody before an address is signalled', () => {
    expect(new Latch().accepts(signalled)).toBe(false);
  });

  it('learns another port of the signalled address, once', () => {
    const latch = new Latch();
    latch.signal(signalled);
    expect(latch.destination).toEqual(signalled);
    expect(latch.accepts({ address: '10.0.0.1', port: 5555 })).toBe(true);
    expect(latch.destination).toEqual({ address: '10.0.0.1', port: 5555 });
    expect(latch.accepts({ address: '10.0.0.1', port: 6666 })).toBe(false);
    expect(latch.accepts({ address: '10.0.0.1', port: 5555 })).toBe(true);
  });

  it('hears no other address, before or after', () => {
    const latch = new Latch();
    latch.signal(signalled);
    expect(latch.accepts({ address: '10.0.0.2', port: 4000 })).toBe(false);
    latch.accepts(signalled);
    expect(latch.accepts({ address: '10.0.0.2', port: 4000 })).toBe(false);
  });

  it('keeps what it learnt through a re-INVITE to the same address, and may learn again', () => {
    const latch = new Latch();
    latch.signal(signalled);
    latch.accepts({ address: '10.0.0.1', port: 5555 });
    latch.signal(signalled);
    expect(latch.destination?.port).toBe(5555);
    for (let packet = 0; packet <= 50; packet += 1) latch.accepts({ address: '10.0.0.1', port: 7777 });
    expect(latch.destination?.port).toBe(7777);
  });

  it('forgets it when the far end moves', () => {
    const latch = new Latch();
    latch.signal(signalled);
    latch.accepts({ address: '10.0.0.1', port: 5555 });
    latch.signal({ address: '10.0.0.9', port: 4000 });
    expect(latch.destination).toEqual({ address: '10.0.0.9', port: 4000 });
    latch.signal(null);
    expect(latch.destination).toBeNull();
  });
});
