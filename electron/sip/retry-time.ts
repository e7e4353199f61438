// When to try again. `fraction` is a random number, 0 <= x < 1, by which phones that failed together come back apart.

/** Milliseconds, give or take a quarter. */
export const giveOrTake = (ms: number, fraction: number): number => ms * (0.75 + fraction / 2);

/** `first` milliseconds, twice that, four times, ... up to `longest`, give or take a quarter. */
export const backOff = (
  failures: number,
  { first, longest }: { readonly first: number; readonly longest: number },
  fraction: number,
): number => giveOrTake(Math.min(first * 2 ** Math.min(failures, 10), longest), fraction);

/**
 * Retry-After in milliseconds: never sooner than asked for, a tenth later at the most. No more than `longest` seconds
 * count, and no less than one: who asks for none would be asked as fast as the network carries it.
 */
export const afterAsked = (seconds: number, longest: number, fraction: number): number =>
  Math.min(Math.max(seconds, 1), longest) * 1000 * (1 + fraction * 0.1);
