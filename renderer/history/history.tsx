import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import type { CallRecord } from '../../electron/contract/snapshot.ts';
import { callNumber, redial } from '../call/call-actions.ts';
import { callerName, callerNumber } from '../call/call-words.ts';
import { useMinute } from '../clock/now.ts';
import { isMenuKey } from '../keyboard/menu-key.ts';
import { useRoving } from '../keyboard/roving.ts';
import { openHistory, usePanel } from '../panel-store.ts';
import { usePhone } from '../phone-store.ts';
import { Icon } from '../theme/icon.tsx';
import { clockTime, timeAgo } from '../words/duration.ts';
import { useWords } from '../words/words.ts';
import { RecordDetails } from './record-details.tsx';
import { recordIcon, recordWords } from './record-words.ts';
import { seenUntil } from './seen.ts';
import './history.css';

const noHistory: readonly CallRecord[] = [];

/** The calls that are over, latest first: a column at the right, or a sheet where there is no room for one. */
export function History() {
  const open = usePanel((panel) => panel.historyOpen);
  return open ? <Sheet /> : null;
}

function Sheet() {
  const say = useWords();
  const history = usePhone(({ snapshot }) => snapshot?.history) ?? noHistory;
  const roving = useRoving<HTMLDivElement>(history.length, 1, '.record');
  const [opened, open] = useState<string | null>(null);
  const { container } = roving;
  useEffect(() => {
    const sheet = container.current;
    (sheet?.querySelector<HTMLElement>('.record') ?? sheet)?.focus();
    // What has been missed counts as seen while one looks, and up to the moment one closes it.
    return () => {
      seenUntil(Date.now());
      if (document.activeElement === document.body) document.getElementById('history-button')?.focus();
    };
  }, [container]);
  useEffect(() => {
    if (history.length > 0) seenUntil(Date.now());
  }, [history]);
  useRoomForCalls();
  return (
    <aside
      className="history"
      aria-label={say('history.title')}
      onKeyDown={(event) => (event.key === 'Escape' ? closeByEscape(event) : roving.onKeyDown(event))}
    >
      <header>
        <h2>{say('history.title')}</h2>
        <button
          type="button"
          className="notice-close"
          aria-label={say('history.close')}
          onClick={() => openHistory(false)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div className="records" ref={container} tabIndex={-1}>
        {history.length === 0 && <p className="history-empty">{say('history.empty')}</p>}
        <ul>
          {history.map((record, place) => (
            <li key={record.id}>
              <Entry
                record={record}
                tabIndex={roving.tabIndexOf(place)}
                open={opened === record.id}
                onOpen={(wanted) => open(wanted ? record.id : null)}
                onFocus={roving.onFocusOf(place)}
              />
              {opened === record.id && <RecordDetails record={record} />}
            </li>
          ))}
        </ul>
      </div>
    </aside>
  );
}

const coversTheCall = (): boolean => matchMedia('(max-width: 880px)').matches;

/** A sheet over the panel would hide the call that has just come in or begun. */
function useRoomForCalls(): void {
  const calls = usePhone(({ snapshot }) => snapshot?.calls.length ?? 0);
  const before = useRef(calls);
  useEffect(() => {
    if (calls > before.current && coversTheCall()) {
      openHistory(false);
      // Not on the button that opens it again: Enter is to answer.
      requestAnimationFrame(() => document.querySelector<HTMLElement>('.panel')?.focus());
    }
    before.current = calls;
  }, [calls]);
}

function closeByEscape(event: KeyboardEvent): void {
  if (event.shiftKey) return;
  event.preventDefault();
  openHistory(false);
}

interface EntryProps {
  readonly record: CallRecord;
  readonly tabIndex: 0 | -1;
  /** Whether its details are shown. */
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  readonly onFocus: () => void;
}

/** What was called is called as it was then; what came in passes the dial plan like a number typed. */
function callBack({ remote, direction, extension }: CallRecord): void {
  if (direction === 'outgoing') redial(remote.number, extension);
  else callNumber(remote.number, extension);
  // What becomes of it is told in the panel.
  if (coversTheCall()) openHistory(false);
}

/** One call; pressed, its number is called again on the extension it was on, if that has a free line. */
function Entry({ record, tabIndex, open, onOpen, onFocus }: EntryProps) {
  const say = useWords();
  const now = useMinute();
  const { remote, label, connected, ended, outcome } = record;
  const name = callerName(record, say);
  const words = recordWords(record, say);
  const when = timeAgo(ended, now);
  const line = say('history.on', { label });
  const talked = connected === null ? null : clockTime(Date.parse(ended) - Date.parse(connected));
  const callable = remote.number !== '';
  const offer = say(callable ? 'history.callBack' : 'history.noNumber');
  const toggle = (event: MouseEvent | KeyboardEvent): void => {
    event.preventDefault();
    onOpen(!open);
  };
  return (
    <div className="record-row">
      <button
        type="button"
        className="record"
        data-outcome={outcome}
        tabIndex={tabIndex}
        aria-disabled={!callable}
        aria-label={[`${words}: ${name}`, callerNumber(record), line, when, talked, offer]
          .filter(Boolean)
          .join(', ')}
        title={offer}
        onFocus={onFocus}
        onClick={() => callable && callBack(record)}
        onContextMenu={toggle}
        onKeyDown={(event) => isMenuKey(event) && toggle(event)}
      >
        <Icon name={recordIcon(record)} />
        <span className="record-name">{name}</span>
        <time className="record-when" dateTime={ended}>
          {when}
        </time>
        <span className="record-words">
          {words} · {label}
        </span>
        <span className="record-talked">
          {record.recording !== null && <Icon name="record" />}
          {talked}
        </span>
      </button>
      <button
        type="button"
        className="record-more"
        tabIndex={tabIndex}
        aria-expanded={open}
        aria-label={say('history.more', { who: name })}
        title={say('history.more', { who: name })}
        onFocus={onFocus}
        onClick={toggle}
      >
        <Icon name="more" />
      </button>
    </div>
  );
}
