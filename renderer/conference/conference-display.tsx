import type { CallView } from '../../electron/contract/snapshot.ts';
import { endCall, leaveConference, muteParty } from '../call/call-actions.ts';
import { CallMeta } from '../call/call-meta.tsx';
import { callerName, callLook, joinedNames } from '../call/call-words.ts';
import type { Company } from '../call/company.ts';
import { Elapsed } from '../clock/elapsed.tsx';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { stateLook } from '../line-keys/state-look.ts';
import { Icon, type IconName } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { conferenceSentence } from './conference-words.ts';
import './conference.css';

/** The head of the panel for several calls that are one conversation: what it does, and who takes part. */
export function ConferenceDisplay({
  company,
  compact,
}: {
  readonly company: Company;
  readonly compact: boolean;
}) {
  const say = useWords();
  const [head] = company;
  const look = callLook(head);
  const { tone, glyph } = stateLook[look];
  return (
    <header
      className="call-display conference"
      data-compact={compact || undefined}
      data-look={look}
      data-tone={tone}
    >
      <p className="call-state">
        <StateGlyph name={glyph} />
        <span>{say(conferenceSentence(company))}</span>
      </p>
      <h1 className="call-name">{say('conference.title', { number: peopleIn(company) })}</h1>
      {!compact && (
        <>
          <ul className="parties" aria-label={say('conference.parties')}>
            {company.map((party) => (
              <Party key={party.id} party={party} />
            ))}
          </ul>
          <CallMeta company={company} />
        </>
      )}
    </header>
  );
}

/** Ourselves, the other ends, and the colleagues who have joined them. */
const peopleIn = (company: Company): number =>
  company.reduce((sum, call) => sum + 1 + joinedNames(call).length, 1);

/** One of the others, and what can be done with them alone. */
function Party({ party }: { readonly party: CallView }) {
  const say = useWords();
  const who = callerName(party, say);
  const joined = joinedNames(party);
  return (
    <li className="party" data-muted={party.partyMuted || undefined}>
      <span className="party-name" title={who}>
        {[who, ...joined].join(', ')}
      </span>
      {party.partyMuted && <span className="party-state">{say('conference.notHeard')}</span>}
      {party.heldByRemote && <span className="party-state">{say('conference.away')}</span>}
      <Elapsed className="party-time" since={party.connectedSince ?? party.since} />
      <PartyKey
        icon={party.partyMuted ? 'microphoneOff' : 'microphone'}
        name={say('conference.mute', { who })}
        pressed={party.partyMuted}
        onPress={() => muteParty(party.id, !party.partyMuted)}
      />
      <PartyKey
        icon="pause"
        name={say('conference.takeOut', { who })}
        onPress={() => leaveConference(party.id)}
      />
      <PartyKey icon="onHook" name={say('conference.drop', { who })} end onPress={() => endCall(party)} />
    </li>
  );
}

interface PartyKeyProps {
  readonly icon: IconName;
  readonly name: string;
  readonly pressed?: boolean;
  readonly end?: boolean;
  readonly onPress: () => void;
}

const PartyKey = ({ icon, name, pressed, end, onPress }: PartyKeyProps) => (
  <button
    type="button"
    className="party-key"
    aria-label={name}
    aria-pressed={pressed}
    data-tone={end ? 'end' : undefined}
    title={name}
    onClick={onPress}
  >
    <Icon name={icon} />
  </button>
);
