import type { CallView, Snapshot } from '../../electron/contract/snapshot.ts';
import type { usePanel } from '../panel-store.ts';
import { reachOf } from '../reach/reach.ts';
import { consultationOf } from './company.ts';
import type { DeckState } from './deck.ts';

type Panel = ReturnType<typeof usePanel.getState>;

/** What the two big keys depend on, as it is now. */
export function deckState(call: CallView | null, snapshot: Snapshot, panel: Panel): DeckState {
  const consultation = call && consultationOf(snapshot.calls, call);
  const reach = call && reachOf(snapshot, call, panel.reach);
  return {
    call,
    canDial: panel.number !== '',
    canRedial: snapshot.history.some(
      ({ direction, remote }) => direction === 'outgoing' && remote.number !== '',
    ),
    asking: consultation ? (panel.adding === consultation.waiting.id ? 'add' : 'transfer') : null,
    reach: reach && {
      purpose: reach.purpose,
      who: reach.target === null ? 'nobody' : reach.target.call ? 'call' : 'number',
    },
  };
}
