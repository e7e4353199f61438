import type { LineKeyState, LineKeyView } from '../../electron/contract/snapshot.ts';
import { lineKeyWords } from '../line-keys/line-key-words.ts';
import type { Say } from './words.ts';

/** States of a shared line that a colleague brings about and that concern everybody on it. */
const telling: ReadonlySet<LineKeyState> = new Set(['remote-active', 'remote-held', 'private-held']);

/** More sentences than these at a time nobody listens to. */
const most = 3;

/**
 * What a screen reader should say, when it has time, of what colleagues did on the shared lines between two moments.
 * Watched extensions are looked at, not listened to: they change all day.
 */
export function lineAnnouncements(
  before: readonly LineKeyView[],
  after: readonly LineKeyView[],
  say: Say,
): string[] {
  return after
    .flatMap((key, place) => {
      const old = before[place];
      return old?.index === key.index ? (lineChange(old, key, say) ?? []) : [];
    })
    .slice(0, most);
}

function lineChange(before: LineKeyView, key: LineKeyView, say: Say): string | null {
  if (key.kind !== 'line' || !key.shared || before === key) return null;
  const { label } = key;
  if (key.state === 'idle' && telling.has(before.state)) return say('spokenLine.free', { label });
  const words = lineKeyWords(key, say);
  const said = telling.has(before.state) ? lineKeyWords(before, say) : null;
  return telling.has(key.state) && words !== said ? say('spokenLine.taken', { label, words }) : null;
}
