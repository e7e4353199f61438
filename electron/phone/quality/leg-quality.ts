/** What the plain leg measures, over the last second or so; a part is null while nothing tells it. */
export interface LegQuality {
  /** Packets that should have come and did not, 0 to 1. */
  readonly loss: number;
  readonly jitterMs: number;
  /** Of the far end's packets, those made up in place of lost ones, 0 to 1. */
  readonly madeUp: number;
  /** The same of what we send, as the far end reports. */
  readonly remoteLoss: number | null;
  readonly remoteJitterMs: number | null;
  readonly roundTripMs: number | null;
  /** Milliseconds since anything of the far end was heard; null: never. */
  readonly silentForMs: number | null;
}
