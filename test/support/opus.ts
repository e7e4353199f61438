/**
 * Whether a packet of one mono frame carries an earlier one again, coarsely (in-band FEC): the LBRR flag comes after one
 * voice activity flag for each 20 ms (RFC 6716, 4.2.3). Only SILK and hybrid frames can.
 */
export function hasRedundancy([toc = 0, flags = 0]: Uint8Array): boolean {
  const configuration = toc >> 3;
  const isSilk = configuration < 16 && (toc & 0b111) === 0;
  const frames = configuration < 12 ? [1, 1, 2, 3][configuration & 3] : 1;
  return isSilk && ((flags << (frames ?? 1)) & 0x80) !== 0;
}
