import { Elapsed } from '../clock/elapsed.tsx';
import { QualityBadge } from '../quality/quality-badge.tsx';
import { QualityFault } from '../quality/quality-fault.tsx';
import { worstOf } from '../quality/worst-of.ts';
import { useWords } from '../words/words.ts';
import type { Company } from './company.ts';

/** What else one may want to know of a call, small: that it is being recorded, and how it sounds. */
export function CallMeta({ company }: { readonly company: Company }) {
  const say = useWords();
  const recording = company.find((call) => call.recording)?.recording;
  const worst = worstOf(company);
  if (!recording && !worst) return null;
  return (
    <>
      <div className="call-meta">
        {recording && (
          <span className="recording" title={say('recording.into', { file: recording.file })}>
            <svg className="recording-dot" viewBox="0 0 16 16" aria-hidden="true">
              <circle className="recording-ring" cx="8" cy="8" r="6.5" />
              <circle className="recording-fill" cx="8" cy="8" r="4" />
            </svg>
            {say('recording.on')} <Elapsed since={recording.since} />
          </span>
        )}
        {worst && <QualityBadge call={worst} />}
      </div>
      {worst && <QualityFault quality={worst.quality} />}
    </>
  );
}
