import { createRequest, type Header, header, headerValues, type SipMessage } from '../message/message.ts';
import { readNameAddr, readSipUri, tagOf } from '../message/message-fields.ts';
import { contactHeader, type Identity, viaHeader } from '../pbx/identity.ts';
import type { Random } from '../random.ts';

/** Our side of a dialog that sip.js has no part in (RFC 3261, 12): as much of one as a subscription needs. */
export interface LightDialog {
  readonly callId: string;
  /** From of what we send, with our tag. */
  readonly local: string;
  /** To of what we send; without a tag the dialog is still to be. */
  readonly remote: string;
  /** Request-URI of what we send. */
  readonly target: string;
  /** Route headers, in their order. */
  readonly routes: readonly string[];
}

/** The dialog that a request from outside any dialog begins with our 2xx (RFC 3261, 12.1.1). */
export function dialogOfRequest(request: SipMessage, localTag: string): LightDialog {
  const begun = {
    callId: header(request, 'Call-ID') ?? '',
    local: `${header(request, 'To') ?? ''};tag=${localTag}`,
    remote: '',
    target: readNameAddr(header(request, 'From') ?? '')?.uri ?? '',
    routes: [],
  };
  return dialogWithRequest(begun, request);
}

/** After the far end's request: its tag and routes if there were none yet, its Contact as the new target (12.2.2). */
export function dialogWithRequest(dialog: LightDialog, request: SipMessage): LightDialog {
  const target = targetOf(request) ?? dialog.target;
  if (tagOf(dialog.remote) !== null) return { ...dialog, target };
  const routes = headerValues(request, 'Record-Route');
  return { ...dialog, remote: header(request, 'From') ?? '', target, routes };
}

/** After a 2xx to a request of ours (12.1.2): its routes come the other way round. */
export function dialogWithResponse(dialog: LightDialog, response: SipMessage): LightDialog {
  const target = targetOf(response) ?? dialog.target;
  if (tagOf(dialog.remote) !== null) return { ...dialog, target };
  const routes = headerValues(response, 'Record-Route').reverse();
  return { ...dialog, remote: header(response, 'To') ?? dialog.remote, target, routes };
}

function targetOf(message: SipMessage): string | null {
  const uri = readNameAddr(headerValues(message, 'Contact')[0] ?? '')?.uri;
  return uri !== undefined && readSipUri(uri) ? uri : null;
}

export interface RequestFields {
  readonly identity: Identity;
  readonly random: Random;
  readonly cseq: number;
  readonly headers: readonly Header[];
  readonly body?: Buffer;
}

/** SUBSCRIBE or NOTIFY in the dialog, or the SUBSCRIBE that begins it. */
export function requestIn(dialog: LightDialog, method: string, fields: RequestFields): SipMessage {
  const { identity, random, cseq, headers, body } = fields;
  return createRequest(
    method,
    dialog.target,
    [
      viaHeader(identity, random),
      ...dialog.routes.map((value) => ({ name: 'Route', value })),
      { name: 'From', value: dialog.local },
      { name: 'To', value: dialog.remote },
      { name: 'Call-ID', value: dialog.callId },
      { name: 'CSeq', value: `${cseq} ${method}` },
      { name: 'Max-Forwards', value: '70' },
      { name: 'Contact', value: contactHeader(identity) },
      ...headers,
    ],
    body,
  );
}
