import type { Rate } from '../codecs/codec.ts';
import { Resampler } from '../codecs/resampler.ts';
import type { PlainLeg } from '../plain-leg.ts';
import type { Conversations } from './conversations.ts';
import { type RecordingError, RecordingFile, recordingError } from './recording-file.ts';

export interface RecordingOptions {
  readonly leg: PlainLeg;
  readonly conversations: Conversations;
  /** Where it shall go; another name when there is such a file. */
  readonly file: string;
  /** Everybody hears that it goes on. */
  readonly tone: boolean;
  /** It has begun, in this file. */
  readonly onStarted: (file: string) => void;
  /** It did not begin, or has ended; told once. */
  readonly onFailed: (file: string, error: RecordingError) => void;
}

/** Both channels on their way to the file's rate. */
class Resampled {
  readonly from: Rate;
  readonly user: Resampler;
  readonly others: Resampler;

  constructor(from: Rate, to: Rate) {
    this.from = from;
    this.user = new Resampler(from, to);
    this.others = new Resampler(from, to);
  }
}

/** A call that is being recorded: one more listener of the conversation that it is, alone or with guests. */
export class Recording {
  readonly tone: boolean;
  readonly #options: RecordingOptions;
  #leg: PlainLeg;
  readonly #opening: Promise<void>;
  #file: RecordingFile | null = null;
  #resampled: Resampled | null = null;
  #over = false;

  constructor(options: RecordingOptions) {
    this.#options = options;
    this.#leg = options.leg;
    this.tone = options.tone;
    this.#opening = this.#open();
  }

  /** What our user says and what all others say, at the same time. The file keeps the rate that it began with. */
  hear(user: Int16Array, others: Int16Array, rate: Rate): void {
    const file = this.#file;
    if (!file) return;
    if (this.#resampled?.from !== rate) this.#resampled = new Resampled(rate, file.rate);
    file.append(this.#resampled.user.take(user), this.#resampled.others.take(others));
  }

  /** From now on it is this call that is recorded. */
  moveTo(leg: PlainLeg): void {
    const { conversations } = this.#options;
    if (this.#over) return;
    conversations.record(this.#leg, null);
    this.#leg = leg;
    if (this.#file) conversations.record(leg, this);
  }

  /** Resolves when the file is whole. */
  async stop(): Promise<void> {
    this.#leave();
    await this.#opening;
    await this.#file?.close();
  }

  async #open(): Promise<void> {
    const { conversations, file, onStarted, onFailed } = this.#options;
    try {
      const opened = await RecordingFile.open(file, conversations.rateOf(this.#leg), (error) => {
        if (this.#leave()) onFailed(opened.path, error);
      });
      this.#file = opened;
      if (this.#over) return;
      conversations.record(this.#leg, this);
      onStarted(opened.path);
    } catch (error) {
      if (this.#leave()) onFailed(file, recordingError(error));
    }
  }

  /** False when that was done before. */
  #leave(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#options.conversations.record(this.#leg, null);
    return true;
  }
}
