/** Up to here (-2.5 dBFS) a sum passes as it is; what is beyond is bent towards the loudest sample and never over it. */
const knee = 24_576;
const room = 32_124 - knee;

/** A sum of voices as a sample of 16 bits: no wrap-around, and no hard edge that would crackle. */
export function limit(sum: number): number {
  if (sum > knee) return knee + bend(sum - knee);
  if (sum < -knee) return -knee - bend(-sum - knee);
  return sum;
}

const bend = (excess: number): number => Math.floor((room * excess) / (room + excess));

/** The sum of all voices of a conversation for 20 ms, and what each listener hears of it. */
export class Mixer {
  readonly #total: Int32Array;

  constructor(frameSamples: number) {
    this.#total = new Int32Array(frameSamples);
  }

  clear(): void {
    this.#total.fill(0);
  }

  add(voice: Int16Array): void {
    const total = this.#total;
    for (let index = 0; index < total.length; index += 1) {
      total[index] = (total[index] ?? 0) + (voice[index] ?? 0);
    }
  }

  /** A frame of all voices but `own`, and but `other` where that is not meant for this listener. */
  without(own?: Int16Array, other?: Int16Array): Int16Array {
    const frame = new Int16Array(this.#total.length);
    for (let index = 0; index < frame.length; index += 1) {
      frame[index] = limit((this.#total[index] ?? 0) - (own?.[index] ?? 0) - (other?.[index] ?? 0));
    }
    return frame;
  }
}
