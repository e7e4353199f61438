import type { SoundTrouble } from '../contract/reasons.ts';

/**
 * Offer/answer of a call's plain leg (RFC 3264), as the SIP side needs it: SDP strings in and out, the media side does
 * the rest. Implemented in electron/media; passed in, so that neither side imports the other.
 */
export interface Negotiator {
  /** Opens a call's ports while it still rings, so that the window's leg is there when it is answered. Never rejects. */
  prepare(call: string, options: { readonly localAddress: string }): Promise<void>;
  /** Why an offer could not be answered, before anybody rings; null: it could. When absent, the answer shows it. */
  judge?(sdp: string, options: { readonly localAddress: string }): NegotiationError | null;
  /** Our offer for a call (allocates its ports on first use); `hold` = a=sendonly, or inactive if the far end holds too. */
  offer(call: string, options: { readonly localAddress: string; readonly hold: boolean }): Promise<string>;
  /** Takes the far end's answer to our last offer and sets the plain leg up. Rejects with NegotiationError. */
  takeAnswer(call: string, sdp: string): Promise<NegotiationResult>;
  /** Takes the far end's offer and returns our answer; `hold`: we hold and stay so. Rejects with NegotiationError. */
  answer(
    call: string,
    sdp: string,
    options: { readonly localAddress: string; readonly hold: boolean },
  ): Promise<NegotiationResult & { readonly sdp: string }>;
  /** Frees the call's ports. */
  release(call: string): void;
}

export interface NegotiationResult {
  /** The far end holds us: sendonly, inactive, or c=0.0.0.0 (RFC 3264, 8.4; RFC 2543 hold of the SPA phones). */
  readonly heldByRemote: boolean;
}

/** No common codec, no audio stream, or an SDP that cannot be read: 488 to an offer, hang-up to an answer. */
export class NegotiationError extends Error {
  override readonly name = 'NegotiationError';

  /** `message` is for the log. */
  constructor(
    readonly trouble: SoundTrouble,
    message: string,
  ) {
    super(message);
  }
}
