import {
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useEffect,
  useRef,
  useState,
} from 'react';
import type { LineKeyView } from '../../electron/contract/snapshot.ts';
import { Elapsed } from '../clock/elapsed.tsx';
import { isMenuKey } from '../keyboard/menu-key.ts';
import { goToKey, openKeyMenu, usePanel } from '../panel-store.ts';
import { Icon } from '../theme/icon.tsx';
import type { Say } from '../words/words.ts';
import {
  isTimed,
  lineKeyDescription,
  lineKeyName,
  lineKeyWords,
  otherAppearances,
} from './line-key-words.ts';
import { takesPart } from './press.ts';
import { dropOnLineKey, pressLineKey } from './press-line-key.ts';
import { StateGlyph } from './state-glyph.tsx';
import { lookOf } from './state-look.ts';
import { useHeldPrivately, useLineKey } from './use-line-key.ts';
import { useLongPress } from './use-long-press.ts';

interface Props {
  readonly index: number;
  readonly say: Say;
}

/** One key of the desk: its number, lamp, label, what happens on it and for how long. */
export const LineKey = memo(function LineKey({ index, say }: Props) {
  const lineKey = useLineKey(index);
  return lineKey ? <Key lineKey={lineKey} say={say} /> : null;
});

function Key({ lineKey, say }: { readonly lineKey: LineKeyView; readonly say: Say }) {
  const { index, state } = lineKey;
  const privately = useHeldPrivately(index);
  const { tone, glyph, motion } = lookOf(state, privately);
  const words = lineKeyWords({ ...lineKey, privately }, say);
  const description = lineKeyDescription(lineKey, say) || undefined;
  const offer = offerOf(lineKey);
  const isCurrent = usePanel((panel) => panel.currentKey === index);
  const menuOpen = usePanel((panel) => panel.keyMenu === index);
  const button = useRef<HTMLButtonElement>(null);
  const drop = useDrop(lineKey);
  const longPress = useLongPress(() => openKeyMenu(index));
  const ringing = state === 'local-ringing';
  useEffect(() => {
    if (ringing) button.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [ringing]);
  return (
    <button
      ref={button}
      type="button"
      className="line-key"
      data-index={index}
      data-kind={lineKey.kind}
      data-state={state}
      data-tone={tone}
      data-motion={motion}
      tabIndex={isCurrent ? 0 : -1}
      aria-label={lineKeyName({ ...lineKey, privately }, words, say)}
      aria-description={description}
      aria-haspopup="menu"
      aria-expanded={menuOpen}
      aria-keyshortcuts={index < 10 ? `Control+${index} Meta+${index}` : undefined}
      title={description}
      onClick={(event) => {
        if (longPress.wasLong()) return;
        // The second click of a double click leaves the menu open that the first has opened.
        if (!menuOpen) pressLineKey(lineKey);
        else if (event.detail < 2) openKeyMenu(null);
      }}
      onContextMenu={(event) => menuOf(event, index)}
      onKeyDown={(event) => isMenuKey(event) && menuOf(event, index)}
      onFocus={() => goToKey(index)}
      data-dropping={drop.isOver || undefined}
      {...longPress.handlers}
      {...drop.handlers}
    >
      <span className="line-key-index">{index}</span>
      <span className="line-key-lamp">
        <StateGlyph name={glyph} />
      </span>
      <span className="line-key-row">
        <span className="line-key-label">
          <span>{lineKey.label}</span>
          {lineKey.kind === 'watch' ? <Icon name="eye" /> : lineKey.shared && <Icon name="shared" />}
        </span>
        {offer && (
          <span className="line-key-offer" data-offer={offer}>
            {say(`call.action.${offer}`)}
          </span>
        )}
      </span>
      <span className="line-key-row">
        <span className="line-key-words">{words}</span>
        {lineKey.since !== null && isTimed(state) && (
          <Elapsed className="line-key-time" since={lineKey.since} />
        )}
      </span>
      <OtherAppearances lineKey={lineKey} privately={privately} say={say} />
    </button>
  );
}

/** A call that is dragged over the key could be let go here. */
function useDrop(lineKey: LineKeyView) {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    handlers: {
      onDragOver(event: DragEvent) {
        if (usePanel.getState().dragged === null) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'move';
        setOver(true);
      },
      onDragLeave: () => setOver(false),
      onDrop(event: DragEvent) {
        event.preventDefault();
        setOver(false);
        dropOnLineKey(lineKey);
      },
    },
  };
}

function menuOf(event: KeyboardEvent | MouseEvent, index: number): void {
  event.preventDefault();
  openKeyMenu(index);
}

/** What a press does that is worth a word on the key. */
function offerOf(key: LineKeyView) {
  if (key.state === 'local-ringing') return 'answer';
  return takesPart(key, 'pickUp') ? 'pickUp' : takesPart(key, 'bargeIn') ? 'bargeIn' : null;
}

/** The other calls on the key, small, under the one that is most pressing. */
function OtherAppearances({
  lineKey,
  privately,
  say,
}: {
  readonly lineKey: LineKeyView;
  readonly privately: boolean;
  readonly say: Say;
}) {
  const others = otherAppearances(lineKey);
  const [first] = others;
  if (!first) return null;
  const { tone, glyph } = lookOf(first.state, privately);
  return (
    <span className="line-key-other" data-tone={tone}>
      <StateGlyph name={glyph} />
      <span className="line-key-other-words">
        {lineKeyWords({ ...first, kind: lineKey.kind, privately }, say)}
      </span>
      {others.length > 1 && <span>+{others.length - 1}</span>}
      {first.since !== null && isTimed(first.state) && <Elapsed since={first.since} />}
    </span>
  );
}
