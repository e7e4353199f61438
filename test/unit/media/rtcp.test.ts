import { describe, expect, it } from 'vitest';
import { RtcpPacketConverter, RtcpReceiverInfo, RtcpRrPacket } from 'werift';
import { Reception } from '../../../electron/media/rtp/reception.ts';
import { isControl, readReports } from '../../../electron/media/rtp/rtcp.ts';
import { firstReportMs, nextReportMs, RtcpReporter } from '../../../electron/media/rtp/rtcp-reporter.ts';
import { writeRtp } from '../../../electron/media/rtp/rtp.ts';

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
    expect(readReports(report).senders).toEqual([{ ssrc: 42, middle: expect.any(Number) }]);
    expect(report.readUInt32BE(8) - 2_208_988_800).toBe(Date.UTC(2026, 0, 1) / 1000);
  });

  it('become receiver reports when we fall silent, and tell of the sender reports that came', () => {
    const reporter = new RtcpReporter('me@here');
    reporter.countSent(packet(1, 8000, 42), 1000);
    const ours = reporter.write(1000, 0) ?? Buffer.alloc(0);
    reporter.countHeard(packet(100), 1000);
    reporter.readReports(ours, 2000);
    const [receiver] = RtcpPacketConverter.deSerialize(reporter.write(2500, 0) ?? Buffer.alloc(0));
    const [{ middle } = { middle: -1 }] = readReports(ours).senders;
    expect(receiver).toMatchObject({ type: 201, ssrc: 42, reports: [{ lsr: middle, dlsr: 0x8000 }] });
  });

  it('end with BYE when our stream does, and then there are none until another begins (RFC 3550, 6.3.7)', () => {
    const reporter = new RtcpReporter('me@here');
    expect(reporter.bye(0, 0)).toBeNull();
    reporter.countSent(packet(1, 8000, 42), 1000);
    const compound = reporter.bye(1500, 0) ?? Buffer.alloc(0);
    // The other implementation knows no BYE: it is the last packet, of one source (RFC 3550, 6.6).
    expect(RtcpPacketConverter.deSerialize(compound).map(({ type }) => type)).toEqual([200, 202]);
    expect(compound.subarray(-8).toString('hex')).toBe('81cb00010000002a');
    expect(reporter.write(2000, 0)).toBeNull();
    reporter.countSent(packet(1, 8000, 43), 2000);
    const [sender] = RtcpPacketConverter.deSerialize(reporter.write(2000, 0) ?? Buffer.alloc(0));
    expect(sender).toMatchObject({ ssrc: 43, senderInfo: { packetCount: 1 } });
  });

  it('say no more of a stream that has said BYE, until it is heard again', () => {
    const [ours, theirs] = [new RtcpReporter('we@here'), new RtcpReporter('they@there')];
    const reportsOf = (report: Buffer | null) => readReports(report ?? Buffer.alloc(0)).blocks;
    theirs.countSent(packet(1, 0, 5), 0);
    const bye = theirs.bye(0, 0) ?? Buffer.alloc(0);
    expect(readReports(bye).left).toEqual([5]);
    ours.countSent(packet(1, 0, 42), 0);
    for (const sequence of [1, 2, 4]) ours.countHeard(packet(sequence, sequence * 160, 5), sequence * 20);
    const stranger = Buffer.from(bye);
    stranger.writeUInt32BE(6, stranger.length - 4);
    ours.readReports(stranger, 100);
    expect(reportsOf(ours.write(100, 0))).toMatchObject([{ ssrc: 5, packetsLost: 1 }]);
    ours.readReports(bye, 100);
    expect(reportsOf(ours.write(200, 0))).toEqual([]);
    ours.countHeard(packet(5, 800, 5), 300);
    expect(reportsOf(ours.write(300, 0))).toMatchObject([{ ssrc: 5, packetsLost: 1 }]);
  });

  it('are told from RTP on the same port (RFC 5761, 4)', () => {
    const reporter = new RtcpReporter('me@here');
    const rtp = (payloadType: number, marker: boolean) => writeRtp({ ...packet(1), payloadType, marker });
    for (const number of [0, 8, 9, 63, 96, 101, 127]) {
      expect([isControl(rtp(number, false)), isControl(rtp(number, true))]).toEqual([false, false]);
    }
    reporter.countSent(packet(1), 0);
    expect(isControl(reporter.write(0, 0) ?? Buffer.alloc(0))).toBe(true);
    expect(isControl(reporter.bye(0, 0) ?? Buffer.alloc(0))).toBe(true);
    expect(isControl(Buffer.from([0x80, 200]))).toBe(false);
  });

  it('never throw on noise', () => {
    const reporter = new RtcpReporter('me@here');
    for (let length = 0; length < 300; length += 1) {
      const noise = Buffer.from(
        Array.from(
          { length },
          (_, i) => (i === 0 ? 0x9f : i === 1 ? 200 + (length % 8) : length * 7 + i) & 0xff,
        ),
      );
      expect(() => reporter.readReports(noise, 0)).not.toThrow();
    }
  });
});

