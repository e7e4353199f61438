import type { CallView } from '../../electron/contract/snapshot.ts';
import { Elapsed } from '../clock/elapsed.tsx';
import { companyName } from '../conference/conference-words.ts';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { chooseCall } from '../panel-store.ts';
import { useCalls, usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { answerCall, endCall, resumeCall } from './call-actions.ts';
import { callSentence, lookOfCall, referralSentence, transferSentence } from './call-words.ts';
import { type Company, companies, isUnderWay } from './company.ts';

interface Props {
  /** The call in the panel, with its conference; nobody while the phone is on hook. */
  readonly inHand: readonly CallView[];
}

/** The calls that are not in the panel, each with the natural thing to do. */
export function OtherCalls({ inHand }: Props) {
  const say = useWords();
  const calls = useCalls();
  const others = companies(calls, inHand);
  if (others.length === 0) return null;
  const talking = inHand.some(({ state }) => state === 'active');
  return (
    <ul className="other-calls" aria-label={say('call.others')}>
      {others.map((company) => (
        <OtherCall key={company[0].id} company={company} talking={talking} />
      ))}
    </ul>
  );
}

interface OtherProps {
  readonly company: Company;
  /** A call is being talked on: to resume another means to swap the two. */
  readonly talking: boolean;
}

function OtherCall({ company, talking }: OtherProps) {
  const say = useWords();
  const [call] = company;
  const { look, tone, glyph } = lookOfCall(call);
  const label = usePhone(
    ({ snapshot }) => snapshot?.lineKeys.find((key) => key.index === call.lineKey)?.label,
  );
  const name = companyName(company, say);
  const underWay = usePhone(
    ({ snapshot }) => referralSentence(call, say) ?? (snapshot && transferSentence(call, snapshot, say)),
  );
  return (
    <li className="other-call" data-look={look} data-tone={tone}>
      <StateGlyph name={glyph} />
      <span className="other-call-name" title={name}>
        {name}
      </span>
      <span className="other-call-state">
        {underWay ?? say(callSentence(call))}
        {label && !underWay && company.length === 1 && ` ${say('call.on', { label })}`}
      </span>
      <Elapsed className="other-call-time" since={call.since} />
      <OtherCallAction call={call} name={name} talking={talking} />
    </li>
  );
}

interface ActionProps {
  readonly call: CallView;
  readonly name: string;
  readonly talking: boolean;
}

function OtherCallAction({ call, name, talking }: ActionProps) {
  const say = useWords();
  const { word, act } = useNaturalThing(call, talking);
  return (
    <span className="other-call-actions">
      <button
        type="button"
        className="other-call-action"
        data-tone={call.state === 'incoming' ? 'go' : 'calm'}
        aria-label={say('call.otherAction', { action: word, name })}
        disabled={call.state === 'ending' || isUnderWay(call)}
        onClick={act}
      >
        {word}
      </button>
      {call.state === 'incoming' && (
        <button
          type="button"
          className="other-call-action"
          data-tone="end"
          aria-label={say('call.otherAction', { action: say('call.action.reject'), name })}
          title={say('call.action.reject')}
          onClick={() => endCall(call)}
        >
          <Icon name="onHook" />
        </button>
      )}
    </span>
  );
}

function useNaturalThing(call: CallView, talking: boolean): { word: string; act: () => void } {
  const say = useWords();
  if (call.state === 'incoming') return { word: say('call.action.answer'), act: () => answerCall(call.id) };
  if (call.state === 'held' && call.referredTo === null) {
    return {
      word: say(talking ? 'call.action.swap' : 'call.action.resume'),
      act: () => resumeCall(call.id),
    };
  }
  return { word: say('call.show'), act: () => chooseCall(call.id) };
}
