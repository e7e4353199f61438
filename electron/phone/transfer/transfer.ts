/**
 * How far we have got with handing a call over (RFC 5589; we are the transferor).
 *
 *          consult
 *   null ----------> consulting
 *    | ^                 | ^
 *    | |    completeTransfer |
 *    | |                 | | transfer-failed: back to where it came from, resumed if it was talked on
 *    | +-----------------|-+----------------------------------+
 *    |                   |                                    |
 *    | transfer          v    held, or hold refused           |    202, 200
 *    +--------------> holding --------------------------> asked ----------> accepted
 *    |                                                     ^  |               |
 *    +--- on hold already ---------------------------------+  +-------+-------+
 *                                                                     | transferred, or the far end hangs up:
 *                                                                     v it has got there
 *                                                                 (call gone)
 */
export type Transfer = Consulting | UnderWay;

/** Its user asks first, in the call `with`. */
export interface Consulting {
  readonly stage: 'consulting';
  readonly with: string;
  readonly to: string;
}

export interface UnderWay {
  readonly stage: 'holding' | 'asked' | 'accepted';
  /** The call whose far end it goes to (attended); null: to a number. */
  readonly with: string | null;
  /** The number that it goes to. */
  readonly to: string;
  /** What it is again when nobody is reached. */
  readonly back: {
    readonly resumed: boolean;
    readonly private: boolean;
    readonly consulting: Consulting | null;
  };
}
