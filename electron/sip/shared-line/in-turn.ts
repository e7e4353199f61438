import type { Log } from '../../phone/ports.ts';

interface Task {
  /** Tasks of the same subject replace each other while they wait; null: never. */
  readonly subject: string | null;
  run(): Promise<void>;
}

/**
 * What is told of a shared line goes out one thing after the other, so that none overtakes another; what waits is
 * replaced by what is newer of the same dialog.
 */
export class InTurn {
  private readonly waiting: Task[] = [];
  private busy = false;
  private closed = false;

  constructor(private readonly log: Log) {}

  add(subject: string | null, run: () => Promise<void>): void {
    if (this.closed) return;
    const older = this.waiting.findIndex((task) => task.subject !== null && task.subject === subject);
    if (older >= 0) this.waiting.splice(older, 1);
    this.waiting.push({ subject, run });
    void this.work();
  }

  close(): void {
    this.closed = true;
    this.waiting.length = 0;
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let task = this.waiting.shift(); task; task = this.waiting.shift()) {
      try {
        await task.run();
      } catch (error) {
        this.log.error({ error }, 'line state not sent');
      }
    }
    this.busy = false;
  }
}
