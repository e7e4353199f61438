import {
  Dialog,
  type IncomingRequest,
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  NameAddrHeader,
  NonInviteServerTransaction,
  type Session,
  type SessionDelegate,
  SessionDialog,
  URI,
  type UserAgentCore,
  UserAgentServer,
} from 'sip.js/lib/core/index.js';
import { readNameAddr } from '../message/message-fields.ts';

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

/** Parameter of a Contact that the far end has not written (sipjs-messages.ts): it moves no dialog. */
export const assumed = 'assumed';

/**
 * Where a dialog's requests go is what the far end has said last: in a target refresh request that is accepted, and not
 * before (RFC 3261, 12.2.2), or in its answer to one of ours (12.2.1.2). sip.js never reads the latter, nor that a 2xx
 * has another Contact than the 180.
 */
export function refreshTarget(
  session: Session,
  message: IncomingRequestMessage | IncomingResponseMessage,
): void {
  const contact: unknown = message.parseHeader('Contact');
  if (!(contact instanceof NameAddrHeader) || contact.hasParam(assumed)) return;
  const written = readNameAddr(message.getHeader('Contact') ?? '')?.uri;
  setRemoteTarget(session, written === undefined ? contact.uri : new WrittenUri(contact.uri, written));
}

/** As the far end has written it: sip.js escapes what has a meaning of its own in a user (RFC 3261, 19.1.4), `;` and `=`. */
class WrittenUri extends URI {
  private readonly text: string;

  constructor({ scheme, user, host, port }: URI, written: string) {
    super(scheme, user ?? '', host, port);
    // It may have headers for whoever calls it anew, which are not for requests of a dialog (19.1.1, table 1).
    this.text = written.replace(/\?[^@]*$/, '');
  }

  override toString(): string {
    return this.text;
  }

  override toRaw(): string {
    return this.text;
  }

  override clone(): URI {
    return this;
  }
}

export function setRemoteTarget(session: Session, target: URI): void {
  Reflect.set(Reflect.get(session, 'dialogState'), 'remoteTarget', target);
}
