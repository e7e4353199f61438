import { Grammar } from 'sip.js/lib/grammar/index.js';
import { header, headerValues, type SipMessage, withHeader, withoutHeader } from '../message/message.ts';
import { readNameAddr, readVia, tagOf, writeHostPort, writeVia } from '../message/message-fields.ts';
import { findChallenge, readChallenge } from '../pbx/digest.ts';
import { allow, contactUri, type Identity, supported } from '../pbx/identity.ts';

/** Without the extensions that sip.js always claims, with what this phone really takes. */
export function fromSipJs(message: SipMessage): SipMessage {
  const plain = withoutHeader(message, 'Supported');
  if (header(plain, 'Allow') === undefined) return plain;
  return withHeader(withHeader(plain, 'Allow', allow), 'Supported', supported);
}

/**
 * Makes a message digestible for sip.js: requests name our Contact whatever user they came for (the extension's socket
 * has decided already), old-style requests get a branch, one challenge is left, and a ringing response may come
 * without a Contact, which only RFC 3261, 12.1 dialogs need.
 */
export function forSipJs(message: SipMessage, identity: Identity): SipMessage {
  if (message.kind === 'request') return withBranch(withContact({ ...message, uri: contactUri(identity) }));
  if (message.status === 401 || message.status === 407) return withOneChallenge(message);
  if (message.status >= 300 && message.status < 400) return withReadableContacts(message);
  const isRinging = message.method === 'INVITE' && message.status > 100 && message.status < 200;
  return isRinging && header(message, 'Contact') === undefined
    ? withHeader(message, 'Contact', `<${contactOfPbx(identity)}>`)
    : message;
}

/** RFC 2543 lets a caller be reached at its From address when there is no Contact. */
function withContact(message: SipMessage): SipMessage {
  if (message.method !== 'INVITE' || header(message, 'Contact') !== undefined) return message;
  const from = readNameAddr(header(message, 'From') ?? '')?.uri;
  return from === undefined ? message : withHeader(message, 'Contact', `<${from}>`);
}

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
