/** 32 random bits: for SSRCs, first sequence numbers and timestamps, which must not be guessed (RFC 3550, 5.1). */
export const random32 = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
