import type { DialogIdentifiers, Party } from '../phone/lines/dialog.ts';
import { header, type SipMessage } from '../sip/message/message.ts';
import { readNameAddr, readSipUri, tagOf } from '../sip/message/message-fields.ts';
import { type Binding, isSamePhone } from './bindings.ts';

/** One of the two stations of a dialog. */
export interface DialogEnd {
  readonly binding: Binding;
  readonly party: Party;
  readonly tag: string;
}

/** A dialog between two stations, begun by an INVITE that the PBX has passed on. */
export interface HouseDialog {
  readonly callId: string;
  readonly caller: DialogEnd;
  readonly callee: DialogEnd;
  readonly state: 'early' | 'confirmed';
}

/**
 * The dialogs in the house, as a proxy that stays in their way gets to know them. One dialog:
 *
 * ```
 *            1xx with a tag             2xx
 *   (none) ----------------> early ----------------> confirmed
 *      \                       |          2xx         ^   |
 *       \----------------------|----------------------+   |
 *                              v                          v
 *      refused, cancelled, no answer                BYE; 408 or 481 inside it (RFC 3261, 12.2.1.2)
 *                              from both: one of its stations is registered no more
 * ```
 */
export class HouseCalls {
  #dialogs: readonly HouseDialog[] = [];

  /** `changed` is called with an extension whose dialogs are others now. */
  constructor(private readonly changed: (extension: string) => void) {}

  /** What the extension does, on whichever of its stations. */
  of(extension: string): readonly HouseDialog[] {
    return this.#dialogs.filter(({ caller, callee }) =>
      [caller, callee].some(({ binding }) => binding.extension === extension),
    );
  }

  /** The two ends of a dialog: the one whose own tag is `localTag` first; null: there is no such dialog. */
  endsOf({ callId, localTag, remoteTag }: DialogIdentifiers): readonly [DialogEnd, DialogEnd] | null {
    for (const { callId: id, caller, callee } of this.#dialogs) {
      if (id !== callId) continue;
      if (caller.tag === localTag && callee.tag === remoteTag) return [caller, callee];
      if (callee.tag === localTag && caller.tag === remoteTag) return [callee, caller];
    }
    return null;
  }

  /** A station has answered an INVITE that was passed on to it. */
  answered(invite: SipMessage, caller: Binding, callee: Binding, response: SipMessage): void {
    const tag = tagOf(header(response, 'To'));
    if (response.status >= 300) this.refused(invite, callee);
    if (response.status <= 100 || response.status >= 300 || tag === null) return;
    const dialog: HouseDialog = {
      callId: header(invite, 'Call-ID') ?? '',
      caller: { binding: caller, party: partyOf(invite), tag: tagOf(header(invite, 'From')) ?? '' },
      callee: { binding: callee, party: { number: callee.extension, name: callee.stationName }, tag },
      state: response.status < 200 ? 'early' : 'confirmed',
    };
    const known = this.#dialogs.find((each) => isSame(each, dialog));
    if (known && (known.state === dialog.state || known.state === 'confirmed')) return;
    this.#change([...this.#dialogs.filter((each) => each !== known), dialog]);
  }

  /** An INVITE came to nothing at this station. */
  refused(invite: SipMessage, callee: Binding): void {
    const callId = header(invite, 'Call-ID');
    const tag = tagOf(header(invite, 'From'));
    this.#end(
      (each) =>
        each.state === 'early' &&
        each.callId === callId &&
        each.caller.tag === tag &&
        each.callee.binding.uri === callee.uri,
    );
  }

  /** A request inside a dialog, or the answer to one, has ended it. */
  ended(message: SipMessage): void {
    const callId = header(message, 'Call-ID');
    const tags = [tagOf(header(message, 'From')), tagOf(header(message, 'To'))];
    this.#end(
      (each) => each.callId === callId && tags.includes(each.caller.tag) && tags.includes(each.callee.tag),
    );
  }

  /** This phone is registered no more. */
  gone(binding: Binding): void {
    this.#end(({ caller, callee }) => [caller, callee].some((end) => isSamePhone(end.binding, binding)));
  }

  #end(isOver: (dialog: HouseDialog) => boolean): void {
    this.#change(this.#dialogs.filter((each) => !isOver(each)));
  }

  #change(now: readonly HouseDialog[]): void {
    const before = this.#dialogs;
    this.#dialogs = now;
    const others = [
      ...before.filter((each) => !now.includes(each)),
      ...now.filter((each) => !before.includes(each)),
    ];
    const extensions = others.flatMap(({ caller, callee }) => [caller, callee]).map((end) => end.binding);
    for (const extension of new Set(extensions.map((it) => it.extension))) this.changed(extension);
  }
}

const isSame = (one: HouseDialog, other: HouseDialog): boolean =>
  one.callId === other.callId && one.caller.tag === other.caller.tag && one.callee.tag === other.callee.tag;

function partyOf(invite: SipMessage): Party {
  const from = readNameAddr(header(invite, 'From') ?? '');
  return { number: readSipUri(from?.uri ?? '')?.user ?? '', name: from?.display ?? null };
}
