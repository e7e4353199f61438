import type { CallView, Snapshot } from '../../electron/contract/snapshot.ts';
import { anyConnected, chooseLineKey } from '../line-keys/choose-line-key.ts';
import type { WordKey } from '../words/words.ts';

/** What the dialer says of the line it would call on. */
export function dialerLine(snapshot: Snapshot, lifted: CallView | null): { key: WordKey; label: string } {
  const labelOf = (index: number): string =>
    snapshot.lineKeys.find((lineKey) => lineKey.index === index)?.label ?? '';
  if (lifted) {
    return { key: lifted.granted ? 'dialer.onSeized' : 'dialer.waiting', label: labelOf(lifted.lineKey) };
  }
  const chosen = chooseLineKey(snapshot);
  if (chosen) return { key: 'dialer.on', label: chosen.label };
  if (anyConnected(snapshot)) return { key: 'dialer.noLine', label: '' };
  const connecting = snapshot.extensions.some(({ registration }) => registration === 'registering');
  return { key: connecting ? 'dialer.connecting' : 'dialer.notConnected', label: '' };
}
