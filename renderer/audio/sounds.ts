import type { ToneRegion } from '../../electron/contract/settings.ts';
import { LoopPlayer } from './loop-player.ts';
import type { ToneName } from './tone-plans.ts';
import { renderRing, renderTone } from './tones.ts';

/** What should sound now: a ring (1 to 32), else a tone, else nothing. */
export interface Sound {
  readonly ring: number | null;
  readonly tone: ToneName | null;
  readonly region: ToneRegion;
}

/** A ring begins softly and grows to its full loudness. */
const growing = { from: 0.25, to: 1, seconds: 9 };
const steady = { from: 1, to: 1, seconds: 0 };

type Player = Pick<LoopPlayer, keyof LoopPlayer>;

/** The phone's own sounds, never two at once: rings on the ringer, tones where the far end is heard. */
export class Sounds {
  readonly #ringer: Player;
  readonly #speaker: Player;
  /** A ring that somebody listens to before choosing it. */
  #trial: object | null = null;

  constructor(players: () => Player = () => new LoopPlayer()) {
    this.#ringer = players();
    this.#speaker = players();
  }

  setOutputs({ ringer, speaker }: { ringer: string; speaker: string }): void {
    this.#ringer.setOutput(ringer);
    this.#speaker.setOutput(speaker);
  }

  /** Of full scale. */
  setVolumes({ ring, call }: { ring: number; call: number }): void {
    this.#ringer.setVolume(ring);
    this.#speaker.setVolume(call);
  }

  sound({ ring, tone, region }: Sound): void {
    if (ring !== null) {
      this.#speaker.stop();
      this.#ringer.play(`ring ${ring}`, (rate) => renderRing(ring, rate), growing);
    } else if (tone !== null) {
      this.#ringer.stop();
      this.#speaker.play(`${region} ${tone}`, (rate) => renderTone(tone, region, rate), steady);
    } else {
      if (!this.#trial) this.#ringer.stop();
      this.#speaker.stop();
    }
  }

  /**
   * Lets a ring be heard once, as loud as it gets; whatever the phone has to sound ends it before. Returns how to stop;
   * `ended` is called in any case.
   */
  tryRing(ring: number, ended: () => void): () => void {
    const trial = {};
    this.#ringer.playOnce(
      `ring ${ring}`,
      (rate) => renderRing(ring, rate),
      steady,
      () => {
        if (this.#trial === trial) this.#trial = null;
        ended();
      },
    );
    this.#trial = trial;
    return () => {
      if (this.#trial === trial) this.#ringer.stop();
    };
  }

  close(): void {
    this.#ringer.close();
    this.#speaker.close();
  }
}
