import { z } from 'zod';

/** What a far end asks of the Opus that is sent to it (RFC 7587, 6.1). */
export const opusWishes = z.strictObject({
  /** It makes use of redundancy against loss. */
  fec: z.boolean(),
  constantBitrate: z.boolean(),
  /** Bits a second at most, over time. */
  maxAverageBitrate: z.number().int().nullable(),
  /** Hz: more than it can play. */
  maxPlaybackRate: z.number().int().nullable(),
});
export type OpusWishes = z.infer<typeof opusWishes>;
