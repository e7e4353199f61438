import {
  type IncomingRequestMessage,
  IncomingResponseMessage,
  type Logger,
  NameAddrHeader,
  Parser,
  URI,
} from 'sip.js/lib/core/index.js';
import { decodeText, header, type SipMessage } from '../message/message.ts';

type Parsed = IncomingRequestMessage | IncomingResponseMessage;
/** Puts a header into the message as sip.js's own parser would have. */
type Fill = (message: Parsed) => void;

/**
 * What sip.js's parser makes of a message; undefined when its grammar cannot read it. Each value that goes through that
 * grammar costs a tenth of a millisecond and 100 kB of garbage, for all its rules are decoded anew. So what comes in the
 * plain form nearly all phones use is read here, to the same result, and only the rest there.
 */
export function parseForSipJs(message: SipMessage, log: Logger): Parsed | undefined {
  const fills = [...readers].flatMap(([name, reader]) => fillOf(message, name, reader));
  const taken = new Set(fills.map(({ name }) => name));
  const lines = message.headers
    .filter(({ name }) => !taken.has(name) && name !== 'Content-Length')
    .map(({ name, value }) => `${name}: ${value}`);
  if (costOfGrammar(message, taken) > mostCost) {
    log.warn('headers that would keep the grammar busy for too long');
    return undefined;
  }
  const body = decodeText(message.body);
  const parsed = Parser.parseMessage([startLineOf(message), ...lines, '', body].join('\r\n'), log);
  if (!parsed) return undefined;
  for (const { fill } of fills) fill(parsed);
  const length = Buffer.byteLength(body);
  parsed.headers['Content-Length'] = [{ raw: String(length), parsed: length }];
  return parsed;
}

/** What sip.js hands to its grammar, now or when it is asked for it. */
const readByGrammar = new Set([
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Contact',
  'Record-Route',
  'Content-Type',
  'Content-Disposition',
  'Refer-To',
  'WWW-Authenticate',
  'Proxy-Authenticate',
]);
/** As many characters as cost the grammar the same as beginning with a value. */
const costOfValue = 50;
/**
 * The longest message of RFC 4475 costs 1,900; one made of parameters, as long as the ingress guard lets it be, would keep
 * the phone from everything else for a tenth of a second.
 */
const mostCost = 4_000;

/** In characters. Of the Vias it reads the first only. */
function costOfGrammar(message: SipMessage, taken: ReadonlySet<string>): number {
  let cost = message.phrase.length + (taken.has('Via') ? 0 : (header(message, 'Via')?.length ?? 0));
  for (const { name, value } of message.headers) {
    if (readByGrammar.has(name) && !taken.has(name)) cost += costOfValue + value.length;
  }
  return cost;
}

function fillOf(message: SipMessage, name: string, reader: Reader): { name: string; fill: Fill }[] {
  const values = message.headers.filter((each) => each.name === name).map(({ value }) => value);
  const fill = reader(values);
  return fill ? [{ name, fill }] : [];
}

/** Takes all values of a header; null: not plain, the grammar shall see them. */
type Reader = (values: readonly string[]) => Fill | null;

const token = "[A-Za-z0-9.!%*_+`'~-]+";
const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** An underscore, which no host name should have and many names of machines do, is taken as it comes. */
const label = '[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?';
const host = `((?:${octet}\\.){3}${octet}|(?:${label}\\.)*[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)`;
const port = '(?::([1-9]\\d{0,4}))?';

const plainCallId = new RegExp(`^${token}(?:@${token})?$`);
const plainCseq = /^(\d{1,9}) ([A-Z]+)$/;
const plainNumber = /^\d{1,3}$/;
const plainType = /^(?:application|text)\/[a-z0-9.+-]+$/;
const plainVia = new RegExp(`^SIP/2\\.0/(UDP|TCP|TLS) ${host}${port};branch=(${token})$`);
const plainAddress = new RegExp(
  `^(?:"([ !#-\\[\\]-~]*)" ?)?<sip:([A-Za-z0-9._+-]+)@${host}${port}>(?:;tag=(${token}))?$`,
);

/** Of what may be there once; twice is for sip.js to judge. */
const single =
  (read: (value: string) => Fill | null): Reader =>
  ([value = '', ...more]) =>
    more.length > 0 ? null : read(value);

const readers = new Map<string, Reader>([
  ['Via', readVias],
  ['From', single((value) => readAddress(value, 'From'))],
  ['To', single((value) => readAddress(value, 'To'))],
  ['Call-ID', single(readCallId)],
  ['CSeq', single(readCseq)],
  ['Max-Forwards', single(readMaxForwards)],
  ['Content-Type', single(readType)],
  ['Refer-To', readReferTo],
]);

/** Its grammar keeps the last one only, and knows few URIs: all of them are read where they are needed (refer-to.ts). */
function readReferTo(values: readonly string[]): Fill | null {
  if (values.length === 0) return null;
  return (message) => {
    message.headers['Refer-To'] = values.map((raw) => ({ raw }));
  };
}

/** sip.js reads the first only. */
function readVias(values: readonly string[]): Fill | null {
  const [, transport, host, digits, branch] = plainVia.exec(values[0] ?? '') ?? [];
  if (transport === undefined || host === undefined || branch === undefined) return null;
  const given = digits === undefined ? {} : { port: Number(digits) };
  const via = { protocol: 'SIP', transport, host_type: hostType(host), host, ...given, branch };
  return (message) => {
    message.headers.Via = values.map((raw, at) => (at === 0 ? { raw, parsed: via } : { raw }));
    Object.assign(message, { via, viaBranch: branch });
  };
}

function readAddress(value: string, name: 'From' | 'To'): Fill | null {
  const [plain, display, user, host, digits, tag] = plainAddress.exec(value) ?? [];
  if (plain === undefined || user === undefined || host === undefined) return null;
  const uri = new URI('sip', user, host, digits === undefined ? undefined : Number(digits));
  const address = new NameAddrHeader(uri, display ?? '', tag === undefined ? {} : { tag });
  return (message) => {
    message.headers[name] = [{ raw: value, parsed: address }];
    if (name === 'From') Object.assign(message, { from: address, fromTag: tag });
    else Object.assign(message, { to: address, toTag: tag });
  };
}

function readCallId(value: string): Fill | null {
  if (!plainCallId.test(value)) return null;
  return (message) => {
    message.headers['Call-ID'] = [{ raw: value, parsed: value }];
    message.callId = value;
  };
}

function readCseq(value: string): Fill | null {
  const [, digits, method] = plainCseq.exec(value) ?? [];
  if (digits === undefined || method === undefined) return null;
  const parsed = { value: Number(digits), method };
  return (message) => {
    message.headers.CSeq = [{ raw: value, parsed }];
    message.cseq = parsed.value;
    if (message instanceof IncomingResponseMessage) message.method = method;
  };
}

function readMaxForwards(value: string): Fill | null {
  if (!plainNumber.test(value)) return null;
  return (message) => {
    message.headers['Max-Forwards'] = [{ raw: value, parsed: Number(value) }];
  };
}

function readType(value: string): Fill | null {
  if (!plainType.test(value)) return null;
  return (message) => {
    message.headers['Content-Type'] = [{ raw: value, parsed: value }];
  };
}

const hostType = (host: string): string => (/^[\d.]+$/.test(host) ? 'IPv4' : 'domain');

const startLineOf = ({ kind, method, uri, status, phrase }: SipMessage): string =>
  kind === 'request' ? `${method} ${uri} SIP/2.0` : `SIP/2.0 ${status} ${phrase}`;
