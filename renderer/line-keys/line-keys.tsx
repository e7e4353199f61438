import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { goToKey, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { useWords } from '../words/words.ts';
import { arrange, isCrowded, type Row } from './arrangement.ts';
import { ArrangementBar } from './arrangement-bar.tsx';
import { useArrangement } from './arrangement-store.ts';
import { nextInGrid } from './grid-place.ts';
import { GroupHead } from './group-head.tsx';
import { LineKey } from './line-key.tsx';
import { LineKeyMenu } from './line-key-menu.tsx';
import './line-keys.css';
import './arrangement.css';
import './line-key-menu.css';

/**
 * The keys: a column at the left, a strip at the top of a narrow window, and where there are many of them a dense field
 * that can be searched and grouped.
 */
export function LineKeys() {
  const say = useWords();
  const crowded = useCrowded();
  const { search, grouping } = useArrangement();
  const rows = usePhone(
    useShallow(({ snapshot }): readonly Row[] =>
      arrange(snapshot?.lineKeys ?? [], crowded ? { search, grouping } : { search: '', grouping: 'number' }),
    ),
  );
  useStandingKey(rows);
  const list = useRef<HTMLDivElement>(null);
  return (
    <section className="key-area" data-crowded={crowded || undefined}>
      {crowded && <ArrangementBar found={rows.filter(isKey).length} />}
      <div
        className="line-keys"
        role="toolbar"
        aria-orientation={crowded ? undefined : 'vertical'}
        aria-label={say('line.keys')}
        ref={list}
        onKeyDown={(event) => moveInGrid(event, list.current)}
      >
        <ol>
          {rows.map((row) =>
            isKey(row) ? (
              <li key={row}>
                <LineKey index={row} say={say} />
              </li>
            ) : (
              <GroupHead key={row} group={row} />
            ),
          )}
        </ol>
      </div>
      <LineKeyMenu />
    </section>
  );
}

const isKey = (row: Row): row is number => typeof row === 'number';

export const useCrowded = (): boolean => usePhone(({ snapshot }) => isCrowded(snapshot?.lineKeys ?? []));

/** One key can always be reached by Tab: the one last gone to, or the first that is shown. */
function useStandingKey(rows: readonly Row[]): void {
  const current = usePanel((panel) => panel.currentKey);
  useEffect(() => {
    if (current === null || !rows.includes(current)) goToKey(rows.find(isKey) ?? null);
  }, [rows, current]);
}

function moveInGrid(event: KeyboardEvent, list: HTMLElement | null): void {
  if (!list || event.ctrlKey || event.metaKey || event.altKey || !/^(Arrow|Home|End)/.test(event.key)) return;
  const keys = [...list.querySelectorAll<HTMLElement>('.line-key')];
  const from = keys.findIndex((key) => key.matches(':focus'));
  // Their list items: to ask a key off the screen where it is would have it laid out.
  const places = keys.map((key) => (key.closest('li') ?? key).getBoundingClientRect());
  const to = nextInGrid(event.key, from, places);
  if (to === null) return;
  event.preventDefault();
  event.stopPropagation();
  keys[to]?.focus();
}
