import { describe, expect, it } from 'vitest';
import { readRtp, sequenceDelta, timestampDelta, writeRtp } from '../../../electron/media/rtp/rtp.ts';

const packet = {
  payloadType: 8,
  marker: true,
  sequenceNumber: 65535,
  timestamp: 0xfffffff0,
  ssrc: 0xdeadbeef,
  payload: Buffer.from([1, 2, 3]),
};

describe('RTP', () => {
  it('reads what it wrote', () => {
    expect(readRtp(writeRtp(packet))).toEqual(packet);
  });

  it('skips contributing sources, an extension and padding', () => {
    const plain = writeRtp(packet);
    const decorated = Buffer.concat([
      plain.subarray(0, 12),
      Buffer.alloc(8), // two CSRCs
      Buffer.from([0xbe, 0xde, 0, 1, 9, 9, 9, 9]), // an extension of one word
      packet.payload,
      Buffer.from([0, 0, 3]), // padding
    ]);
    decorated.writeUInt8(0x80 | 0x20 | 0x10 | 2, 0);
    expect(readRtp(decorated)?.payload).toEqual(packet.payload);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['too short', Buffer.alloc(11, 0x80)],
    ['another version', Buffer.alloc(12)],
    ['CSRCs beyond the end', Buffer.concat([Buffer.from([0x8f]), Buffer.alloc(12)])],
    ['an extension beyond the end', Buffer.concat([Buffer.from([0x90]), Buffer.alloc(15, 0xff)])],
    ['a cut extension header', Buffer.concat([Buffer.from([0x90]), Buffer.alloc(12)])],
    ['padding longer than the packet', Buffer.concat([Buffer.from([0xa0]), Buffer.alloc(12, 0xff)])],
  ])('takes nothing from a datagram that is %s', (_, datagram) => {
    expect(readRtp(datagram)).toBeNull();
  });

  it('never throws on noise', () => {
    for (let seed = 0; seed < 2000; seed += 1) {
      const noise = Buffer.from(
        Array.from({ length: seed % 40 }, (_, i) => (seed * 31 + i * 17 + (seed >> 3)) & 0xff),
      );
      expect(() => readRtp(noise)).not.toThrow();
    }
  });

  it('measures across the wrap of its counters', () => {
    expect(sequenceDelta(2, 65534)).toBe(4);
    expect(sequenceDelta(65534, 2)).toBe(-4);
    expect(timestampDelta(80, 0xffffffb0)).toBe(160);
    expect(timestampDelta(0xffffffb0, 80)).toBe(-160);
  });
});
