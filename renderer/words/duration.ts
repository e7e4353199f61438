/** Milliseconds as a call timer shows them: 0:42, 12:05, 1:02:09. Never negative: clocks differ a little. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The same as an ISO 8601 duration, for <time dateTime>. */
export function isoDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `PT${Math.floor(seconds / 60)}M${seconds % 60}S`;
}

/** The time of day of an ISO 8601 instant: 14:05, or as the system writes it. */
export const clockHour = (instant: string): string => hour.format(Date.parse(instant));
const hour = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** When something was, as people say it: minutes and hours for a day, then the date. `now` in ms since the epoch. */
export function timeAgo(instant: string, now: number): string {
  const then = Date.parse(instant);
  const minutes = Math.round((now - then) / 60_000);
  if (minutes < 60) return ago.format(-Math.max(0, minutes), 'minute');
  return minutes < 24 * 60 ? ago.format(-Math.round(minutes / 60), 'hour') : day.format(then);
}
const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
