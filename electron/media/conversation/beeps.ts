import { samplesPerMs } from '../codecs/g711.ts';

/** The peak of a tone of -20 dBFS. */
const peak = 3212;
/** A tone swells and fades for so long, so that it does not click. */
const edge = 10 * samplesPerMs;

function beep(hertz: number, ms: number): number[] {
  const samples = ms * samplesPerMs;
  return Array.from({ length: samples }, (_, index) => {
    const swell = Math.min(1, index / edge, (samples - index) / edge);
    return peak * swell * Math.sin((2 * Math.PI * hertz * index) / (1000 * samplesPerMs));
  });
}

const pause = (ms: number): number[] => Array.from({ length: ms * samplesPerMs }, () => 0);

/** Two beeps: somebody has come in. One, lower: somebody has gone. One, high: this is being recorded. */
const sounds = {
  joined: Int16Array.from([...beep(523, 120), ...pause(80), ...beep(523, 120), ...pause(80)]),
  parted: Int16Array.from([...beep(330, 200), ...pause(80)]),
  recording: Int16Array.from(beep(1400, 200)),
};

/** What everybody in a conversation hears besides voices; one sound after the other. */
export class Beeps {
  #queue: Int16Array[] = [];
  #position = 0;

  play(sound: keyof typeof sounds): void {
    this.#queue.push(sounds[sound]);
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
