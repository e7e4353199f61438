import type { CallDialog, SipCall } from './call.ts';
import { type DialogReference, refersTo } from './dialog-reference.ts';

/** A dialog, and whose it is; `call` and `owner` null: over. */
export interface Found<Owner> {
  readonly dialog: CallDialog;
  readonly call: SipCall | null;
  readonly owner: Owner | null;
}

/** A dialog that has ended is still known for so long, in ms (RFC 3891, 3: 603 rather than 481). */
const remembered = 32_000;

/** The INVITE dialogs of all extensions of the station, for whoever names one. */
export class StationDialogs<Owner extends { readonly all: readonly SipCall[] }> {
  private past: { readonly dialog: CallDialog; readonly until: number }[] = [];

  constructor(private readonly owners: () => readonly Owner[]) {}

  /** A call of whichever extension. */
  call(id: string): SipCall | null {
    return (
      this.owners()
        .flatMap(({ all }) => all)
        .find((call) => call.id === id) ?? null
    );
  }

  /** The one that an INVITE names; several are as good as none (RFC 3891, 3). */
  find(reference: DialogReference): Found<Owner> | null {
    const named = [...this.present(), ...this.ended()].filter(({ dialog }) =>
      refersTo(reference, dialog.identifiers),
    );
    return named.length === 1 ? (named[0] ?? null) : null;
  }

  /** These have ended. */
  remember(dialogs: readonly CallDialog[]): void {
    const until = Date.now() + remembered;
    const added = dialogs.map(({ identifiers }) => ({
      dialog: { identifiers, state: 'over' as const },
      until,
    }));
    this.past = [...this.past.filter((each) => each.until > Date.now()), ...added];
  }

  private present(): Found<Owner>[] {
    return this.owners().flatMap((owner) =>
      owner.all.flatMap((call) => call.dialogs.map((dialog) => ({ dialog, call, owner }))),
    );
  }

  private ended(): Found<Owner>[] {
    return this.past
      .filter(({ until }) => until > Date.now())
      .map(({ dialog }) => ({ dialog, call: null, owner: null }));
  }
}
