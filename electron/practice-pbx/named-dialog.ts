import type { DialogIdentifiers } from '../phone/lines/dialog.ts';
import { type DialogReference, invitePurpose } from '../sip/calls/dialog-reference.ts';
import { header, headerValues, type SipMessage, withHeader } from '../sip/message/message.ts';
import { readNameAddr, readSipUri } from '../sip/message/message-fields.ts';
import type { Binding, Bindings } from './bindings.ts';
import type { DialogEnd, HouseCalls } from './house-calls.ts';
import { type Route, refusal } from './route.ts';

export interface NamedDialogOptions {
  readonly bindings: Bindings;
  readonly calls: Pick<HouseCalls, 'endsOf'>;
  /** Whether a sharer has told that this dialog of its own is not for the others. */
  readonly isPrivate: (dialog: DialogIdentifiers) => boolean;
}

/**
 * Where an INVITE goes that takes a call over or joins it; null: it is none of these. Its header names the dialog as
 * the far end of the colleague's call has it (`dialogHeader`).
 *
 *   Replaces (RFC 3891)   to the far end, which lets the colleague go
 *   Join (RFC 3911)       to the colleague, who mixes: the far end may be anybody's phone, and it is the line's own
 *                         station that says whether its calls may be joined. It has the two tags the other way round.
 */
export function routeToNamed(
  request: SipMessage,
  caller: Binding,
  { bindings, calls, isPrivate }: NamedDialogOptions,
): Route | null {
  const purpose = invitePurpose((name) => headerValues(request, name));
  if (purpose.kind === 'new') return null;
  if (purpose.kind === 'malformed') return refusal(400, 'Bad Replaces Or Join');
  const { callId, toTag, fromTag } = purpose.dialog;
  const colleagues = { callId, localTag: fromTag, remoteTag: toTag };
  const [colleague, farEnd] = calls.endsOf(colleagues) ?? [];
  if (!colleague || !farEnd) return refusal(481, 'Call Does Not Exist');
  if (isPrivate(colleagues) && !isReferredBy(request, colleague)) return refusal(403, 'Private Call');
  if (purpose.kind === 'replaces') return routeTo(bindings.current(farEnd.binding), request);
  const line = bindings.of(colleague.binding.extension);
  if (!line.some((it) => it.registrant === caller.registrant)) return refusal(403, 'Not Your Line');
  return routeTo(bindings.current(colleague.binding), withHeader(request, 'Join', turned(purpose.dialog)));
}

/** The colleague itself hands its call over (RFC 3892). */
function isReferredBy(request: SipMessage, { binding }: DialogEnd): boolean {
  const by = readSipUri(readNameAddr(header(request, 'Referred-By') ?? '')?.uri ?? '')?.user ?? null;
  return by !== null && [binding.extension, binding.registrant].includes(by);
}

const routeTo = (target: Binding | null, invite: SipMessage): Route =>
  target ? { targets: [target], invite } : refusal(480, 'Temporarily Unavailable');

const turned = ({ callId, toTag, fromTag }: DialogReference): string =>
  `${callId};to-tag=${fromTag};from-tag=${toTag}`;
