import { describe, expect, it } from 'vitest';
import { RtcpPacketConverter } from 'werift';
import { Reception } from '../../../electron/media/reception.ts';
import { readSenderReports } from '../../../electron/media/rtcp.ts';
import { RtcpReporter } from '../../../electron/media/rtcp-reporter.ts';

const packet = (sequenceNumber: number, timestamp = sequenceNumber * 160, ssrc = 5) => ({
  payloadType: 0,
  marker: false,
  sequenceNumber,
  timestamp,
  ssrc,
  payload: Buffer.alloc(160),
});

describe('reception (RFC 3550, A.3 and A.8)', () => {
  it('knows nothing before it heard something', () => {
    expect(new Reception().report(0)).toBeNull();
  });

  it('counts loss since the last report and altogether', () => {
    const reception = new Reception();
    for (const sequence of [10, 11, 13, 14]) reception.count(packet(sequence), sequence * 20);
    expect(reception.report(300)).toMatchObject({
      ssrc: 5,
      packetsLost: 1,
      fractionLost: 51,
      highestSequence: 14,
      jitter: 0,
    });
    for (const sequence of [15, 16]) reception.count(packet(sequence), sequence * 20);
    expect(reception.report(400)).toMatchObject({ packetsLost: 1, fractionLost: 0 });
  });

  it('extends the sequence over its wrap and takes late packets for what they are', () => {
    const reception = new Reception();
    for (const sequence of [65534, 65535, 1, 0]) reception.count(packet(sequence, 0), 0);
    expect(reception.report(0)).toMatchObject({ highestSequence: 0x10001, packetsLost: 0 });
  });

  it('measures jitter in samples', () => {
    const reception = new Reception();
    for (let sequence = 0; sequence < 200; sequence += 1) {
      reception.count(packet(sequence), sequence * 20 + (sequence % 2) * 10);
    }
    // Arrivals alternate by 10 ms: 80 samples.
    expect(reception.report(4000)?.jitter).toBeGreaterThan(75);
    expect(reception.report(4000)?.jitter).toBeLessThanOrEqual(80);
  });

  it('begins anew with another SSRC', () => {
    const reception = new Reception();
    reception.count(packet(10), 0);
    reception.count(packet(5000, 0, 6), 20);
    expect(reception.report(30)).toMatchObject({ ssrc: 6, packetsLost: 0 });
  });
});

describe('our reports, as another implementation reads them', () => {
  it('are none before we have sent', () => {
    expect(new RtcpReporter('me@here').write(0, 0)).toBeNull();
  });

  it('are a sender report with a report block and our name', () => {
    const reporter = new RtcpReporter('me@here');
    reporter.countSent(packet(1, 8000, 42), 1000);
    reporter.countHeard(packet(100), 1000);
    reporter.countHeard(packet(102), 1040);
    const report = reporter.write(1500, Date.UTC(2026, 0, 1)) ?? Buffer.alloc(0);
    const [sender, description] = RtcpPacketConverter.deSerialize(report);
    expect(sender).toMatchObject({
      type: 200,
      ssrc: 42,
      senderInfo: { rtpTimestamp: 12_000, packetCount: 1, octetCount: 160 },
      reports: [{ ssrc: 5, packetsLost: 1, highestSequence: 102 }],
    });
    expect(description).toMatchObject({
      type: 202,
      chunks: [{ source: 42, items: [{ type: 1, text: 'me@here' }] }],
    });
    expect(readSenderReports(report)).toEqual([{ ssrc: 42, middle: expect.any(Number) }]);
    expect(report.readUInt32BE(8) - 2_208_988_800).toBe(Date.UTC(2026, 0, 1) / 1000);
  });

  it('become receiver reports when we fall silent, and tell of the sender reports that came', () => {
    const reporter = new RtcpReporter('me@here');
    reporter.countSent(packet(1, 8000, 42), 1000);
    const ours = reporter.write(1000, 0) ?? Buffer.alloc(0);
    reporter.countHeard(packet(100), 1000);
    reporter.readReports(ours, 2000);
    const [receiver] = RtcpPacketConverter.deSerialize(reporter.write(2500, 0) ?? Buffer.alloc(0));
    const [{ middle } = { middle: -1 }] = readSenderReports(ours);
    expect(receiver).toMatchObject({ type: 201, ssrc: 42, reports: [{ lsr: middle, dlsr: 0x8000 }] });
  });

  it('never throw on noise', () => {
    const reporter = new RtcpReporter('me@here');
    for (let length = 0; length < 300; length += 1) {
      const noise = Buffer.from(
        Array.from({ length }, (_, i) => (i === 0 ? 0x80 : i === 1 ? 200 : length * 7 + i) & 0xff),
      );
      expect(() => reporter.readReports(noise, 0)).not.toThrow();
    }
  });
});
