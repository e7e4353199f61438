import type { AppearanceDialog } from '../../phone/lines/dialog.ts';
import type { Log, SipEventSink } from '../../phone/ports.ts';
import { dialogInfoType } from '../shared-line/dialect.ts';
import type { DialogInfo } from '../shared-line/dialog-info.ts';
import { readDialogNotify } from '../shared-line/dialog-notify.ts';
import { DocumentOrder } from '../shared-line/document-order.ts';
import type { SubscriptionSpec } from './subscriber.ts';

export interface WatchedExtensionsOptions {
  /** The extension that watches, 1-based. */
  readonly extension: number;
  /** Users of the PBX. */
  readonly users: readonly string[];
  subscribe(spec: SubscriptionSpec): unknown;
  readonly tell: SipEventSink;
  readonly log: Log;
}

/** Seconds; what the phones ask for on their watching keys ("Subscribe Expires"). */
const expires = 1_800;

/** Subscribes to the dialogs of colleagues' extensions (RFC 4235). Told: `watched`. */
export function watchExtensions(options: WatchedExtensionsOptions): void {
  for (const user of new Set(options.users)) options.subscribe(watch(user, options));
}

function watch(user: string, { extension, tell, log }: WatchedExtensionsOptions): SubscriptionSpec {
  const order = new DocumentOrder();
  /** By notifier: several, when a proxy has passed our SUBSCRIBE on to each phone of the extension. */
  const told = new Map<string, ReadonlyMap<string, AppearanceDialog>>();
  return {
    user,
    event: () => 'dialog',
    accept: dialogInfoType,
    expires,
    notified(notify, notifier) {
      const info = readDialogNotify(notify, log);
      if (!info) return true;
      told.set(notifier, merged(told.get(notifier), info));
      const dialogs = [...told.values()].flatMap((each) => [...each.values()]);
      tell({ type: 'watched', userId: user, extension, dialogs });
      return order.follows(notifier, info.state === 'full', info.version);
    },
    lost() {
      order.forget();
      told.clear();
      tell({ type: 'watched', userId: user, extension, dialogs: null });
    },
  };
}

/** RFC 4235, 4.3: a partial document changes the dialogs it names, a full one is all there are. */
export function merged(
  before: ReadonlyMap<string, AppearanceDialog> | undefined,
  { state, dialogs }: Pick<DialogInfo, 'state' | 'dialogs'>,
): ReadonlyMap<string, AppearanceDialog> {
  const after = new Map(state === 'full' ? [] : before);
  for (const { dialog } of dialogs) {
    if (dialog.state === 'terminated') after.delete(dialog.id);
    else after.set(dialog.id, dialog);
  }
  return after;
}
