import type { Rate } from '../codecs/codec.ts';

/** The peak of a tone of -20 dBFS. */
const peak = 3212;
/** A tone swells and fades for so long, so that it does not click. */
const edgeMs = 10;

interface Tone {
  /** 0: a pause. */
  readonly hertz: number;
  readonly ms: number;
}

/** Two beeps: somebody has come in. One, lower: somebody has gone. One, high: this is being recorded. */
const tones = {
  joined: [
    { hertz: 523, ms: 120 },
    { hertz: 0, ms: 80 },
    { hertz: 523, ms: 120 },
    { hertz: 0, ms: 80 },
  ],
  parted: [
    { hertz: 330, ms: 200 },
    { hertz: 0, ms: 80 },
  ],
  recording: [{ hertz: 1400, ms: 200 }],
} as const satisfies Record<string, readonly Tone[]>;
export type Beep = keyof typeof tones;

/** A beep as samples. */
export const beepSound = (beep: Beep, rate: Rate): Int16Array =>
  Int16Array.from(tones[beep].flatMap((tone) => wave(tone, rate)));

function wave({ hertz, ms }: Tone, rate: Rate): number[] {
  const samples = ms * rate;
  return Array.from({ length: samples }, (_, index) => {
    const swell = Math.min(1, index / (edgeMs * rate), (samples - index) / (edgeMs * rate));
    return peak * swell * Math.sin((2 * Math.PI * hertz * index) / (1000 * rate));
  });
}

/** What everybody in a conversation hears besides voices; one sound after the other. */
export class Beeps {
  readonly #rate: Rate;
  readonly #queue: Int16Array[] = [];
  #position = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  play(beep: Beep): void {
    this.#queue.push(beepSound(beep, this.#rate));
  }

  get isSilent(): boolean {
    return this.#queue.length === 0;
  }

  /** Fills the frame with what sounds next, and silence after it. */
  take(frame: Int16Array): void {
    const sound = this.#queue[0];
    for (let index = 0; index < frame.length; index += 1) frame[index] = sound?.[this.#position + index] ?? 0;
    this.#position += frame.length;
    if (sound && this.#position < sound.length) return;
    this.#queue.shift();
    this.#position = 0;
  }
}
