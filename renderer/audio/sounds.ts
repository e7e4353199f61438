import { LoopPlayer } from './loop-player.ts';
import { renderRing, renderTone, type ToneName } from './tones.ts';

/** What should sound now: the ring of a line key, else a tone, else nothing. */
export interface Sound {
  /** Line key, 1-based. */
  readonly ring: number | null;
  readonly tone: ToneName | null;
}

/** A ring begins softly and grows to its full loudness. */
const growing = { from: 0.25, to: 1, seconds: 9 };
const steady = { from: 1, to: 1, seconds: 0 };

/** The phone's own sounds, never two at once: rings on the ringer, tones where the far end is heard. */
export class Sounds {
  readonly #ringer = new LoopPlayer();
  readonly #speaker = new LoopPlayer();

  setOutputs({ ringer, speaker }: { ringer: string; speaker: string }): void {
    this.#ringer.setOutput(ringer);
    this.#speaker.setOutput(speaker);
  }

  sound({ ring, tone }: Sound): void {
    if (ring !== null) {
      this.#speaker.stop();
      this.#ringer.play(`ring ${ring}`, (rate) => renderRing(ring, rate), growing);
    } else if (tone !== null) {
      this.#ringer.stop();
      this.#speaker.play(tone, (rate) => renderTone(tone, rate), steady);
    } else {
      this.#ringer.stop();
      this.#speaker.stop();
    }
  }

  close(): void {
    this.#ringer.close();
    this.#speaker.close();
  }
}
