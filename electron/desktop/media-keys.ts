import { globalShortcut } from 'electron';
import type { CallView, Snapshot } from '../contract/snapshot.ts';

type Deed = { readonly name: 'answer' | 'hangUp' | 'hold' | 'resume'; readonly call: string };

const keys = ['MediaPlayPause', 'MediaStop'] as const;
type MediaKey = (typeof keys)[number];

/** Play/pause answers what rings, else holds and resumes; stop hangs up. */
export function deedOfMediaKey(key: MediaKey, calls: readonly CallView[]): Deed | null {
  const of = (...states: CallView['state'][]): CallView | undefined =>
    calls.find(({ state }) => states.includes(state));
  const deed = (name: Deed['name'], call: CallView | undefined): Deed | null =>
    call ? { name, call: call.id } : null;
  if (key === 'MediaStop') return deed('hangUp', of('active', 'dialing', 'ringing', 'seizing'));
  return deed('answer', of('incoming')) ?? deed('hold', of('active')) ?? deed('resume', of('held'));
}

/** The keyboard's media keys are the phone's while there is a call, and the music's else. */
export class MediaKeys {
  readonly #carryOut: (deed: Deed) => void;
  #calls: readonly CallView[] = [];
  #taken = false;

  constructor(carryOut: (deed: Deed) => void) {
    this.#carryOut = carryOut;
  }

  follow({ calls }: Pick<Snapshot, 'calls'>): void {
    this.#calls = calls;
    if (calls.length > 0 && !this.#taken) this.#take();
    if (calls.length === 0 && this.#taken) this.close();
  }

  close(): void {
    for (const key of keys) globalShortcut.unregister(key);
    this.#taken = false;
  }

  /** Another program may have them, and keeps them then. */
  #take(): void {
    this.#taken = true;
    for (const key of keys) globalShortcut.register(key, () => this.#pressed(key));
  }

  #pressed(key: MediaKey): void {
    const deed = deedOfMediaKey(key, this.#calls);
    if (deed) this.#carryOut(deed);
  }
}
