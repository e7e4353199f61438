import { useState } from 'react';
import { type Dialect, dialect, type Profile } from '../../electron/contract/profile.ts';
import { send } from '../commands.ts';
import { useWords } from '../words/words.ts';
import { useDraft } from './draft.ts';

interface Props {
  /** What stands in the form, if it fits. */
  check(): Profile | null;
}

/** How the PBX speaks shared lines: the user knows it, or the phone finds it out. */
export function DialectChoice({ check }: Props) {
  const say = useWords();
  const chosen = useDraft((draft) => draft.dialect);
  const [asking, setAsking] = useState(false);
  const [found, setFound] = useState<Dialect | null>(null);
  const choose = (next: Dialect): void => useDraft.setState({ dialect: next });

  const findOut = async (): Promise<void> => {
    const profile = check();
    if (!profile) return;
    setFound(null);
    setAsking(true);
    const result = await send('detect', { profile });
    setAsking(false);
    if (!result) return;
    choose(result.dialect);
    setFound(result.dialect);
  };
  return (
    <div className="dialect-choice">
      <label className="field" data-wide>
        <span>{say('setup.dialect')}</span>
        <select
          name="dialect"
          value={chosen}
          onChange={(event) => {
            setFound(null);
            choose(dialect.parse(event.target.value));
          }}
        >
          {dialect.options.map((each) => (
            <option key={each} value={each}>
              {say(`setup.dialects.${each}`)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" className="word-button" disabled={asking} onClick={() => void findOut()}>
        {say(asking ? 'setup.findingOut' : 'setup.findOut')}
      </button>
      <p className="field-about" role="status">
        {found &&
          say(found === 'none' ? 'setup.foundNone' : 'setup.found', {
            dialect: say(`setup.dialects.${found}`),
          })}
      </p>
    </div>
  );
}
