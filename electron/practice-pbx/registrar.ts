import { isIP } from 'node:net';
import {
  createResponse,
  cseqNumber,
  type Header,
  header,
  headerValues,
  type SipMessage,
} from '../sip/message/message.ts';
import { type NameAddr, readNameAddr, readSipUri } from '../sip/message/message-fields.ts';
import type { UdpAddress } from '../sip/transport/udp-socket.ts';
import { type Binding, type Bindings, isOvertaken } from './bindings.ts';
import type { Digest } from './digest.ts';

export interface RegistrarOptions {
  readonly bindings: Bindings;
  readonly knows: (user: string) => boolean;
  /** null: registers everybody, as a SPA9000 without passwords does. */
  readonly digest: Digest | null;
  readonly now: () => number;
  /** Seconds; a shorter wish is answered 423. */
  readonly minExpires: number;
  /** Seconds; a longer wish is cut. */
  readonly maxExpires: number;
  /** A new To tag. */
  readonly newTag: () => string;
}

export interface Registration {
  readonly response: SipMessage;
  readonly added: readonly Binding[];
  readonly removed: readonly Binding[];
}

/** What a REGISTER asks for, once it is understood. */
interface Wish {
  readonly extension: string;
  readonly registrant: string;
  readonly contacts: readonly { readonly contact: NameAddr; readonly expires: number }[];
}

/**
 * Answers a REGISTER (RFC 3261, 10.3). The extension is the user of To; From names the station's own user, which
 * differs in a third-party registration (facts 1.2), and is the digest user.
 */
export function register(request: SipMessage, source: UdpAddress, options: RegistrarOptions): Registration {
  const answer = (status: number, phrase: string, headers: readonly Header[] = []): Registration => ({
    response: createResponse(request, status, phrase, { headers, toTag: options.newTag() }),
    added: [],
    removed: [],
  });
  const registrant = userOf(header(request, 'From'));
  const extension = userOf(header(request, 'To'));
  if (registrant === null || extension === null) return answer(400, 'From and To need a user');
  if (!options.knows(registrant) || !options.knows(extension)) return answer(404, 'Unknown Extension');

  const challenge = challengeFor(request, registrant, options.digest);
  if (challenge) return answer(401, 'Unauthorized', [{ name: 'WWW-Authenticate', value: challenge }]);

  const contacts = readContacts(request, options);
  if (contacts === null) return answer(400, 'Bad Contact');
  const isTooBrief = contacts.some(({ expires }) => expires > 0 && expires < options.minExpires);
  if (isTooBrief) {
    return answer(423, 'Interval Too Brief', [{ name: 'Min-Expires', value: String(options.minExpires) }]);
  }
  const callId = header(request, 'Call-ID') ?? '';
  const overtaken = options.bindings
    .of(extension)
    .some((known) => names(contacts, known) && isOvertaken({ callId, cseq: cseqNumber(request) }, known));
  if (overtaken) return answer(500, 'Out Of Order');

  const changes = apply({ extension, registrant, contacts }, request, source, options);
  return { ...answer(200, 'OK', listOf(extension, options)), ...changes };
}

function challengeFor(request: SipMessage, registrant: string, digest: Digest | null): string | null {
  const verdict = digest?.check(header(request, 'Authorization'), 'REGISTER');
  if (!digest || !verdict || (verdict.ok && verdict.user === registrant)) return null;
  return digest.challenge(!verdict.ok && verdict.stale);
}

/** null: one of them cannot be read. `expires` as a Contact parameter wins over the header (10.2.1.1). */
function readContacts(request: SipMessage, options: RegistrarOptions): Wish['contacts'] | null {
  const general = seconds(header(request, 'Expires')) ?? options.maxExpires;
  const contacts: { contact: NameAddr; expires: number }[] = [];
  for (const value of headerValues(request, 'Contact')) {
    const contact = readNameAddr(value);
    if (!contact || (contact.uri !== '*' && readSipUri(contact.uri) === null)) return null;
    const expires = seconds(contact.params.get('expires')) ?? general;
    if (contact.uri === '*' && expires !== 0) return null;
    contacts.push({ contact, expires: Math.min(expires, options.maxExpires) });
  }
  return contacts;
}

const names = (contacts: Wish['contacts'], known: Binding): boolean =>
  contacts.some(({ contact }) => contact.uri === known.uri);

function apply(
  wish: Wish,
  request: SipMessage,
  source: UdpAddress,
  { bindings, now }: RegistrarOptions,
): Pick<Registration, 'added' | 'removed'> {
  const added: Binding[] = [];
  const removed: Binding[] = [];
  for (const { contact, expires } of wish.contacts) {
    if (expires > 0) {
      const binding = bindingFor(wish, contact, request, source, now() + expires * 1000);
      if (bindings.save(binding) === 'new') added.push(binding);
      continue;
    }
    // `*` takes away the station's own contacts only, not those of the colleagues who share the extension.
    const own = bindings
      .of(wish.extension)
      .filter((it) => (contact.uri === '*' ? it.registrant === wish.registrant : it.uri === contact.uri));
    for (const it of own) bindings.remove(it.extension, it.uri);
    removed.push(...own);
  }
  return { added, removed };
}

function bindingFor(
  { extension, registrant }: Wish,
  contact: NameAddr,
  request: SipMessage,
  source: UdpAddress,
  expiresAt: number,
): Binding {
  const uri = readSipUri(contact.uri);
  return {
    extension,
    registrant,
    uri: contact.uri,
    target: uri && isIP(uri.host) ? { address: uri.host, port: uri.port ?? 5060 } : source,
    source,
    stationName: header(request, 'P-Station-Name') ?? null,
    callId: header(request, 'Call-ID') ?? '',
    cseq: cseqNumber(request),
    expiresAt,
  };
}

/** All contacts of the extension, also the colleagues': a station has to find its own (10.3, step 8). */
const listOf = (extension: string, { bindings, now }: RegistrarOptions): Header[] =>
  bindings.of(extension).map((it) => ({
    name: 'Contact',
    value: `<${it.uri}>;expires=${Math.max(1, Math.round((it.expiresAt - now()) / 1000))}`,
  }));

const userOf = (value: string | undefined): string | null =>
  readSipUri(readNameAddr(value ?? '')?.uri ?? '')?.user ?? null;

const seconds = (text: string | null | undefined): number | null =>
  text !== null && text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : null;
