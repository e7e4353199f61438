import {
  type Body,
  type IncomingResponseMessage,
  NonInviteClientTransaction,
  type OutgoingRequest,
  type OutgoingRequestDelegate,
  type Session,
  SessionDialog,
  UserAgentClient,
} from 'sip.js/lib/core/index.js';

/** A request within a dialog that is not an INVITE. */
export interface DialogRequest {
  readonly method: 'PRACK' | 'UPDATE' | 'INFO' | 'OPTIONS' | 'REFER' | 'NOTIFY';
  readonly headers: readonly string[];
  readonly body?: Body;
}

/**
 * Sends it, in an early dialog too. sip.js knows no UPDATE, no INFO before the answer, and after a challenge it lets
 * the dialog's own count of CSeq fall behind, so that the next request would be refused as out of order.
 */
export function requestInDialog(
  session: Session,
  { method, headers, body }: DialogRequest,
  delegate: OutgoingRequestDelegate = {},
): OutgoingRequest {
  if (!(session instanceof SessionDialog)) throw new TypeError('no dialog of sip.js');
  return new DialogClient(session, method, headers, body, delegate);
}

class DialogClient extends UserAgentClient {
  constructor(
    private readonly dialog: SessionDialog,
    method: string,
    headers: readonly string[],
    body: Body | undefined,
    delegate: OutgoingRequestDelegate,
  ) {
    const options = { extraHeaders: [...headers], ...(body && { body }) };
    const message = dialog.createOutgoingRequestMessage(method, options);
    super(NonInviteClientTransaction, dialog.userAgentCore, message, delegate);
  }

  protected override receiveResponse(message: IncomingResponseMessage): void {
    if (this.authenticationGuard(message, this.dialog)) super.receiveResponse(message);
  }
}
