import type { CallRecord, CallView } from '../../electron/contract/snapshot.ts';
import type { OpenReach } from '../reach/reach.ts';
import { type Consultation, companyOf, consultationOf, referredOf } from './company.ts';
import type { DeckState } from './deck.ts';

/** What of the phone and the panel the big keys depend on. */
export interface Circumstances {
  readonly calls: readonly CallView[];
  readonly history: readonly CallRecord[];
  readonly number: string;
  readonly adding: string | null;
  readonly reach: OpenReach | null;
}

/** What the two big keys are chosen by, as it is now. */
export function deckState(call: CallView | null, now: Circumstances): DeckState {
  const { calls, history, number, adding, reach } = now;
  const consultation = call && consultationOf(calls, call);
  return {
    call,
    canDial: number !== '',
    canRedial: history.some(({ direction, remote }) => direction === 'outgoing' && remote.number !== ''),
    asking: consultation && askingFor(consultation, adding),
    referred: call !== null && referredOf(companyOf(calls, call)) !== null,
    reach: reach && {
      purpose: reach.purpose,
      who: reach.target === null ? 'nobody' : reach.target.call ? 'call' : 'number',
    },
  };
}

/** A conference is not handed over: whoever is asked while one waits is asked to join it. */
const askingFor = ({ waiting }: Consultation, adding: string | null): 'add' | 'transfer' =>
  waiting.conference !== null || adding === waiting.id ? 'add' : 'transfer';
