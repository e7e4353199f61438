import { useEffect, useRef } from 'react';
import { openQuality, usePanel } from '../panel-store.ts';
import { useWords } from '../words/words.ts';
import { QualityGraph } from './quality-graph.tsx';
import { gradeOf, measuresOf } from './quality-words.ts';
import type { MeasuredCall } from './worst-of.ts';
import './quality.css';

/** How the call sounds: bars and a word. Pressed, it shows the last minute and what was measured. */
export function QualityBadge({ call }: { readonly call: MeasuredCall }) {
  const say = useWords();
  const grade = gradeOf(call.quality);
  const word = say(`quality.grade.${grade}`);
  const open = usePanel((panel) => panel.qualityOpen);
  return (
    <>
      <button
        type="button"
        id="quality-badge"
        className="quality-badge"
        data-grade={grade}
        popoverTarget="quality"
        aria-label={say('quality.badge', { word })}
        aria-keyshortcuts="Q"
        aria-expanded={open}
      >
        <QualityBars grade={grade} />
        {word}
      </button>
      <Details call={call} open={open} />
    </>
  );
}

const bars = { good: 3, fair: 2, poor: 1 } as const;

function QualityBars({ grade }: { readonly grade: keyof typeof bars }) {
  return (
    <svg className="quality-bars" viewBox="0 0 16 16" aria-hidden="true">
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          className={bar < bars[grade] ? 'lit' : 'unlit'}
          x={1.5 + bar * 5}
          y={10 - bar * 4}
          width="3"
          height={4 + bar * 4}
          rx="1"
        />
      ))}
    </svg>
  );
}

/** Into the details when they open; back to the badge when they close, unless the focus has gone elsewhere. */
function moveFocus(to: string, always: boolean): void {
  if (always || document.activeElement?.matches('body, .panel, #quality'))
    document.getElementById(to)?.focus();
}

/** Floats beside the badge; it goes by itself when something else is pressed. */
function Details({ call, open }: { readonly call: MeasuredCall; readonly open: boolean }) {
  const say = useWords();
  const popover = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (popover.current?.matches(':popover-open') !== open) popover.current?.togglePopover(open);
  }, [open]);
  useEffect(() => () => openQuality(false), []);
  const { codec, encrypted, quality } = call;
  return (
    <div
      ref={popover}
      id="quality"
      popover="auto"
      className="quality floating"
      role="dialog"
      aria-label={say('quality.title')}
      tabIndex={-1}
      onToggle={(event) => {
        const shown = event.newState === 'open';
        openQuality(shown);
        moveFocus(shown ? 'quality' : 'quality-badge', shown);
      }}
    >
      {open && (
        <>
          <h2>{say('quality.title')}</h2>
          <QualityGraph call={call.id} />
          <dl>
            {measuresOf(quality, say).map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <p className="quality-about">
            {[
              codec && say(`quality.codecs.${codec}`),
              say(encrypted ? 'quality.encrypted' : 'quality.notEncrypted'),
            ]
              .filter(Boolean)
              .join(', ')}
          </p>
        </>
      )}
    </div>
  );
}
