import type { BindingAnswer } from './registerer.ts';

/** One extension, as the watch sees it. */
export interface Watched {
  readonly isRegistered: boolean;
  /** Registers once more, and tells what that has shown. */
  askBinding(ms: number): Promise<BindingAnswer>;
}

export interface BindingWatchOptions {
  /** In their order; each is asked about in its turn. */
  readonly extensions: () => readonly Watched[];
  /** The PBX is there, but what it knew of us is gone. */
  forgotten(): void;
  /** The PBX does not answer any more. */
  silent(): void;
  /** 0 <= x < 1. */
  fraction(): number;
}

/** Between two questions, give or take a tenth; milliseconds. */
const interval = 6_000;
/** Time for the question and two repeats of it (timer E). */
const patience = 3_000;

/**
 * Notices that the PBX has gone, or has come back without its bindings. Nothing says so by itself: the registrar is
 * silent until the next refresh, and one that was started anew answers a keep-alive as if nothing had been. So one
 * extension after the other is registered once more, one small message for the whole station every six seconds. That
 * brings back a binding that was lost; and where there are passwords, a PBX that does not know the nonce it took a
 * moment ago has begun anew, and every extension registers at once.
 */
export class BindingWatch {
  private timer: NodeJS.Timeout | null = null;
  private turn = 0;
  private lastHeard = 0;
  private closed = false;

  constructor(private readonly options: BindingWatchOptions) {
    this.schedule();
  }

  /** The PBX has sent something, whatever it was: it is there. */
  heard(): void {
    this.lastHeard = performance.now();
  }

  /** Asks at once: something has happened that it may not have survived. */
  askNow(): void {
    if (this.closed || this.timer === null) return;
    clearTimeout(this.timer);
    void this.ask();
  }

  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.closed) return;
    const wait = interval * (0.9 + this.options.fraction() * 0.2);
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<void> {
    this.timer = null;
    const asked = performance.now();
    const answer = await this.answerOfNext();
    if (!this.closed) {
      if (answer === 'forgotten') this.options.forgotten();
      // On a lossy way the questions may all be lost while calls go on: then the PBX is there.
      if (answer === 'silent' && this.lastHeard < asked) this.options.silent();
    }
    this.schedule();
  }

  /** Asked twice before silence is believed. */
  private async answerOfNext(): Promise<BindingAnswer> {
    const registered = this.options.extensions().filter(({ isRegistered }) => isRegistered);
    const extension = registered[this.turn++ % Math.max(registered.length, 1)];
    if (!extension) return 'there';
    const answer = await extension.askBinding(patience);
    if (answer !== 'silent' || this.closed || !extension.isRegistered) return answer;
    return extension.askBinding(patience);
  }
}
