import type { CallRecord } from '../../electron/contract/snapshot.ts';
import { callerName } from '../call/call-words.ts';
import { usePhone } from '../phone-store.ts';
import { qualitySummary } from '../quality/quality-words.ts';
import { RingChoice } from '../settings/ring-choice.tsx';
import { useWords } from '../words/words.ts';

/** What else is known of a call that is over, and how its caller shall ring. */
export function RecordDetails({ record }: { readonly record: CallRecord }) {
  const say = useWords();
  const { remote, quality, recording, connected, label } = record;
  const lineKey = usePhone(({ snapshot }) => snapshot?.lineKeys.find((key) => key.label === label)?.index);
  return (
    <section className="record-details" aria-label={say('history.more', { who: callerName(record, say) })}>
      <dl>
        {remote.number !== '' && (
          <div>
            <dt>{say('history.number')}</dt>
            <dd>{remote.number}</dd>
          </div>
        )}
        {connected !== null && (
          <div>
            <dt>{say('history.quality')}</dt>
            <dd>{quality ? qualitySummary(quality, say) : say('history.notMeasured')}</dd>
          </div>
        )}
        {recording !== null && (
          <div data-long>
            <dt>{say('history.recording')}</dt>
            <dd>{recording}</dd>
          </div>
        )}
      </dl>
      {remote.number !== '' && (
        <RingChoice label={say('history.ring')} number={remote.number} lineKey={lineKey ?? 1} />
      )}
    </section>
  );
}
