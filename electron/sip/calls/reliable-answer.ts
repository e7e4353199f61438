import type { IncomingResponseMessage, Session } from 'sip.js/lib/core/index.js';
import { optionsOf } from '../session-timer/session-expires.ts';
import { requestInDialog } from '../sipjs/dialog-request.ts';

/** The number of a provisional response that wants a PRACK (RFC 3262, 4); null: it wants none. */
export function reliableNumber(message: IncomingResponseMessage): number | null {
  const number = message.getHeader('RSeq')?.trim() ?? '';
  const isReliable = optionsOf(message, 'Require').includes('100rel') && /^[1-9]\d{0,9}$/.test(number);
  return isReliable ? Number(number) : null;
}

/** Acknowledges it within the early dialog that it made. */
export function acknowledgeReliable(
  session: Session,
  { cseq }: IncomingResponseMessage,
  number: number,
): void {
  requestInDialog(session, { method: 'PRACK', headers: [`RAck: ${number} ${cseq} INVITE`] });
}
