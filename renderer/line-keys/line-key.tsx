import { useEffect, useRef } from 'react';
import type { LineKeyView } from '../../electron/contract/snapshot.ts';
import { Elapsed } from '../clock/elapsed.tsx';
import { Icon } from '../theme/icon.tsx';
import { useWords } from '../words/words.ts';
import { isTimed, lineKeyWords } from './line-key-words.ts';
import { pressLineKey } from './press-line-key.ts';
import { StateGlyph } from './state-glyph.tsx';
import { stateLook } from './state-look.ts';

interface Props {
  readonly lineKey: LineKeyView;
  readonly tabIndex: 0 | -1;
  readonly onFocus: () => void;
}

/** One key of the desk: its number, lamp, label, what happens on it and for how long. */
export function LineKey({ lineKey, tabIndex, onFocus }: Props) {
  const say = useWords();
  const { tone, glyph, motion } = stateLook[lineKey.state];
  const words = lineKeyWords(lineKey, say);
  const { index, label } = lineKey;
  const spoken = say(lineKey.shared ? 'line.sharedLabel' : 'line.label', { index, label });
  const button = useRef<HTMLButtonElement>(null);
  const ringing = lineKey.state === 'local-ringing';
  useEffect(() => {
    if (ringing) button.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [ringing]);
  return (
    <button
      ref={button}
      type="button"
      className="line-key"
      data-state={lineKey.state}
      data-tone={tone}
      data-motion={motion}
      tabIndex={tabIndex}
      aria-label={`${spoken}: ${words}`}
      aria-keyshortcuts={index < 10 ? `Control+${index} Meta+${index}` : undefined}
      title={lineKey.reason ?? undefined}
      onClick={() => pressLineKey(lineKey)}
      onFocus={onFocus}
    >
      <span className="line-key-index">{index}</span>
      <span className="line-key-lamp">
        <StateGlyph name={glyph} />
      </span>
      <span className="line-key-label">
        {label}
        {lineKey.shared && <Icon name="shared" />}
      </span>
      <span className="line-key-words">{words}</span>
      <LineKeyTail lineKey={lineKey} />
    </button>
  );
}

/** What stands at the right: the offer to answer, or how long the state has lasted. */
function LineKeyTail({ lineKey }: { readonly lineKey: LineKeyView }) {
  const say = useWords();
  if (lineKey.state === 'local-ringing') {
    return <span className="line-key-offer">{say('call.action.answer')}</span>;
  }
  if (lineKey.since !== null && isTimed(lineKey.state)) {
    return <Elapsed className="line-key-time" since={lineKey.since} />;
  }
  return null;
}
