import { describe, expect, it } from 'vitest';
import { fromPcmu, silence, toPcmu } from '../../../electron/media/codecs/g711.ts';

const all = Buffer.from(Array.from({ length: 256 }, (_, code) => code));

describe('G.711 between the laws', () => {
  it('leaves PCMU untouched', () => {
    expect(fromPcmu(all, 'PCMU')).toBe(all);
    expect(toPcmu(all, 'PCMU')).toBe(all);
  });

  it('agrees with the decoded values of the recommendation at its corners', () => {
    // ITU-T G.711, tables 1 and 2: greatest positive and negative value, and the smallest.
    expect(fromPcmu(Buffer.from([0x80, 0x00, 0xff, 0x7f]), 'PCMA')).toEqual(
      Buffer.from([0xaa, 0x2a, 0xd5, 0x55]),
    );
    expect(toPcmu(Buffer.from([0xaa, 0x2a]), 'PCMA')).toEqual(Buffer.from([0x80, 0x00]));
  });

  it('keeps the sign of every code', () => {
    for (const [code, translated] of fromPcmu(all, 'PCMA').entries())
      expect(translated & 0x80).toBe(code & 0x80);
  });

  it('loses at most one step there and back', () => {
    for (const [code, back] of toPcmu(fromPcmu(all, 'PCMA'), 'PCMA').entries()) {
      expect(Math.abs((back & 0x7f) - (code & 0x7f))).toBeLessThanOrEqual(1);
    }
  });

  it('knows the silence of both laws', () => {
    expect(silence(2)).toEqual(Buffer.from([0xff, 0xff]));
    expect(fromPcmu(silence(1), 'PCMA')).toEqual(silence(1, 'PCMA'));
  });
});
