import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ProtectionProfileAes128CmHmacSha1_80, RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { readRtp, writeRtp } from '../../../electron/media/rtp/rtp.ts';
import { Srtp } from '../../../electron/media/srtp/srtp.ts';
import { crypt, deriveSessionKeys, type SrtpSuite } from '../../../electron/media/srtp/srtp-keys.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** Key and salt of RFC 3711, B.3, which the vectors of libsrtp use too. */
const master = hex('E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6');
const suites = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const;

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
  const [ours, theirs] = [randomBytes(30).toString('base64'), randomBytes(30).toString('base64')];
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
