import { useNow } from '../clock/now.ts';
import { useWords } from '../words/words.ts';
import { graph, graphPath, heightOf } from './graph-path.ts';
import { type Sample, useTrails } from './quality-trail.ts';
import { gradeLimits, gradeOf } from './quality-words.ts';

const nothing: readonly Sample[] = [];
const { width, height } = graph;

/** The score of the last minute, drawn and said. */
export function QualityGraph({ call }: { readonly call: string }) {
  const say = useWords();
  const samples = useTrails(({ trails }) => trails[call]) ?? nothing;
  const now = useNow();
  const scores = samples.map(({ mos }) => mos);
  const last = samples.at(-1);
  if (!last) return null;
  const spoken = say('quality.graph', {
    lowest: Math.min(...scores).toFixed(1),
    highest: Math.max(...scores).toFixed(1),
    now: last.mos.toFixed(1),
  });
  return (
    <figure className="quality-graph" data-grade={gradeOf(last)}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={spoken}>
        {[gradeLimits.good, gradeLimits.fair].map((limit) => (
          <path key={limit} className="limit" d={`M0 ${heightOf(limit)}H${width}`} />
        ))}
        <path className="trail" d={graphPath(samples, Math.max(now, last.at))} />
      </svg>
      <figcaption>
        <span>{say('quality.minuteAgo')}</span>
        <span>{say('quality.now')}</span>
      </figcaption>
    </figure>
  );
}
