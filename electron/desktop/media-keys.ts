import { globalShortcut } from 'electron';
import type { CallView, Snapshot } from '../contract/snapshot.ts';
import { deedsOfMediaKey, type MediaKey, type MediaKeyDeed, mediaKeys } from './media-key-deeds.ts';

/** The keyboard's media keys are the phone's while there is a call, and the music's else. */
export class MediaKeys {
  readonly #carryOut: (deed: MediaKeyDeed) => void;
  #calls: readonly CallView[] = [];
  #taken = false;

  constructor(carryOut: (deed: MediaKeyDeed) => void) {
    this.#carryOut = carryOut;
  }

  follow({ calls }: Pick<Snapshot, 'calls'>): void {
    this.#calls = calls;
    if (calls.length > 0 && !this.#taken) this.#take();
    if (calls.length === 0 && this.#taken) this.close();
  }

  close(): void {
    for (const key of mediaKeys) globalShortcut.unregister(key);
    this.#taken = false;
  }

  /** Another program may have them, and keeps them then. */
  #take(): void {
    this.#taken = true;
    for (const key of mediaKeys) globalShortcut.register(key, () => this.#pressed(key));
  }

  #pressed(key: MediaKey): void {
    for (const deed of deedsOfMediaKey(key, this.#calls)) this.#carryOut(deed);
  }
}
