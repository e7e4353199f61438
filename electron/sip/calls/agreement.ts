import type { IncomingRequestMessage, IncomingResponseMessage, Session } from 'sip.js/lib/core/index.js';
import type { SessionRefresh } from '../session-timer/session-refresh.ts';
import type { CallContext } from './call.ts';

/** How far the two sides of an answered call have come with each other; offers of either side move it. */
export interface Agreement {
  /** We hold, as the far end knows. */
  holding: boolean;
  /** What each side has said last. */
  ours: string;
  theirs: string | null;
  /** Where the far end is; a re-INVITE that we refuse has not moved it. */
  target: Session['remoteTarget'];
  /** An offer of the far end has no answer of ours yet. */
  answering: boolean;
  over: boolean;
}

/** An answered call, for what is offered and answered in it (our-offers.ts, their-offers.ts). */
export interface Exchange {
  readonly id: string;
  readonly session: Session;
  readonly context: CallContext;
  readonly refresh: SessionRefresh;
  readonly agreement: Agreement;
  /** The far end says where it is, in a request that we accept or a 2xx to ours (RFC 3261, 12.2). */
  located(message: IncomingRequestMessage | IncomingResponseMessage): void;
  /** Tells when the far end's hold has changed. */
  remoteHold(on: boolean): void;
  /** The far end does not know the call any more, or cannot be reached. */
  lost(): void;
}
