import { clockTime, isoDuration } from '../words/duration.ts';
import { useNow } from './now.ts';

/** A running timer since an ISO 8601 instant. */
export function Elapsed({ since, className }: { readonly since: string; readonly className?: string }) {
  const elapsed = useNow() - Date.parse(since);
  return (
    <time className={className} dateTime={isoDuration(elapsed)}>
      {clockTime(elapsed)}
    </time>
  );
}
