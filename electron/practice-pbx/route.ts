import type { SipMessage } from '../sip/message/message.ts';
import type { Binding } from './bindings.ts';

/** Where an INVITE goes, or why it goes nowhere. */
export type Route = Way | Refusal;

export interface Way {
  readonly targets: readonly Binding[];
  /** What it says there: perhaps something else than what the caller said. */
  readonly invite: SipMessage;
}

export interface Refusal {
  readonly status: number;
  readonly phrase: string;
}

export const refusal = (status: number, phrase: string): Refusal => ({ status, phrase });
