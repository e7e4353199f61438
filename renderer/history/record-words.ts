import type { CallRecord } from '../../electron/contract/snapshot.ts';
import type { IconName } from '../theme/icon.tsx';
import type { Say } from '../words/words.ts';

/** The sign of how a call went; each differs in shape. */
export function recordIcon({ outcome, direction }: CallRecord): IconName {
  switch (outcome) {
    case 'missed':
      return 'missed';
    case 'answered-elsewhere':
      return 'shared';
    case 'declined':
      return 'close';
    case 'failed':
      return 'caution';
    case 'answered':
    case 'unanswered':
      return direction === 'incoming' ? 'arrowIn' : 'arrowOut';
  }
}

/** How a call went, in a few words. Who picked it up is named, and such a call was never missed. */
export function recordWords({ outcome, direction, by }: CallRecord, say: Say): string {
  const way = direction === 'incoming' ? 'in' : 'out';
  switch (outcome) {
    case 'missed':
    case 'failed':
      return say(`history.outcome.${outcome}`);
    case 'answered-elsewhere':
      return by === null
        ? say('history.outcome.answered-elsewhere')
        : say('history.outcome.answered-elsewhere-by', { by });
    case 'answered':
    case 'declined':
    case 'unanswered':
      return say(`history.outcome.${outcome}-${way}`);
  }
}

/** Missed calls that ended after `seen` (ms since the epoch). */
export const missedSince = (history: readonly CallRecord[], seen: number): number =>
  history.filter(({ outcome, ended }) => outcome === 'missed' && Date.parse(ended) > seen).length;
