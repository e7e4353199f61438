import type { CallView } from '../../electron/contract/snapshot.ts';
import { Elapsed } from '../clock/elapsed.tsx';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { lookOf } from '../line-keys/state-look.ts';
import { chooseCall } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { answerCall, resumeCall } from './call-actions.ts';
import { callerName, callLook, callSentence } from './call-words.ts';

/** The calls that are not in the panel, each with the natural thing to do. */
export function OtherCalls({ calls }: { readonly calls: readonly CallView[] }) {
  const say = useWords();
  if (calls.length === 0) return null;
  return (
    <ul className="other-calls" aria-label={say('call.others')}>
      {calls.map((call) => (
        <OtherCall key={call.id} call={call} />
      ))}
    </ul>
  );
}

function OtherCall({ call }: { readonly call: CallView }) {
  const say = useWords();
  const look = callLook(call);
  const { tone, glyph } = lookOf(look, call.state === 'held' && call.private);
  const label = usePhone(
    ({ snapshot }) => snapshot?.lineKeys.find((key) => key.index === call.lineKey)?.label,
  );
  const name = callerName(call, say);
  return (
    <li className="other-call" data-look={look} data-tone={tone}>
      <StateGlyph name={glyph} />
      <span className="other-call-name">{name}</span>
      <span className="other-call-state">
        {say(callSentence(call))}
        {label && ` ${say('call.on', { label })}`}
      </span>
      <Elapsed className="other-call-time" since={call.since} />
      <OtherCallAction call={call} name={name} />
    </li>
  );
}

function OtherCallAction({ call, name }: { readonly call: CallView; readonly name: string }) {
  const say = useWords();
  const offer =
    call.state === 'incoming'
      ? { word: say('call.action.answer'), act: () => answerCall(call.id) }
      : call.state === 'held'
        ? { word: say('call.action.resume'), act: () => resumeCall(call.id) }
        : { word: say('call.show'), act: () => chooseCall(call.id) };
  return (
    <button
      type="button"
      className="other-call-action"
      data-tone={call.state === 'incoming' ? 'go' : 'calm'}
      aria-label={say('call.otherAction', { action: offer.word, name })}
      disabled={call.state === 'ending'}
      onClick={offer.act}
    >
      {offer.word}
    </button>
  );
}
