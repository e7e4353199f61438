import { describe, expect, it } from 'vitest';
import type { LegQuality } from '../../../electron/phone/quality/leg-quality.ts';
import { meanOpinion } from '../../../electron/phone/quality/quality.ts';
import { PhoneUnderTest } from './phone-under-test.ts';

const good: LegQuality = {
  loss: 0,
  jitterMs: 2,
  madeUp: 0,
  remoteLoss: 0,
  remoteJitterMs: 2,
  roundTripMs: 20,
  silentForMs: 10,
};
const sound = { concealed: 0, bufferMs: 40, inputLevel: 0.1 };

class Measured {
  readonly tested = PhoneUnderTest.onTheAir();
  readonly call = this.tested.activeCall(1);

  second(leg: Partial<LegQuality> = {}, playout: Partial<typeof sound> = {}) {
    const { call, tested } = this;
    tested.take({ type: 'leg-quality', call, quality: { ...good, ...leg } });
    tested.take({ type: 'playout', report: { call, ...sound, ...playout } });
    return this.shown;
  }
  seconds(count: number, leg: Partial<LegQuality> = {}, playout: Partial<typeof sound> = {}) {
    return Array.from({ length: count }, () => this.second(leg, playout)?.fault ?? '-').join(' ');
  }
  get shown() {
    return this.tested.call(this.call)?.quality;
  }
}

describe('the E-model', () => {
  it.each([
    // R = 93.2 is 4.41 (G.107, Annex B); 5 % at random with G.711 and concealment is R = 77.4.
    ['PCMU', 0, 0, 4.41],
    ['PCMU', 0.05, 0, 3.94],
    ['PCMU', 0, 150, 4.33],
    ['PCMU', 0, 400, 3.09],
    ['PCMU', 0.2, 0, 2.61],
    ['PCMU', 1, 2_000, 1],
  ] as const)('%s with loss %d and %d ms: %d', (codec, loss, delay, mos) => {
    expect(meanOpinion(codec, { loss, delay })).toBeCloseTo(mos, 1);
  });
});

describe('the quality of a call', () => {
  it('is shown as it is measured', () => {
    const call = new Measured();
    expect(call.shown).toBeNull();
    const shown = call.second(
      { loss: 0.02, madeUp: 0.02, remoteLoss: 0.01, jitterMs: 7.26 },
      { concealed: 0.005 },
    );
    expect(shown).toMatchObject({
      lossPercent: 2,
      jitterMs: 7.3,
      remoteLossPercent: 1,
      roundTripMs: 20,
      concealedPercent: 2.5,
      fault: null,
    });
    expect(shown?.mos).toBeGreaterThan(4);
    expect(shown?.mos).toBeLessThan(4.3);
  });

  it.each<[string, Partial<LegQuality>, Partial<typeof sound>, string]>([
    ['packets that get lost on the way here', { loss: 0.05 }, { concealed: 0.05 }, '- - network-in'],
    ['packets that come unevenly', { jitterMs: 80 }, { concealed: 0.1 }, '- - network-in'],
    ['packets that get lost on the way there', { remoteLoss: 0.05 }, {}, '- - network-out'],
    [
      'a far end that says nothing at all',
      { silentForMs: 6_000, loss: 0.5 },
      {},
      '- silent-far-end silent-far-end',
    ],
    ['a computer that does not keep up', {}, { concealed: 0.2 }, '- - computer'],
  ])('says who is at fault: %s', (_, leg, playout, faults) => {
    expect(new Measured().seconds(3, leg, playout)).toBe(faults);
  });

  it('finds a microphone that gives nothing, unless it is muted', () => {
    const call = new Measured();
    expect(call.seconds(9, {}, { inputLevel: 0 })).not.toContain('microphone');
    expect(call.second({}, { inputLevel: 0 })?.fault).toBe('microphone');
    const muted = new Measured();
    muted.tested.command({ name: 'mute', params: { call: muted.call, on: true } });
    expect(muted.seconds(20, {}, { inputLevel: 0 })).not.toContain('microphone');
  });

  it('does not flicker', () => {
    const call = new Measured();
    for (let round = 0; round < 10; round += 1) {
      expect(call.second({ loss: 0.1 })?.fault).toBeNull();
      expect(call.second()?.fault).toBeNull();
    }
    call.seconds(3, { loss: 0.1 });
    for (let round = 0; round < 10; round += 1) {
      expect(call.second()?.fault).toBe('network-in');
      expect(call.second({ loss: 0.1 })?.fault).toBe('network-in');
    }
    expect(call.seconds(3)).toBe('network-in network-in -');
  });

  it('is not judged while either side holds', () => {
    const call = new Measured();
    call.tested.take({ type: 'remote-hold', call: call.call, on: true });
    expect(call.seconds(5, { silentForMs: 9_000 })).toBe('- - - - -');
    expect(call.shown).toBeNull();
  });

  it('is kept with the call as a whole, if there was enough of it', () => {
    const call = new Measured();
    call.seconds(6);
    call.seconds(4, { loss: 0.1 }, { concealed: 0.1 });
    call.tested.take({ type: 'ended', call: call.call, reason: null });
    expect(call.tested.view.history[0]?.quality).toMatchObject({
      lossPercent: 4,
      concealedPercent: 4,
      remoteLossPercent: 0,
      roundTripMs: 20,
      fault: 'network-in',
    });
    const short = new Measured();
    short.seconds(2);
    short.tested.take({ type: 'ended', call: short.call, reason: null });
    expect(short.tested.view.history[0]?.quality).toBeNull();
  });
});
