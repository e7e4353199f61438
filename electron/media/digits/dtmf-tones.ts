import { fromLinear, samplesPerMs, silence } from '../codecs/g711.ts';

/** Digits as sound (ITU-T Q.23): one tone of a low group for the row of the key, one of a high group for its column. */
const keys = ['123A', '456B', '789C', '*0#D'];
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
/** -11 dBm0, and 2 dB more for the high one, which lines weaken more; 0 dBm0 has a peak of 22 300 (ITU-T G.711, table 5). */
const rowPeak = 6_285;
const columnPeak = 7_912;
const toneMs = 100;
const gapMs = 70;
const commaMs = 500;

/** Digits (0-9 * # A-D; a comma pauses; others are skipped) as PCMU: 100 ms each and 70 ms after it. */
export const dtmfSound = (tones: string): Buffer =>
  Buffer.concat(
    [...tones.toUpperCase()].flatMap((tone) => {
      if (tone === ',') return [silence(commaMs * samplesPerMs)];
      const row = keys.findIndex((each) => each.includes(tone));
      return row < 0 ? [] : [dual(row, keys[row]?.indexOf(tone) ?? 0), silence(gapMs * samplesPerMs)];
    }),
  );

function dual(row: number, column: number): Buffer {
  const wave = (hertz: number, peak: number, index: number): number =>
    peak * Math.sin((2 * Math.PI * hertz * index) / (1000 * samplesPerMs));
  const sound = Array.from({ length: toneMs * samplesPerMs }, (_, index) =>
    fromLinear(
      Math.round(wave(rows[row] ?? 0, rowPeak, index) + wave(columns[column] ?? 0, columnPeak, index)),
    ),
  );
  return Buffer.from(sound);
}

/** Digits that are being sent as sound, one after the other, in place of what our user says. */
export class DtmfTones {
  #sound: Buffer = Buffer.alloc(0);

  get isPlaying(): boolean {
    return this.#sound.length > 0;
  }

  play(tones: string): void {
    this.#sound = Buffer.concat([this.#sound, dtmfSound(tones)]);
  }

  /** The next frame; silence after the end. */
  take(samples: number): Buffer {
    const frame = silence(samples);
    this.#sound.copy(frame);
    this.#sound = this.#sound.subarray(samples);
    return frame;
  }

  stop(): void {
    this.#sound = Buffer.alloc(0);
  }
}
