import type { CallView } from '../../electron/contract/snapshot.ts';
import { Elapsed } from '../clock/elapsed.tsx';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { lookOf } from '../line-keys/state-look.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { listOf } from '../words/list-of.ts';
import { useWords } from '../words/words.ts';
import { callerName, callerNumber, callLook, callSentence, joinedNames } from './call-words.ts';

/** The head of the panel: who, what the call does, since when. */
export function CallDisplay({ call, compact }: { readonly call: CallView; readonly compact: boolean }) {
  const say = useWords();
  const look = callLook(call);
  const { tone, glyph } = lookOf(look, call.state === 'held' && call.private);
  const joined = joinedNames(call);
  const label = usePhone(
    ({ snapshot }) => snapshot?.lineKeys.find((key) => key.index === call.lineKey)?.label,
  );
  const number = callerNumber(call);
  const since = call.state === 'held' ? call.since : call.connectedSince;
  return (
    <header className="call-display" data-compact={compact || undefined} data-look={look} data-tone={tone}>
      <p className="call-state">
        <StateGlyph name={glyph} />
        <span>{say(callSentence(call))}</span>
        {label && <span className="call-line">{say('call.on', { label })}</span>}
      </p>
      <h1 className="call-name" title={callerName(call, say)}>
        {callerName(call, say)}
      </h1>
      {!compact && <p className="call-number">{number}</p>}
      {joined.length > 0 && (
        <p className="call-joined">
          <Icon name="shared" />
          {say('call.joined', { who: listOf(joined) })}
        </p>
      )}
      {since && <Elapsed className="call-timer" since={since} />}
    </header>
  );
}