describe('what is heard, second by second', () => {
  it('is the share that is missing since it was asked last, on its own count', () => {
    const reception = new Reception();
    for (const sequence of [10, 11, 13, 14]) reception.count(packet(sequence), sequence * 20);
    expect(reception.takeLoss()).toBe(0.2);
    expect(reception.report(300)?.fractionLost).toBe(51);
    for (const sequence of [15, 16, 18, 19]) reception.count(packet(sequence), sequence * 20);
    expect(reception.takeLoss()).toBe(0.2);
    expect(reception.takeLoss()).toBe(0);
    // One that comes late makes up for it.
    reception.count(packet(17), 500);
    expect(reception.takeLoss()).toBe(0);
    expect(reception.report(500)?.packetsLost).toBe(1);
  });

  it('is not loss where a stream begins anew (RFC 3550, A.1)', () => {
    const reception = new Reception();
    for (const sequence of [10, 11, 9000, 9001, 20, 21]) reception.count(packet(sequence), sequence * 20);
    expect(reception.takeLoss()).toBe(0);
  });

  it('has its jitter in milliseconds, whatever the clock, and no telephone events in it', () => {
    for (const ticksPerMs of [8, 48]) {
      const reception = new Reception();
      for (let sequence = 0; sequence < 200; sequence += 1) {
        const late = (sequence % 2) * 10;
        reception.count(packet(sequence, sequence * 20 * ticksPerMs), sequence * 20 + late, ticksPerMs);
      }
      expect(reception.jitterMs).toBeCloseTo(10, 1);
    }
    const events = new Reception();
    for (let sequence = 0; sequence < 10; sequence += 1) events.count(packet(sequence, 800), sequence * 20);
    expect(events.jitterMs).toBe(0);
  });
});

describe('what the far end reports', () => {
  it('is read as another implementation writes it', () => {
    const receiver = new RtcpRrPacket({
      ssrc: 7,
      reports: [
        new RtcpReceiverInfo({
          ssrc: 42,
          fractionLost: 64,
          packetsLost: 30,
          highestSequence: 70_000,
          jitter: 96,
          lsr: 0x1234_5678,
          dlsr: 0x8000,
        }),
      ],
    });
    expect(readReports(receiver.serialize())).toEqual({
      senders: [],
      left: [],
      blocks: [
        {
          ssrc: 42,
          fractionLost: 64,
          packetsLost: 30,
          highestSequence: 70_000,
          jitter: 96,
          lastSr: 0x1234_5678,
          delaySinceLastSr: 0x8000,
        },
      ],
    });
  });

  it('tells loss, jitter and, by our own report, the round trip', () => {
    const [ours, theirs] = [new RtcpReporter('we@here'), new RtcpReporter('they@there')];
    ours.countSent(packet(1, 8000, 42), 1000);
    expect(ours.quality(1000)).toEqual({
      loss: 0,
      jitterMs: 0,
      remoteLoss: null,
      remoteJitterMs: null,
      roundTripMs: null,
    });
    for (const sequence of [1, 2, 3, 5])
      theirs.countHeard(packet(sequence, sequence * 160, 42), 500 + sequence * 20);
    theirs.countSent(packet(1, 0, 5), 500);
    // There in 30 ms, answered 250 ms later, back in 50; their clock is not ours.
    const report = ours.write(1000, 1_800_000_000_000) ?? Buffer.alloc(0);
    theirs.readReports(report, 77_030);
    const answer = theirs.write(77_280, 5000) ?? Buffer.alloc(0);
    ours.readReports(answer, 1330);
    const { roundTripMs, remoteLoss, remoteJitterMs } = ours.quality(1400);
    expect(roundTripMs).toBeCloseTo(80, 1);
    expect(remoteLoss).toBeCloseTo(0.2, 2);
    expect(remoteJitterMs).toBe(0);
    expect(ours.quality(30_000)).toMatchObject({ remoteLoss: null, roundTripMs: null });
  });

  it('of other streams, or answering what we never sent, is not ours', () => {
    const [ours, theirs] = [new RtcpReporter('we@here'), new RtcpReporter('they@there')];
    ours.countSent(packet(1, 8000, 42), 0);
    theirs.countSent(packet(1, 0, 5), 0);
    theirs.countHeard(packet(1, 0, 43), 0);
    ours.readReports(theirs.write(0, 0) ?? Buffer.alloc(0), 10);
    expect(ours.quality(10)).toMatchObject({ remoteLoss: null });
    theirs.countHeard(packet(1, 0, 42), 10);
    ours.readReports(theirs.write(20, 0) ?? Buffer.alloc(0), 30);
    expect(ours.quality(30)).toMatchObject({ remoteLoss: 0, roundTripMs: null });
  });
});

it('reports come after one to two seconds, and then about every five, never in step (RFC 3550, 6.2)', () => {
  const [least, middle, most] = [0, 0x8000_0000, 0xffff_ffff].map((bits) => () => bits);
  expect([least, middle, most].map((random) => Math.round(firstReportMs(random ?? (() => 0))))).toEqual([
    1000, 1500, 2000,
  ]);
  expect([least, middle, most].map((random) => Math.round(nextReportMs(random ?? (() => 0))))).toEqual([
    2052, 4104, 6156,
  ]);
});
