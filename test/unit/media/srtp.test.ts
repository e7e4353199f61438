import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ProtectionProfileAes128CmHmacSha1_80, RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { readRtp, writeRtp } from '../../../electron/media/rtp/rtp.ts';
import { Srtp } from '../../../electron/media/srtp/srtp.ts';
import {
  crypt,
  deriveSessionKeys,
  masterLength,
  type SrtpSuite,
  srtpSuites,
} from '../../../electron/media/srtp/srtp-keys.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** Key and salt of RFC 3711, B.3, which the vectors of libsrtp use too. */
const master = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6');
const suites = srtpSuites;

const packet = (sequenceNumber: number, ssrc = 0xcafebabe): Buffer =>
  writeRtp({
    payloadType: 0,
    marker: false,
    sequenceNumber: sequenceNumber & 0xffff,
    timestamp: sequenceNumber * 160,
    ssrc,
    payload: Buffer.alloc(160, sequenceNumber),
  });

function pair(suite: SrtpSuite = 'AES_CM_128_HMAC_SHA1_80') {
  const newKey = () => randomBytes(masterLength[suite]).toString('base64');
  const [ours, theirs] = [newKey(), newKey()];
  return {
    sender: new Srtp({ suite, local: ours, remote: theirs }),
    receiver: new Srtp({ suite, local: theirs, remote: ours }),
    keys: { suite, local: theirs, remote: ours },
  };
}

