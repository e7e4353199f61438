import type { CallState, CallView, LineKeyView } from '../../electron/contract/snapshot.ts';
import type { WordKey, WordParams } from '../words/words.ts';

/** What pressing a line key means now. */
export type Press =
  | { readonly does: 'seize'; readonly lineKey: number }
  | { readonly does: 'dial'; readonly lineKey: number; readonly number: string }
  | { readonly does: 'answer' | 'resume' | 'show'; readonly call: string }
  | {
      readonly does: 'explain';
      readonly why: WordKey;
      readonly params: WordParams;
      /** The extension that could be registered anew. */
      readonly retry: number | null;
    };

/**
 * The natural thing: a free line is taken (and called on, if a number has been typed), a ringing one answered, a held
 * one resumed, one's own call shown. A line that cannot be used says why.
 */
export function pressOf(key: LineKeyView, calls: readonly CallView[], number: string): Press {
  const own = (...states: CallState[]): string =>
    calls.find((call) => call.lineKey === key.index && states.includes(call.state))?.id ?? '';
  const explain = (why: WordKey, retry: number | null = null): Press => ({
    does: 'explain',
    why,
    params: { label: key.label, who: key.who ?? '' },
    retry,
  });

  switch (key.state) {
    case 'idle':
    // What nobody has told us the PBX knows: it grants the line, or refuses it.
    case 'remote-undefined':
      return number === ''
        ? { does: 'seize', lineKey: key.index }
        : { does: 'dial', lineKey: key.index, number };
    case 'local-ringing':
      return { does: 'answer', call: own('incoming') };
    case 'local-held':
      return { does: 'resume', call: own('held') };
    case 'local-seized':
      return number === ''
        ? { does: 'show', call: own('seizing') }
        : { does: 'dial', lineKey: key.index, number };
    case 'local-progressing':
      return { does: 'show', call: own('dialing', 'ringing') };
    case 'local-active':
      return { does: 'show', call: own('active') };
    case 'remote-seized':
    case 'remote-progressing':
    case 'remote-active':
      return explain(key.who ? 'line.why.remote-busy-who' : 'line.why.remote-busy');
    case 'remote-ringing':
      return explain('line.why.remote-ringing');
    case 'remote-held':
      return explain(key.who ? 'line.why.remote-held-who' : 'line.why.remote-held');
    case 'private-held':
      return explain(key.who ? 'line.why.private-held-who' : 'line.why.private-held');
    case 'registering':
      return explain('line.why.registering');
    case 'register-failed':
      return explain('line.why.register-failed', key.extension);
    case 'disabled':
      return explain('line.why.disabled', key.extension);
  }
}
