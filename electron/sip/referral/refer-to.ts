import type { DialogIdentifiers, Party } from '../../phone/lines/dialog.ts';
import { readDialogReference, writeDialogReference } from '../calls/dialog-reference.ts';
import { readNameAddr, readSipUri, splitList } from '../message/message-fields.ts';

/** Where a REFER sends us (RFC 3515, 2.1), as far as we go along with it. */
export interface ReferTo {
  /** Without its headers. */
  readonly uri: string;
  readonly party: Party;
  /** `Name: value`; of all that the URI would have us send, the dialog to replace and what that requires (RFC 5589, 7). */
  readonly headers: readonly string[];
}

/** Where it goes, else the status that refuses it. */
export type ReadReferTo =
  | { readonly ok: true; readonly to: ReferTo }
  | { readonly ok: false; readonly statusCode: number };

const refused = (statusCode: number): ReadReferTo => ({ ok: false, statusCode });

/** The values of a REFER's Refer-To; it has to have exactly one (RFC 3515, 2.4.2). */
export function readReferTo(values: readonly string[]): ReadReferTo {
  const [value = '', ...more] = values.flatMap(splitList);
  const address = readNameAddr(value);
  if (!address || more.length > 0) return refused(400);
  const [place = '', headers = ''] = splitOnce(address.uri, '?');
  if (!/^sips?:/i.test(place)) return refused(416);
  const { uri, method } = withoutMethod(place);
  const read = isPlain(uri) ? readSipUri(uri) : null;
  if (!read) return refused(400);
  // Nobody else decides what we ask of others besides a call.
  if (method !== null && method.toUpperCase() !== 'INVITE') return refused(403);
  const wanted = readHeaders(headers);
  return wanted
    ? {
        ok: true,
        to: { uri, party: { number: read.user ?? read.host, name: address.display }, headers: wanted },
      }
    : refused(400);
}

/** Nothing that could end a header line, escaped or not. */
const isPlain = (uri: string): boolean => /^[\x21-\x7e]+$/.test(uri) && !/%(0|1|7f)/i.test(uri);

function withoutMethod(place: string): { readonly uri: string; readonly method: string | null } {
  const at = place.lastIndexOf('@') + 1;
  const [host = '', ...params] = place.slice(at).split(';');
  const isMethod = (param: string): boolean => /^method=/i.test(param);
  const method = params.find(isMethod)?.slice('method='.length) ?? null;
  return {
    uri: place.slice(0, at) + [host, ...params.filter((param) => !isMethod(param))].join(';'),
    method,
  };
}

/**
 * The headers of the URI (RFC 3261, 19.1.5) that we send on. Whoever refers us must not put words of any other kind in
 * our mouth (19.1.5: dangerous ones are not honoured), so those are left out. Null: a dialog that cannot be read.
 */
function readHeaders(text: string): readonly string[] | null {
  const given = text
    .split('&')
    .filter((each) => each !== '')
    .map((each) => splitOnce(each, '='))
    .map(([name = '', value = '']) => ({ name: unescaped(name)?.toLowerCase(), value: unescaped(value) }));
  const replaces = given.filter(({ name }) => name === 'replaces');
  const [first, ...others] = replaces;
  if (!first) return [];
  const dialog = first.value === null ? null : readDialogReference(first.value);
  if (!dialog || others.length > 0) return null;
  const isRequired = given.some(
    ({ name, value }) => name === 'require' && value?.toLowerCase().trim() === 'replaces',
  );
  const header = `Replaces: ${writeDialogReference(dialog)}`;
  return isRequired ? [header, 'Require: replaces'] : [header];
}

/** The far end of our dialog with it, in our place: `to-tag` is its own tag, as it would be in a request of ours. */
export function referToDialog(target: string, { callId, localTag, remoteTag }: DialogIdentifiers): string {
  const [place = ''] = splitOnce(target, '?');
  const dialog = writeDialogReference({ callId, toTag: remoteTag, fromTag: localTag, earlyOnly: false });
  return `<${place}?Replaces=${escapeValue(dialog)}>`;
}

/** All but the unreserved characters of RFC 3261, 25.1 (`hvalue`). */
const escapeValue = (text: string): string => encodeURIComponent(text);

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
