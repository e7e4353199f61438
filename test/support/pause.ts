/** So many milliseconds go by. Only where time itself is measured: an event is to be awaited. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
