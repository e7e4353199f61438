import type { OpusWishes } from '../../contract/opus-wishes.ts';
import type { CodecName } from '../../contract/profile.ts';
import type { Reason } from '../../contract/reasons.ts';
import type { DialogIdentifiers, Party } from '../lines/dialog.ts';
import type { Measured } from '../quality/quality.ts';
import type { Transfer } from '../transfer/transfer.ts';

/**
 * One call. What the contract calls `state` is derived (`shownState`), for a call that is being answered, held or
 * resumed goes on looking as before until the far end agrees.
 *
 *  seize/dial                     180          2xx
 *   -> seizing -> granted -> dialing -> ringing ----> active <-------> resuming
 *                    |          |         |           |   ^               ^
 *   INVITE           |          |         |      hold |   | refused       | resume
 *   -> incoming -> answering ---+---------+--2xx->    v   |               |
 *          |          |         |         |         holding ----------> held
 *          v          v         v         v           |                   |
 *        ending <-- hang up, reject, release: from every state -----------+
 *          |
 *          v
 *        (gone) <-- `ended` from the SIP side, from every state
 *
 * A call that picks a colleague's up or joins it, or goes where a far end has sent us, begins as `dialing`: the line is
 * taken already.
 */
export type CallPhase =
  | 'seizing'
  | 'granted'
  | 'dialing'
  | 'ringing'
  | 'incoming'
  | 'answering'
  | 'active'
  | 'holding'
  | 'held'
  | 'resuming'
  | 'ending';

/** What a command waits for before it is answered. */
export interface Waiting {
  readonly request: number;
  readonly until: 'granted' | 'invited' | 'answered' | 'held' | 'resumed' | 'transferred' | 'recording';
}

export interface Call {
  readonly id: string;
  readonly lineKey: number;
  readonly extension: number;
  /** The appearance it sits on; null on a private extension. */
  readonly appearance: number | null;
  /** The PBX itself said which appearance a call to us is on: nothing moves it. */
  readonly named: boolean;
  /** RFC 4235 dialog id that we publish it under. */
  readonly dialogId: string;
  readonly direction: 'outgoing' | 'incoming';
  /**
   * How it came about: picked up from a colleague, joined to a colleague's call, which stays the colleague's, or made
   * because a far end sent us there.
   */
  readonly way: 'call' | 'pick-up' | 'barge-in' | 'referral';
  /** The call whose far end sent us here. */
  readonly follows: string | null;
  readonly phase: CallPhase;
  readonly remote: Party;
  /** The number to call as soon as the line is granted. */
  readonly number: string | null;
  readonly began: number;
  readonly since: number;
  readonly connectedSince: number | null;
  readonly muted: boolean;
  readonly heldByRemote: boolean;
  /** The hold asked for is private: nobody else may take the call. */
  readonly private: boolean;
  /** On hold for so long that its user is reminded. */
  readonly overdue: boolean;
  /** Before it is answered the far end lets us hear something: or so it says... */
  readonly earlyMedia: boolean;
  /** ...but nothing comes. */
  readonly earlySilence: boolean;
  readonly silenced: boolean;
  readonly digits: string;
  /** What a lifted line sounds like: dial tone until a digit is typed. */
  readonly lineTone: 'dial' | 'reorder' | null;
  /** Its SIP dialog and where its far end is reached, once known. */
  readonly identifiers: DialogIdentifiers | null;
  readonly target: string | null;
  readonly joined: readonly Party[];
  /** Nobody else in its conference hears it. */
  readonly partyMuted: boolean;
  /** A colleague has it now: answered it while it rang here, or took it over. `by` null: nobody knows who. */
  readonly taken: { readonly by: Party | null } | null;
  /** It is being handed over (transfer.ts). */
  readonly transfer: Transfer | null;
  /** Where its far end sends us, while our user has not said whether they want to go (referral-step.ts). */
  readonly referral: { readonly name: string; readonly target: Party } | null;
  /** When the PBX was told of it last, in ms since the epoch; null: never. */
  readonly toldAt: number | null;
  /** `file` null: asked for, not written yet. */
  readonly recording: { readonly since: number; readonly file: string | null } | null;
  /** The file of its last recording. */
  readonly recorded: string | null;
  readonly measured: Measured;
  /** What its sound is made of, since the first offer/answer. */
  readonly codec: CodecName | null;
  readonly encrypted: boolean;
  /** What the far end asks of it, where it is Opus. */
  readonly opus: OpusWishes | null;
  readonly waiting: readonly Waiting[];
}

/** Off-hook without anybody called yet. */
export const isLifted = ({ phase }: Call): boolean => phase === 'seizing' || phase === 'granted';

export const isLive = (call: Call | undefined): boolean => call !== undefined && call.phase !== 'ending';
/** Answered, and not over. */
export const isSettled = ({ phase }: Call): boolean =>
  ['active', 'holding', 'held', 'resuming'].includes(phase);

export type CallEvent =
  | { readonly type: 'granted' }
  | { readonly type: 'refused'; readonly reason: Reason }
  | { readonly type: 'dial'; readonly number: string; readonly request: number | null }
  | { readonly type: 'answer'; readonly request: number }
  | { readonly type: 'hold'; readonly request: number | null; readonly private: boolean }
  | { readonly type: 'resume'; readonly request: number | null }
  | { readonly type: 'finish' }
  | { readonly type: 'progress'; readonly media: boolean }
  | { readonly type: 'answered'; readonly remote: Party | null }
  | { readonly type: 'replaced'; readonly remote: Party }
  | { readonly type: 'identified'; readonly remote: Party }
  | { readonly type: 'dialog'; readonly identifiers: DialogIdentifiers; readonly target: string | null }
  | {
      readonly type: 'sound';
      readonly codec: CodecName;
      readonly encrypted: boolean;
      readonly opus: OpusWishes | null;
    }
  | { readonly type: 'joined'; readonly parties: readonly Party[] }
  | { readonly type: 'taken'; readonly by: Party | null }
  | { readonly type: 'held' }
  | { readonly type: 'overdue' }
  | { readonly type: 'resumed' }
  | { readonly type: 'hold-failed' }
  | { readonly type: 'remote-hold'; readonly on: boolean }
  | { readonly type: 'ended'; readonly reason: Reason | null };
