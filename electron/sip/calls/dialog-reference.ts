import type { DialogIdentifiers } from '../../phone/lines/dialog.ts';
import { isToken } from '../message/message-fields.ts';

/** What `Replaces` (RFC 3891, 6.1) or `Join` (RFC 3911, 7.1) names: to-tag is the tag of whoever receives it. */
export interface DialogReference {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  /** Only while the dialog is early: a call that has been answered meanwhile is left alone. */
  readonly earlyOnly: boolean;
}

export type InvitePurpose =
  | { readonly kind: 'new' }
  | { readonly kind: 'replaces' | 'join'; readonly dialog: DialogReference }
  /** To be answered 400. */
  | { readonly kind: 'malformed' };

const word = '[A-Za-z0-9.!%*_+`\'~()<>:\\\\"/[\\]?{}-]+';
const token = "[A-Za-z0-9.!%*_+`'~-]+";
const quoted = '"(?:[^"\\\\]|\\\\.)*"';
const callIdPattern = new RegExp(`^\\s*(${word}(?:@${word})?)`);
const parameters = new RegExp(
  `\\s*;\\s*(${token})(?:\\s*=\\s*(${token}|\\[[0-9A-Fa-f:.]+\\]|${quoted}))?`,
  'gy',
);

/** One value of either header by its grammar; null when it is not one. Exactly one tag of each kind is a must. */
export function readDialogReference(value: string): DialogReference | null {
  const [start = '', callId] = callIdPattern.exec(value) ?? [];
  const rest = value.slice(start.length);
  const read = [...rest.matchAll(parameters)];
  const isWhole = rest.slice(read.map(([text]) => text).join('').length).trim() === '';
  const valuesOf = (wanted: string): (string | undefined)[] =>
    read.filter(([, name]) => name?.toLowerCase() === wanted).map(([, , given]) => given);
  const toTag = onlyTag(valuesOf('to-tag'));
  const fromTag = onlyTag(valuesOf('from-tag'));
  if (callId === undefined || !isWhole || toTag === null || fromTag === null) return null;
  return { callId, toTag, fromTag, earlyOnly: valuesOf('early-only').length > 0 };
}

/** The other way round (RFC 3891, 6.1). */
export const writeDialogReference = ({ callId, toTag, fromTag, earlyOnly }: DialogReference): string =>
  `${callId};to-tag=${toTag};from-tag=${fromTag}${earlyOnly ? ';early-only' : ''}`;

const onlyTag = ([tag, ...more]: (string | undefined)[]): string | null =>
  tag !== undefined && more.length === 0 && isToken(tag) ? tag : null;

/** What an INVITE is for. Two such headers, of one kind or both, contradict each other (RFC 3891, 3; RFC 3911, 4). */
export function invitePurpose(valuesOf: (name: 'Replaces' | 'Join') => readonly string[]): InvitePurpose {
  const replaces = valuesOf('Replaces');
  const join = valuesOf('Join');
  const [value, ...more] = [...replaces, ...join];
  if (value === undefined) return { kind: 'new' };
  const dialog = more.length === 0 ? readDialogReference(value) : null;
  return dialog ? { kind: replaces.length > 0 ? 'replaces' : 'join', dialog } : { kind: 'malformed' };
}

/** RFC 3891, 3: the tags are compared as those of an incoming request; 0 stands for none, too (6.1; RFC 2543 gear). */
export const refersTo = (
  { callId, toTag, fromTag }: DialogReference,
  { callId: id, localTag, remoteTag }: DialogIdentifiers,
): boolean => callId === id && isSameTag(toTag, localTag) && isSameTag(fromTag, remoteTag);

const isSameTag = (named: string, ours: string): boolean => named === ours || (named === '0' && ours === '');
