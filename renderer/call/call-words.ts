import type { CallView } from '../../electron/contract/snapshot.ts';
import { lookOf } from '../line-keys/state-look.ts';
import type { Say, WordKey } from '../words/words.ts';
import { isUnderWay } from './company.ts';
import { type Known, knownName } from './known-name.ts';

/** Who is at the other end, in big letters: the name, else the number. */
export const callerName = ({ remote }: Pick<CallView, 'remote'>, say: Say): string =>
  remote.name || remote.number || say('call.unknownCaller');

/** The number under the name; null when it already stands there. */
export const callerNumber = ({ remote }: Pick<CallView, 'remote'>): string | null =>
  remote.name && remote.number && remote.name !== remote.number ? remote.number : null;

/** What the call does, in a few words. */
export function callSentence(call: CallView): WordKey {
  switch (call.state) {
    case 'seizing':
      return call.granted ? 'call.state.granted' : 'call.state.seizing';
    case 'incoming':
      return call.silenced ? 'call.state.silenced' : 'call.state.incoming';
    case 'active':
      if (call.heldByRemote) return 'call.state.heldByRemote';
      return call.muted ? 'call.state.muted' : 'call.state.active';
    case 'dialing':
      return 'call.state.dialing';
    case 'ringing':
      return 'call.state.ringing';
    case 'held':
      return call.private ? 'call.state.heldPrivately' : 'call.state.held';
    case 'ending':
      return 'call.state.ending';
  }
}

/** What a call is in the middle of, and with whom; null when it simply goes on. */
export function transferSentence(call: CallView, known: Known, say: Say): string | null {
  if (call.transfer === null || call.conference !== null) return null;
  const { state, with: asked, to } = call.transfer;
  const other = known.calls.find(({ id }) => id === asked);
  const who = other ? callerName(other, say) : knownName(known, to);
  if (state === 'transferring') return say('call.state.transferring', { who });
  return call.state === 'held' ? say('call.state.consulting', { who }) : null;
}

/** With whom the far end wants to connect one; null when it does not. */
export function referralSentence({ referredTo, remote }: CallView, say: Say): string | null {
  if (referredTo === null) return null;
  return say('call.referred', {
    who: callerName({ remote }, say),
    to: callerName({ remote: referredTo }, say),
  });
}

/** Who else takes part, by name or number; empty when nobody does. */
export const joinedNames = ({ joined }: Pick<CallView, 'joined'>): string[] =>
  joined.map(({ name, number }) => name || number).filter((who) => who !== '');

/** How a call looks: like the line key whose state is its own; the same colours and shapes everywhere. */
export function lookOfCall(call: CallView) {
  const look = callLook(call);
  return { look, ...lookOf(look, call.state === 'held' && call.private) };
}

/** The line key state of a call. On its way elsewhere it goes out, and does not wait any more. */
export function callLook(call: CallView) {
  if (isUnderWay(call)) return 'local-progressing';
  switch (call.state) {
    case 'seizing':
      return 'local-seized';
    case 'dialing':
    case 'ringing':
      return 'local-progressing';
    case 'incoming':
      return 'local-ringing';
    case 'active':
      return 'local-active';
    case 'held':
      return 'local-held';
    case 'ending':
      return 'disabled';
  }
}