describe('the vectors of RFC 3711', () => {
  it('B.2: the key stream of AES in counter mode', () => {
    const keys = {
      cipher: hex('2B7E151628AED2A6ABF7158809CF4F3C'),
      salt: hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'),
      authentication: Buffer.alloc(20),
    };
    const stream = crypt(keys, 0, 0, Buffer.alloc(0xff02 * 16));
    const block = (number: number) => stream.subarray(16 * number, 16 * (number + 1));
    expect(block(0)).toEqual(hex('E03EAD0935C95E80E166B16DD92B4EB4'));
    expect(block(1)).toEqual(hex('D23513162B02D0F72A43A2FE4A5F97AB'));
    expect(block(0xfeff)).toEqual(hex('EC8CDF7398607CB0F2D21675EA9EA1E4'));
    expect(block(0xff00)).toEqual(hex('362B7C3C6773516318A077D7FC5073AE'));
    expect(block(0xff01)).toEqual(hex('6A2CC3787889374FBEB4C81B17BA6C44'));
  });

  it('B.3: the keys of a session', () => {
    const { cipher, salt, authentication } = deriveSessionKeys(master, 'rtp');
    expect(cipher).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'));
    expect(salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'));
    expect(authentication).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'));
  });
});

it('the keys of a session of RFC 6188, 7: AES-256', () => {
  const { cipher, salt, authentication } = deriveSessionKeys(
    hex(`F0F04914B513F2763A1B1FA130F10E29 98F6F6E43E4309D1E622A0E332B9F1B6 3B04803DE51EE7C96423AB5B78D2`),
    'rtp',
  );
  expect(cipher).toEqual(hex('5BA1064E30EC51613CAD926C5A28EF731EC7FB397F70A960653CAF06554CD8C4'));
  expect(salt).toEqual(hex('FA31791685CA444A9E07C6C64E93'));
  expect(authentication).toEqual(hex('FD9C32D39ED5FBB5A9DC96B30818454D1313DC05'));
});

describe('packets as other implementations make them', () => {
  const keys = { suite: suites[0], local: master.toString('base64'), remote: master.toString('base64') };

  it('RTP of libsrtp (its srtp_validate)', () => {
    const plain = Buffer.concat([hex('800F1234 DECAFBAD CAFEBABE'), Buffer.alloc(16, 0xab)]);
    const wire = hex('800F1234 DECAFBAD CAFEBABE 4E55DC4CE79978D88CA4D215949D2402 B78D6ACC99EA179B8DBB');
    expect(new Srtp(keys).protect(plain)).toEqual(wire);
    expect(new Srtp(keys).unprotect(wire)).toEqual(plain);
  });

  it('RTCP of libsrtp, whose first index is 1', () => {
    const plain = Buffer.concat([hex('81C8000B CAFEBABE'), Buffer.alloc(16, 0xab)]);
    const wire = hex('81C8000B CAFEBABE 7128035BE487B9BDBEF89041F977A5A8 80000001 993E08CD54D6C1230798');
    expect(new Srtp(keys).unprotectControl(wire)).toEqual(plain);
    const sender = new Srtp(keys);
    sender.protectControl(plain);
    expect(sender.protectControl(plain)).toEqual(wire);
  });

  it('those of werift, both ways', () => {
    const [ours, theirs] = [randomBytes(30), randomBytes(30)];
    const parts = {
      localMasterKey: theirs.subarray(0, 16),
      localMasterSalt: theirs.subarray(16),
      remoteMasterKey: ours.subarray(0, 16),
      remoteMasterSalt: ours.subarray(16),
    };
    const config = { keys: parts, profile: ProtectionProfileAes128CmHmacSha1_80 } as const;
    const [rtp, rtcp] = [new SrtpSession(config), new SrtcpSession(config)];
    const srtp = new Srtp({
      suite: suites[0],
      local: ours.toString('base64'),
      remote: theirs.toString('base64'),
    });
    const plain = packet(7);
    expect(rtp.decrypt(srtp.protect(plain))).toEqual(plain);
    const header = new RtpHeader({ payloadType: 8, sequenceNumber: 9, timestamp: 10, ssrc: 11 });
    expect(readRtp(srtp.unprotect(rtp.encrypt(Buffer.from('voice'), header)) ?? plain)).toMatchObject({
      sequenceNumber: 9,
      payload: Buffer.from('voice'),
    });
    const report = Buffer.concat([hex('80C90001 0000002A'), Buffer.alloc(20, 7)]);
    expect(rtcp.decrypt(srtp.protectControl(report))).toEqual(report);
    expect(srtp.unprotectControl(rtcp.encrypt(report))).toEqual(report);
  });
});

describe.each(suites)('%s', (suite) => {
  it('carries packets, with header extensions and contributing sources too', () => {
    const { sender, receiver } = pair(suite);
    const extended = Buffer.concat([
      hex('91000005 000000A0 0000002A 00000001 BEDE0001 01020304'),
      Buffer.from('a voice'),
    ]);
    const wire = sender.protect(extended);
    expect(wire.subarray(0, 24)).toEqual(extended.subarray(0, 24));
    expect(wire.subarray(24, 31)).not.toEqual(extended.subarray(24));
    expect(wire.length - extended.length).toBe(suite.endsWith('80') ? 10 : 4);
    expect(receiver.unprotect(wire)).toEqual(extended);
  });

  it('takes nothing that was changed in any octet, nor what is too short', () => {
    const { sender, receiver } = pair(suite);
    const wire = sender.protect(packet(100));
    for (let position = 0; position < wire.length; position += 1) {
      const tampered = Buffer.from(wire);
      tampered[position] = (tampered[position] ?? 0) ^ 0x01;
      expect(receiver.unprotect(tampered)).toBeNull();
      expect(receiver.unprotect(wire.subarray(0, position))).toBeNull();
    }
    expect(receiver.dropped).toEqual({ foreign: 2 * wire.length, replayed: 0 });
    expect(receiver.unprotect(wire)).toEqual(packet(100));
  });

  it('takes nothing of other keys, and nothing plain', () => {
    const { receiver } = pair(suite);
    expect(receiver.unprotect(pair(suite).sender.protect(packet(1)))).toBeNull();
    expect(receiver.unprotect(packet(1))).toBeNull();
    expect(receiver.unprotectControl(pair(suite).sender.protectControl(packet(1)))).toBeNull();
    expect(receiver.dropped).toEqual({ foreign: 3, replayed: 0 });
  });
});

describe('replayed packets', () => {
  it('are taken once, in whatever order they come, within a window of at least 64', () => {
    const { sender, receiver } = pair();
    const wires = Array.from({ length: 200 }, (_, index) => sender.protect(packet(1000 + index)));
    const take = (index: number) => receiver.unprotect(wires[index] ?? Buffer.alloc(0)) !== null;
    expect(take(100)).toBe(true);
    expect(take(100)).toBe(false);
    expect(take(37)).toBe(true);
    expect(take(37)).toBe(false);
    expect(take(99)).toBe(true);
    expect(take(199)).toBe(true);
    // Too old for anybody to remember whether it has come.
    expect(take(60)).toBe(false);
    expect(receiver.dropped).toEqual({ foreign: 0, replayed: 3 });
  });

  it('are known for each stream on its own', () => {
    const { sender, receiver } = pair();
    const first = sender.protect(packet(5, 1));
    const second = sender.protect(packet(5, 2));
    expect([first, second, first, second].map((wire) => receiver.unprotect(wire) !== null)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('of RTCP are not taken either', () => {
    const { sender, receiver } = pair();
    const wire = sender.protectControl(packet(1));
    expect(receiver.unprotectControl(wire)).toEqual(packet(1));
    expect(receiver.unprotectControl(wire)).toBeNull();
    expect(receiver.dropped.replayed).toBe(1);
  });
});

describe('the rollover counter', () => {
  it('survives whatever is lost while the sequence wraps', () => {
    for (const lost of [0, 230, 32_000]) {
      const { sender, receiver } = pair();
      for (let sequence = 40_000; sequence < 2 * 65_536 + 1000; sequence += 37) {
        const wire = sender.protect(packet(sequence));
        if (Math.abs(sequence - 65_536) < lost / 2) continue;
        expect(receiver.unprotect(wire)?.equals(packet(sequence))).toBe(true);
      }
      expect(receiver.dropped).toEqual({ foreign: 0, replayed: 0 });
    }
  });

  it('takes a packet of before the wrap that comes after it', () => {
    const { sender, receiver } = pair();
    const wires = [65_534, 65_535, 65_536, 65_537].map((sequence) => sender.protect(packet(sequence)));
    const order = [0, 2, 1, 3].map((index) => receiver.unprotect(wires[index] ?? Buffer.alloc(0)));
    expect(order.every((each) => each !== null)).toBe(true);
  });
});

it('a direction whose key stays goes on counting; one with another key begins anew', () => {
  const { sender, receiver, keys } = pair();
  const early = sender.protect(packet(65_535));
  receiver.unprotect(early);
  const kept = new Srtp(keys, receiver);
  expect(kept.unprotect(sender.protect(packet(65_536)))).not.toBeNull();
  expect(kept.unprotect(early)).toBeNull();
  expect(kept.dropped.replayed).toBe(1);
  const rekeyed = new Srtp({ ...keys, remote: randomBytes(30).toString('base64') }, kept);
  expect(rekeyed.unprotect(sender.protect(packet(65_537)))).toBeNull();
});

describe('a key with an MKI (RFC 3711, 3.1)', () => {
  const [ours, theirs] = [randomBytes(30).toString('base64'), randomBytes(30).toString('base64')];
  const report = Buffer.concat([hex('80C90001 0000002A'), Buffer.alloc(20, 7)]);
  const ends = (suite: SrtpSuite, localMki: string, remoteMki: string) => ({
    sender: new Srtp({ suite, local: ours, remote: theirs, localMki }),
    bare: new Srtp({ suite, local: ours, remote: theirs }),
    receiver: new Srtp({ suite, local: theirs, remote: ours, remoteMki }),
  });

  it.each(suites)('%s: stands before the tag of RTP and RTCP, which is the same as without', (suite) => {
    const { sender, bare, receiver } = ends(suite, '258:4', '258:4');
    for (const [wire, plain, tag] of [
      [sender.protect(packet(9)), bare.protect(packet(9)), suite.endsWith('80') ? 10 : 4],
      [sender.protectControl(report), bare.protectControl(report), 10],
    ] as const) {
      const at = plain.length - tag;
      expect(wire).toEqual(Buffer.concat([plain.subarray(0, at), hex('00000102'), plain.subarray(at)]));
    }
    expect(receiver.unprotect(sender.protect(packet(10)))).toEqual(packet(10));
    expect(receiver.unprotectControl(sender.protectControl(report))).toEqual(report);
    expect(receiver.dropped).toEqual({ foreign: 0, replayed: 0 });
  });

  it('is not heard under another, or none, however short', () => {
    const { sender, bare, receiver } = ends(suites[0], '2:4', '1:4');
    const wires = [sender.protect(packet(1)), bare.protect(packet(2)), bare.protect(packet(3)).subarray(-12)];
    expect(wires.map((wire) => receiver.unprotect(wire))).toEqual([null, null, null]);
    expect(receiver.unprotectControl(sender.protectControl(report))).toBeNull();
    expect(receiver.dropped).toEqual({ foreign: 4, replayed: 0 });
  });

  it('may change while the key goes on', () => {
    const { sender, receiver } = ends(suites[0], '1:4', '1:4');
    receiver.unprotect(sender.protect(packet(65_535)));
    const suite = suites[0];
    const after = {
      sender: new Srtp({ suite, local: ours, remote: theirs, localMki: '9:1' }, sender),
      receiver: new Srtp({ suite, local: theirs, remote: ours, remoteMki: '9:1' }, receiver),
    };
    expect(after.receiver.unprotect(after.sender.protect(packet(65_536)))).toEqual(packet(65_536));
  });
});

it('RTCP that is only signed can be read by all, and changed by none (RFC 4568, 6.3.2)', () => {
  const { keys } = pair();
  const report = Buffer.concat([hex('80C90001 0000002A'), Buffer.from('who we are, for all to read')]);
  const sender = new Srtp({ ...keys, local: keys.remote, remote: keys.local, unencryptedSrtcp: true });
  const receiver = new Srtp(keys);
  const wire = sender.protectControl(report);
  expect(wire.subarray(0, report.length)).toEqual(report);
  const tampered = Buffer.from(wire);
  tampered[12] = (tampered[12] ?? 0) ^ 1;
  expect(receiver.unprotectControl(tampered)).toBeNull();
  expect(receiver.unprotectControl(wire)).toEqual(report);
  expect(sender.protect(packet(1)).subarray(12, 172)).not.toEqual(packet(1).subarray(12));
});
