import { Grammar } from 'sip.js/lib/grammar/index.js';
import { sdpType } from '../calls/call.ts';
import {
  type Header,
  header,
  headerValues,
  type SipMessage,
  withHeader,
  withoutHeader,
} from '../message/message.ts';
import {
  isToken,
  quote,
  readNameAddr,
  readVia,
  splitList,
  tagOf,
  writeHostPort,
  writeVia,
} from '../message/message-fields.ts';
import { partOf } from '../message/multipart.ts';
import { findChallenge, readChallenge } from '../pbx/digest.ts';
import { allow, contactUri, type Identity, pbxUri, supported } from '../pbx/identity.ts';
import { assumed } from './dialog-update.ts';

/** Without the extensions that sip.js always claims, with what this phone really takes. */
export function fromSipJs(message: SipMessage): SipMessage {
  const plain = withoutHeader(withoutOurs(message), 'Supported');
  if (header(plain, 'Allow') === undefined) return plain;
  return withHeader(withHeader(plain, 'Allow', allow), 'Supported', supported);
}

/**
 * Makes a message digestible for sip.js: requests name our Contact whatever user they came for (the extension's socket
 * has decided already), old-style requests get a branch and a tag, one challenge is left, of a body with several parts
 * the SDP. What rings or answers may come without a SIP URI as its Contact, which it should have for a dialog (RFC 3261,
 * 12.1): then it is reached where it was called.
 */
export function forSipJs(received: SipMessage, identity: Identity): SipMessage {
  const message = withReadableAddresses(withOneBody(received), identity);
  if (message.kind === 'request') {
    return withBranch(withContact(withTag({ ...message, uri: contactUri(identity) }, 'From')));
  }
  if (message.status === 401 || message.status === 407) return withOneChallenge(message);
  if (message.status >= 300 && message.status < 400) return withReadableContacts(message);
  const makesDialog = message.method === 'INVITE' && message.status > 100 && message.status < 300;
  const answer = message.status > 100 ? withTag(message, 'To') : message;
  return makesDialog && headerValues(withReadableContacts(answer), 'Contact').length === 0
    ? withHeader(withoutHeader(answer, 'Contact'), 'Contact', assumedContact(contactOfPbx(identity)))
    : answer;
}

function withOneBody(message: SipMessage): SipMessage {
  const type = header(message, 'Content-Type') ?? '';
  const sdp = /^multipart\//i.test(type) ? partOf(type, message.body, sdpType) : null;
  return sdp === null
    ? message
    : withHeader({ ...withoutHeader(message, 'Content-Disposition'), body: sdp }, 'Content-Type', sdpType);
}

/** Who speaks RFC 2543 may have none (RFC 3261, 12.1); sip.js finds no dialog without. It stays between the two of us. */
const ourTag = ';tag=rfc2543-none';

function withTag(message: SipMessage, name: 'From' | 'To'): SipMessage {
  const value = header(message, name);
  return value === undefined || tagOf(value) !== null
    ? message
    : withHeader(message, name, `${value}${ourTag}`);
}

function withoutOurs(message: SipMessage): SipMessage {
  return message.headers.some(({ value }) => value.endsWith(ourTag) || value.includes(ourTel))
    ? {
        ...message,
        headers: message.headers.map((each) =>
          each.name === 'From' || each.name === 'To'
            ? { ...each, value: telRestored(each.value.replace(ourTag, '')) }
            : each,
        ),
      }
    : message;
}

/**
 * What phones and PBXs write as addresses, some of it against RFC 3261, 25.1, and sip.js cannot read: names that should
 * be in quotes, telephone numbers (RFC 3966), a Contact without brackets. To it they are what they mean.
 */
function withReadableAddresses(message: SipMessage, identity: Identity): SipMessage {
  const readable = ({ name, value }: Header): Header => {
    if (name === 'From' || name === 'To') return { name, value: telAsSip(quoted(value), identity) };
    if (name !== 'Contact') return { name, value };
    const contacts = splitList(value).map((each) => quoted(bracketed(each)));
    return { name, value: contacts.join(', ') };
  };
  return { ...message, headers: message.headers.map(readable) };
}

const quoted = (value: string): string =>
  value.replace(unquotedName, (text, name: string) =>
    isToken(name.replaceAll(' ', '')) ? text : `${quote(name.trimEnd())} <`,
  );
const unquotedName = /^([^\s"<>][^"<>]*)<(?=[^<>]*>)/;

/** What follows a URI that is not in brackets belongs to the header (RFC 3261, 20.10). */
const bracketed = (value: string): string => value.replace(/^(sips?:[^\s<>",;?]+)(?=$|;)/i, '<$1>');

/** RFC 3261, 19.1.6; this, too, stays between the two of us. */
const ourTel = ';user=phone;tel>';
const telAsSip = (value: string, identity: Identity): string =>
  value.replace(
    /<tel:([+\d*#().A-F-]+)[^<>]*>/i,
    (_, number: string) => `<${pbxUri(identity, number)}${ourTel}`,
  );
const telRestored = (value: string): string =>
  value.includes(ourTel) ? value.replace(/<sip:([^@]+)@.*>/, '<tel:$1>') : value;

/** RFC 2543 lets a caller be reached at its From address when there is no Contact. */
function withContact(message: SipMessage): SipMessage {
  if (message.method !== 'INVITE' || header(message, 'Contact') !== undefined) return message;
  const from = readNameAddr(header(message, 'From') ?? '')?.uri;
  return from === undefined ? message : withHeader(message, 'Contact', assumedContact(from));
}

const assumedContact = (uri: string): string => `<${uri}>;${assumed}`;

const contactOfPbx = ({ pbx }: Identity): string => `sip:${writeHostPort(pbx.host, pbx.port)}`;

/** One Contact that it cannot read, a tel URI say, and sip.js drops the whole response. */
function withReadableContacts(message: SipMessage): SipMessage {
  const readable = headerValues(message, 'Contact')
    .filter((value) => Grammar.nameAddrHeaderParse(value) !== undefined)
    .map((value) => ({ name: 'Contact', value }));
  return { ...message, headers: [...withoutHeader(message, 'Contact').headers, ...readable] };
}

function withOneChallenge(message: SipMessage): SipMessage {
  const name = message.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate';
  const chosen = findChallenge(message);
  const kept = message.headers.find(
    (each) => each.name === name && readChallenge(each.value)?.nonce === chosen?.nonce,
  );
  return kept ? withHeader(withoutHeader(message, name), name, kept.value) : message;
}

/** RFC 2543 gear sends no branch, or the same one always; sip.js tells transactions apart by nothing else. */
function withBranch(message: SipMessage): SipMessage {
  const [top = '', ...rest] = headerValues(message, 'Via');
  const via = readVia(top);
  if (!via || via.params.get('branch')?.startsWith('z9hG4bK')) return message;
  const number = (header(message, 'CSeq') ?? '').split(/\s/, 1)[0] ?? '';
  const parts = [header(message, 'Call-ID'), tagOf(header(message, 'From')), number].join('-');
  const branch = `z9hG4bK-rfc2543-${Buffer.from(parts).toString('hex')}`;
  const vias = [writeVia({ ...via, params: new Map(via.params).set('branch', branch) }), ...rest];
  return {
    ...message,
    headers: [
      ...vias.map((value) => ({ name: 'Via', value })),
      ...message.headers.filter(({ name }) => name !== 'Via'),
    ],
  };
}
