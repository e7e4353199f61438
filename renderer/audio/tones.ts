import type { ToneRegion } from '../../electron/contract/settings.ts';
import { type ToneName, tonePlans } from './tone-plans.ts';

/**
 * What the phone sounds like, as samples: one period each, made to be looped, so that every cadence is exact to the
 * sample and needs no timer.
 */

/** Of full scale, for all frequencies of a tone together. */
const toneLevel = 0.2;
/** Seconds in which a burst swells and fades, so that it does not click. */
const edge = 0.005;

/** One period of a region's tone at `rate` samples a second, between -1 and 1. */
export function renderTone(name: ToneName, region: ToneRegion, rate: number): Float32Array<ArrayBuffer> {
  const { frequencies, bursts } = tonePlans[region][name];
  const period = bursts.reduce((sum, { on, off }) => sum + on + off, 0);
  const samples = new Float32Array(Math.round(period * rate));
  let start = 0;
  for (const { on, off } of bursts) {
    const end = Math.min(samples.length, Math.round((start + on) * rate));
    for (let index = Math.round(start * rate); index < end; index += 1) {
      const time = index / rate;
      const swell = off === 0 ? 1 : Math.min(1, (time - start) / edge, (start + on - time) / edge);
      const mix = frequencies.reduce((sum, frequency) => sum + Math.sin(2 * Math.PI * frequency * time), 0);
      samples[index] = (toneLevel * swell * mix) / frequencies.length;
    }
    start += on + off;
  }
  return samples;
}

/** Seconds from one ring to the next. */
const ringPeriod = 3;
/** Seconds from one note to the next. */
const noteStep = 0.17;
/** Where each line key's ring lies, in semitones: a pentatonic scale, so that two never clash. */
const scale = [0, 3, 5, 7, 10, 12, -2, -5];
/** The motif: high notes are a fourth above low ones. */
const motifs = ['LHLH', 'LLHH', 'HLHL', 'HHLL'] as const;
const fourth = 5;

/** One ring of a line key (1-based): a soft motif of two notes, of its own pitch and order for the first 32 keys. */
export function renderRing(lineKey: number, rate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(ringPeriod * rate));
  const order = Math.max(0, lineKey - 1);
  const pitch = scale[order % scale.length] ?? 0;
  const motif = motifs[Math.floor(order / scale.length) % motifs.length] ?? motifs[0];
  for (const [position, note] of [...motif].entries()) {
    const semitones = pitch + (note === 'H' ? fourth : 0);
    strike(samples, rate, position * noteStep, 523.25 * 2 ** (semitones / 12));
  }
  return samples;
}

/** A marimba bar: its fundamental rings on, its second mode (four times as high) is the knock of the mallet. */
function strike(samples: Float32Array, rate: number, start: number, frequency: number): void {
  for (let index = Math.round(start * rate); index < samples.length; index += 1) {
    const time = index / rate - start;
    const attack = Math.min(1, time / 0.003);
    const bar = Math.sin(2 * Math.PI * frequency * time) * Math.exp(-time * 5);
    const knock = 0.3 * Math.sin(2 * Math.PI * 4 * frequency * time) * Math.exp(-time * 22);
    samples[index] = (samples[index] ?? 0) + 0.35 * attack * (bar + knock);
  }
}
