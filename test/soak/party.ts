import type { CallView } from '../../electron/contract/snapshot.ts';
import type { PhoneCommand } from '../../electron/phone/events.ts';
import type { PhoneView } from '../../electron/phone/projection.ts';
import type { Station } from '../../electron/station.ts';

/** A station and whoever sits at it. */
export class Party {
  constructor(
    readonly station: Station,
    /** Its own extension. */
    readonly number: string,
  ) {}

  /** The first view, now or later, of which this holds; rejects after `ms`. */
  until(what: string, holds: (view: PhoneView) => boolean, ms = 30_000): Promise<PhoneView> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        clearTimeout(timer);
        stop();
        finish();
      };
      const timer = setTimeout(
        () => settle(() => reject(new Error(`${this.number}: ${what} did not come; ${this.story()}`))),
        ms,
      );
      const look = (): void => {
        const view = this.station.view();
        if (holds(view)) settle(() => resolve(view));
      };
      const stop = this.station.subscribe(look);
      look();
    });
  }

  /** Resolves with the id of a call that rings here. */
  async rings(): Promise<string> {
    const { calls } = await this.until('a ring', (view) => view.calls.some(isIncoming));
    return calls.find(isIncoming)?.id ?? '';
  }

  untilCall(call: string, state: CallView['state']): Promise<PhoneView> {
    return this.until(`call ${state}`, ({ calls }) =>
      calls.some((each) => each.id === call && each.state === state),
    );
  }

  quiet = (): Promise<PhoneView> => this.until('quiet', ({ calls }) => calls.length === 0);

  registered = (): Promise<PhoneView> =>
    this.until(
      'registration',
      ({ extensions }) => extensions.every(({ registration }) => registration === 'registered'),
      120_000,
    );

  async command(command: PhoneCommand): Promise<string> {
    const result = await this.station.command(command);
    return 'call' in result ? result.call : '';
  }

  /** Ends whatever is up here, as well as it can. */
  async leave(): Promise<void> {
    for (const { id } of this.station.view().calls) {
      await this.command({ name: 'hangUp', params: { call: id } }).catch(() => undefined);
    }
    await this.until('quiet', ({ calls }) => calls.length === 0, 120_000);
  }

  private story(): string {
    const { calls, extensions, notices } = this.station.view();
    return JSON.stringify({ calls, extensions, notices });
  }
}

const isIncoming = ({ state }: CallView): boolean => state === 'incoming';
