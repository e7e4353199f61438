import {
  Dialog,
  type IncomingRequest,
  type IncomingRequestMessage,
  NameAddrHeader,
  NonInviteServerTransaction,
  type Session,
  type SessionDelegate,
  SessionDialog,
  type URI,
  type UserAgentCore,
  UserAgentServer,
} from 'sip.js/lib/core/index.js';

/** What a dialog's user is asked; sip.js has no UPDATE (RFC 3311) among these. */
export interface DialogDelegate extends SessionDelegate {
  /** Its Contact is the dialog's once it is accepted with `acceptUpdate`. */
  onUpdate?(request: IncomingRequest): void;
}

/** Hands an UPDATE to the dialog that it belongs to. */
export function receiveUpdate(core: UserAgentCore, message: IncomingRequestMessage): void {
  const dialog = core.dialogs.get(`${message.callId}${message.toTag}${message.fromTag}`);
  if (!(dialog instanceof SessionDialog)) {
    core.replyStateless(message, { statusCode: 481 });
    return;
  }
  const { remoteSequenceNumber } = dialog;
  // RFC 3261, 12.2.2
  if (remoteSequenceNumber !== undefined && message.cseq <= remoteSequenceNumber) {
    core.replyStateless(message, { statusCode: 500 });
    return;
  }
  Dialog.prototype.receiveRequest.call(dialog, message);
  const request = new UserAgentServer(NonInviteServerTransaction, core, message);
  const { onUpdate }: DialogDelegate = dialog.delegate ?? {};
  if (onUpdate) onUpdate(request);
  else request.reject({ statusCode: 481 });
}

/** A target refresh request changes where the dialog's requests go when it is accepted, not before (RFC 3261, 12.2.2). */
export function refreshTarget(session: Session, message: IncomingRequestMessage): void {
  const contact: unknown = message.parseHeader('Contact');
  if (contact instanceof NameAddrHeader) setRemoteTarget(session, contact.uri);
}

export function setRemoteTarget(session: Session, target: URI): void {
  Reflect.set(Reflect.get(session, 'dialogState'), 'remoteTarget', target);
}
