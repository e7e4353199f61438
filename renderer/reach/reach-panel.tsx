import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { callerName } from '../call/call-words.ts';
import { isConference } from '../call/company.ts';
import { StateGlyph } from '../line-keys/state-glyph.tsx';
import { lookOf } from '../line-keys/state-look.ts';
import { openReach } from '../panel-store.ts';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import type { OpenReach } from './reach.ts';
import { askFirst, choose, mark, reachNow, typeReach } from './reach-actions.ts';
import type { Target } from './targets.ts';
import './reach.css';

interface Props {
  readonly call: CallView;
  readonly reach: OpenReach;
}

/** In place of a call's controls: who is sought, as a number or a name, and who is at hand. */
export function ReachPanel({ call, reach }: Props) {
  const say = useWords();
  const field = useRef<HTMLInputElement>(null);
  const { purpose, target, targets, typed, chosen, marked } = reach;
  // A key or the mouse has pointed at somebody: one goes on here, with Enter.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each choice anew
  useEffect(() => field.current?.focus(), [chosen]);
  useEffect(() => backToControl(purpose), [purpose]);
  useEffect(() => {
    if (marked !== null) document.getElementById(optionId(marked))?.scrollIntoView({ block: 'nearest' });
  }, [marked]);
  const who = callerName(call, say);
  const title =
    purpose === 'transfer'
      ? say('reach.transfer', { who })
      : isConference([call])
        ? say('reach.addMore')
        : say('reach.add', { who });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      mark(reach, nextMark(event.key, marked, targets.length));
    } else if (event.key === 'Enter' && !event.repeat && target) {
      event.preventDefault();
      if (event.shiftKey) askFirst(reach);
      else reachNow(reach);
    }
  };
  return (
    <section className="reach" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          className="notice-close"
          aria-label={say('reach.close')}
          onClick={() => openReach(null)}
        >
          <Icon name="close" />
        </button>
      </header>
      <input
        ref={field}
        id="reach"
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        aria-label={say('reach.field')}
        aria-autocomplete="list"
        aria-expanded={targets.length > 0}
        aria-controls="reach-targets"
        aria-activedescendant={marked === null ? undefined : optionId(marked)}
        placeholder={say('reach.field')}
        value={typed}
        onChange={(event) => typeReach(reach, event.target.value.slice(0, 64))}
        onKeyDown={onKeyDown}
      />
      <div className="reach-targets" id="reach-targets" role="listbox" aria-label={say('reach.atHand')}>
        {targets.map((each, place) => (
          <TargetOption
            key={`${each.call?.id ?? ''} ${each.number}`}
            id={optionId(place)}
            target={each}
            meant={isSame(each, target)}
            onChoose={() => choose(reach, each)}
          />
        ))}
      </div>
      {purpose === 'transfer' && (
        <button
          type="button"
          className="wide-key"
          aria-keyshortcuts="Shift+Enter"
          disabled={target === null || target.call !== null}
          onClick={() => askFirst(reach)}
        >
          <Icon name="handset" />
          {say('reach.askFirst')}
        </button>
      )}
    </section>
  );
}

const optionId = (place: number): string => `reach-target-${place}`;

const isSame = (one: Target, other: Target | null): boolean =>
  other !== null && one.number === other.number && one.call?.id === other.call?.id;

function nextMark(key: 'ArrowDown' | 'ArrowUp', marked: number | null, count: number): number | null {
  if (count === 0) return null;
  if (key === 'ArrowDown') return marked === null ? 0 : Math.min(marked + 1, count - 1);
  return marked === null || marked === 0 ? null : marked - 1;
}

/** When all is said, the focus goes back to the control that had opened this, if it is still there. */
const backToControl = (purpose: string) => (): void => {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) {
      document.querySelector<HTMLElement>(`.control[data-control="${purpose}"]:enabled`)?.focus();
    }
  });
};

interface OptionProps {
  readonly id: string;
  readonly target: Target;
  readonly meant: boolean;
  readonly onChoose: () => void;
}

/** Somebody at hand: their state as their key shows it, their name and number. */
function TargetOption({ id, target, meant, onChoose }: OptionProps) {
  const say = useWords();
  const { name, number, call, lineKey } = target;
  const state = call ? 'local-held' : lineKey?.state;
  const look = state && lookOf(state, false);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus, and its arrow keys lead here
    <div
      id={id}
      className="reach-target"
      role="option"
      tabIndex={-1}
      aria-selected={meant}
      data-tone={look?.tone}
      // The field keeps the focus.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      {look ? <StateGlyph name={look.glyph} /> : <Icon name="history" />}
      <span className="reach-target-name">{name || number}</span>
      <span className="reach-target-number">{call ? say('reach.inCall') : name ? number : ''}</span>
    </div>
  );
}
