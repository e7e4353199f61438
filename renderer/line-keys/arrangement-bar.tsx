import type { KeyboardEvent } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { groupings, isFound, stateGroupOf, stateGroups } from './arrangement.ts';
import { setGrouping, setSearch, useArrangement } from './arrangement-store.ts';
import { StateGlyph } from './state-glyph.tsx';
import { groupLook } from './state-look.ts';

/** Above many keys: what they do in numbers, a search, and how they are grouped. */
export function ArrangementBar({ found }: { readonly found: number }) {
  const say = useWords();
  const { search, grouping } = useArrangement();
  return (
    <header className="arrangement">
      <div className="search">
        <Icon name="search" />
        <input
          id="key-search"
          type="text"
          autoComplete="off"
          spellCheck={false}
          aria-label={say('keys.search')}
          placeholder={say('keys.search')}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={searchKey}
        />
      </div>
      <fieldset className="groupings">
        <legend className="unseen">{say('keys.grouping')}</legend>
        {groupings.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="grouping"
              checked={grouping === each}
              onChange={() => setGrouping(each)}
            />
            {say(`keys.by.${each}`)}
          </label>
        ))}
      </fieldset>
      <Counts />
      <output className="unseen">{search === '' ? '' : say('keys.found', { number: found })}</output>
    </header>
  );
}

/** Escape clears the search; Enter and the arrow go to the first key found. */
function searchKey(event: KeyboardEvent): void {
  if (event.key === 'Escape' && useArrangement.getState().search !== '') setSearch('');
  else if (event.key === 'Enter' || event.key === 'ArrowDown') {
    document.querySelector<HTMLElement>('.line-key')?.focus();
  } else return;
  event.preventDefault();
}

/** How many keys are in which state: the whole office at a glance. */
function Counts() {
  const say = useWords();
  const { search } = useArrangement();
  const counts = usePhone(
    useShallow(({ snapshot }) => {
      const count = { ringing: 0, held: 0, busy: 0, free: 0, unknown: 0 };
      for (const key of snapshot?.lineKeys ?? [])
        if (isFound(key, search)) count[stateGroupOf(key.state)] += 1;
      return count;
    }),
  );
  return (
    <ul className="counts" aria-label={say('keys.counts')}>
      {stateGroups
        .filter((group) => group !== 'unknown' || counts.unknown > 0)
        .map((group) => (
          <li key={group} data-tone={counts[group] === 0 ? 'off' : groupLook[group].tone}>
            <StateGlyph name={groupLook[group].glyph} />
            <strong>{counts[group]}</strong> {say(`keys.group.${group}`)}
          </li>
        ))}
    </ul>
  );
}
