import type { CallState, CallView, LineKeyView } from '../../electron/contract/snapshot.ts';
import type { WordKey, WordParams } from '../words/words.ts';

/** What pressing a line key means now. */
export type Press =
  | { readonly does: 'seize' | 'pickUp'; readonly lineKey: number }
  /** Asks first: nobody joins a conversation by a slip of the finger. */
  | { readonly does: 'menu'; readonly lineKey: number }
  | { readonly does: 'dial'; readonly lineKey: number; readonly number: string }
  /** Calls somebody on whichever line is free. */
  | { readonly does: 'call'; readonly number: string }
  | { readonly does: 'answer' | 'resume' | 'show'; readonly call: string }
  | {
      readonly does: 'explain';
      readonly why: WordKey;
      readonly params: WordParams;
      /** The extension that could be registered anew. */
      readonly retry: number | null;
    };

/** Whether a press takes part in a colleague's call; with a call of one's own on the key, only its menu does. */
export const takesPart = ({ state, can }: LineKeyView, how: 'pickUp' | 'bargeIn'): boolean =>
  can[how] && /^(remote|private)-/.test(state);

/**
 * The natural thing: a free line is taken (and called on, if a number has been typed), a ringing one answered, a held
 * one resumed or picked up, one's own call shown, a watched colleague who is free called. A line that cannot be used
 * says why.
 */
export function pressOf(key: LineKeyView, calls: readonly CallView[], number: string): Press {
  const own = (...states: CallState[]): string =>
    calls.find((call) => call.lineKey === key.index && states.includes(call.state))?.id ?? '';
  const take: Press =
    number === '' ? { does: 'seize', lineKey: key.index } : { does: 'dial', lineKey: key.index, number };
  const explain = (why: WordKey, retry: number | null = null): Press => ({
    does: 'explain',
    why,
    params: { label: key.label, who: key.who ?? '' },
    retry,
  });
  const whyNot = (): Press => {
    if (key.kind === 'watch') return explain('line.why.watch-busy');
    return key.can.seize ? take : explain(key.who ? 'line.why.remote-busy-who' : 'line.why.remote-busy');
  };

  switch (key.state) {
    case 'idle':
    // What nobody has told us the PBX knows: it grants the line, or refuses it.
    case 'remote-undefined':
    case 'call-back-active':
      return key.watched === null ? take : { does: 'call', number: key.watched };
    case 'local-ringing':
      return { does: 'answer', call: own('incoming') };
    case 'local-held':
      return { does: 'resume', call: own('held') };
    case 'local-seized':
      return number === '' ? { does: 'show', call: own('seizing') } : take;
    case 'local-progressing':
      return { does: 'show', call: own('dialing', 'ringing') };
    case 'local-active':
      return { does: 'show', call: own('active') };
    case 'remote-ringing':
    case 'remote-held':
      return key.can.pickUp ? { does: 'pickUp', lineKey: key.index } : whyNot();
    case 'remote-seized':
    case 'remote-progressing':
    case 'remote-active':
    case 'private-held':
      return key.can.bargeIn ? { does: 'menu', lineKey: key.index } : whyNot();
    case 'registering':
      return explain('line.why.registering');
    case 'register-failed':
      return explain('line.why.register-failed', key.extension);
    case 'disabled':
      return explain('line.why.disabled', key.extension);
  }
}
