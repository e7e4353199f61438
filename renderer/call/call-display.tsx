import type { CallView } from '../../electron/contract/snapshot.ts';
import { Elapsed } from '../clock/elapsed.tsx';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { dragCall } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { listOf } from '../words/list-of.ts';
import { useWords } from '../words/words.ts';
import { CallMeta } from './call-meta.tsx';
import {
  callerName,
  callerNumber,
  callSentence,
  joinedNames,
  lookOfCall,
  transferSentence,
} from './call-words.ts';
import { isAnswered } from './company.ts';

/** The head of the panel: who, what the call does, since when. Dragged onto a line key, the call goes there. */
export function CallDisplay({ call, compact }: { readonly call: CallView; readonly compact: boolean }) {
  const say = useWords();
  const { look, tone, glyph } = lookOfCall(call);
  const joined = joinedNames(call);
  const label = usePhone(
    ({ snapshot }) => snapshot?.lineKeys.find((key) => key.index === call.lineKey)?.label,
  );
  const underWay = usePhone(({ snapshot }) => snapshot && transferSentence(call, snapshot, say));
  const number = callerNumber(call);
  const since = call.state === 'held' ? call.since : call.connectedSince;
  const movable = isAnswered(call) && call.transfer === null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what dragging does, Transfer does by keyboard
    <header
      className="call-display"
      data-compact={compact || undefined}
      data-look={look}
      data-tone={tone}
      draggable={movable}
      onDragStart={(event) => {
        if (event.target !== event.currentTarget) return;
        event.dataTransfer.effectAllowed = 'move';
        event.dataTransfer.setData('text/plain', callerName(call, say));
        dragCall(call.id);
      }}
      onDragEnd={() => dragCall(null)}
    >
      <p className="call-state">
        <StateGlyph name={glyph} />
        <span>{underWay ?? say(callSentence(call))}</span>
        {label && call.transfer === null && <span className="call-line">{say('call.on', { label })}</span>}
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
      {!compact && <CallMeta company={[call]} />}
    </header>
  );
}
