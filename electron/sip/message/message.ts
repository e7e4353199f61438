import { isUtf8 } from 'node:buffer';
import { canonicalName } from './header-names.ts';
import { isToken, readVia, splitList } from './message-fields.ts';

/**
 * A light reader and writer of SIP messages (RFC 3261, 7), used wherever sip.js's grammar is too slow, too strict
 * or too fragile: the ingress guard, the retransmission layer, registration, shared lines, the practice PBX.
 */
export interface SipMessage {
  readonly kind: 'request' | 'response';
  /** The request's method; of a response, the method its CSeq names. */
  readonly method: string;
  /** The Request-URI as sent; empty in a response. */
  readonly uri: string;
  /** 100-699; 0 in a request. */
  readonly status: number;
  /** The reason phrase; empty in a request. */
  readonly phrase: string;
  /** In the order of the wire; compact names written out, folded lines joined, values trimmed. */
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export interface Header {
  readonly name: string;
  readonly value: string;
}

export type ReadResult =
  | { readonly ok: true; readonly message: SipMessage }
  | {
      readonly ok: false;
      /** The response the RFC wants; null: stay silent (responses, ACK, keep-alives, unanswerable garbage). */
      readonly status: number | null;
      readonly problem: string;
      /** What could be read of the request, enough to answer it; null when `status` is. */
      readonly request: SipMessage | null;
    };

/** Bytes: no datagram is larger, and over a connection we take no more either. */
export const largestMessage = 65_535;
/**
 * Bytes and number of headers: far above what any PBX sends (RFC 4475's longest message has 4 kB), far below what
 * would keep sip.js's grammar busy for long.
 */
const largestHead = 16_384;
const mostHeaders = 128;
const emptyBody: Buffer = Buffer.alloc(0);

/**
 * Reads one datagram. Takes LF line ends and leading line ends; never throws. What it accepts has exactly one From,
 * To, Call-ID and CSeq, a readable top Via, a CSeq that fits the method, and a body of Content-Length bytes.
 */
export function readMessage(datagram: Buffer): ReadResult {
  if (datagram.length > largestMessage) return unreadable('larger than a datagram');
  const start = firstByteAfterLineEnds(datagram);
  if (start === datagram.length) return unreadable('a keep-alive');
  const end = endOfHeaders(datagram, start);
  const tooLong = end.head - start > largestHead;
  const head = datagram.subarray(start, tooLong ? start + largestHead : end.head);
  const [startLine = '', ...lines] = unfold(decodeText(head));
  // What the limit cuts through is no header.
  const headers = readHeaders(tooLong ? lines.slice(0, -1) : lines);
  const { kind, method: named, uri, status, phrase, version } = readStartLine(startLine);
  const draft = { kind, method: named, uri, status, phrase, headers, body: datagram.subarray(end.body) };
  if (tooLong || headers.length > mostHeaders)
    return rejected(draft, { status: 513, problem: 'headers too large' });
  const problem = end.missing ? 'no empty line after the headers' : findProblem(draft, version);
  if (problem) return rejected(draft, problem);
  const length = header(draft, 'Content-Length');
  const body = length === undefined ? draft.body : draft.body.subarray(0, Number(length));
  const method = draft.kind === 'request' ? draft.method : cseqMethod(draft);
  return { ok: true, message: { ...draft, method, body } };
}

/** Writes a message with CRLF line ends; Content-Length is put right where it stands, or added as the last header. */
export function writeMessage(message: SipMessage): Buffer {
  const length = { name: 'Content-Length', value: String(message.body.length) };
  const headers = message.headers.some(({ name }) => name === length.name)
    ? message.headers.map((each) => (each.name === length.name ? length : each))
    : [...message.headers, length];
  const startLine =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.phrase}`;
  const head = [startLine, ...headers.map(({ name, value }) => `${name}: ${value}`), '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), message.body]);
}

/** The first header of that name, as sent. */
export function header(message: Pick<SipMessage, 'headers'>, name: string): string | undefined {
  const wanted = canonicalName(name);
  for (const each of message.headers) if (each.name === wanted) return each.value;
  return undefined;
}

/** Every value of a list header (Via, Contact, Route, Record-Route, ...), comma lists taken apart. */
export function headerValues(message: Pick<SipMessage, 'headers'>, name: string): string[] {
  const wanted = canonicalName(name);
  const values: string[] = [];
  for (const each of message.headers) if (each.name === wanted) values.push(...splitList(each.value));
  return values;
}

/** A copy in which the first header of that name has a new value; added at the end when there was none. */
export function withHeader(message: SipMessage, name: string, value: string): SipMessage {
  const at = message.headers.findIndex((each) => each.name === name);
  if (at < 0) return { ...message, headers: [...message.headers, { name, value }] };
  return { ...message, headers: message.headers.with(at, { name, value }) };
}

export function withoutHeader(message: SipMessage, name: string): SipMessage {
  return { ...message, headers: message.headers.filter((each) => each.name !== name) };
}

/** The CSeq number; NaN in what readMessage has not accepted. */
export function cseqNumber(message: Pick<SipMessage, 'headers'>): number {
  return Number.parseInt(header(message, 'CSeq') ?? '', 10);
}

export function createRequest(
  method: string,
  uri: string,
  headers: readonly Header[],
  body?: Buffer,
): SipMessage {
  return { kind: 'request', method, uri, status: 0, phrase: '', headers, body: body ?? emptyBody };
}

const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];
const copiedWithRoute = [...copied, 'Record-Route'];

/** A response to a request (RFC 3261, 8.2.6.2): Via, From, To, Call-ID, CSeq copied, then `headers`. */
export function createResponse(
  request: SipMessage,
  status: number,
  phrase: string,
  options: { readonly toTag?: string; readonly headers?: readonly Header[]; readonly body?: Buffer } = {},
): SipMessage {
  const headers: Header[] = [];
  for (const wanted of status > 100 && status < 300 ? copiedWithRoute : copied) {
    for (const each of request.headers) {
      if (each.name === wanted) headers.push(wanted === 'To' ? tagged(each, options.toTag) : each);
    }
  }
  return {
    kind: 'response',
    method: request.method,
    uri: '',
    status,
    phrase,
    headers: options.headers ? headers.concat(options.headers) : headers,
    body: options.body ?? emptyBody,
  };
}

function tagged(to: Header, toTag: string | undefined): Header {
  const wantsTag = toTag !== undefined && !/;\s*tag\s*=/i.test(to.value);
  return wantsTag ? { name: to.name, value: `${to.value};tag=${toTag}` } : to;
}

function firstByteAfterLineEnds(datagram: Buffer): number {
  let at = 0;
  while (datagram[at] === 0x0d || datagram[at] === 0x0a) at += 1;
  return at;
}

function endOfHeaders(datagram: Buffer, start: number): { head: number; body: number; missing: boolean } {
  for (let at = datagram.indexOf(0x0a, start); at >= 0; at = datagram.indexOf(0x0a, at + 1)) {
    if (datagram[at + 1] === 0x0a) return { head: at, body: at + 2, missing: false };
    if (datagram[at + 1] === 0x0d && datagram[at + 2] === 0x0a)
      return { head: at, body: at + 3, missing: false };
  }
  return { head: datagram.length, body: datagram.length, missing: true };
}

/** Headers are UTF-8 (RFC 3261, 7.1), and so are texts in bodies; old phones send Latin-1, which must not be lost. */
export function decodeText(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

/** Lines, with continuation lines (RFC 3261, 7.3.1) joined to the one they continue. */
function unfold(head: string): string[] {
  const lines: string[] = [];
  for (const line of head.split('\n')) {
    const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
    const last = lines.length - 1;
    if (last > 0 && (whole.startsWith(' ') || whole.startsWith('\t'))) {
      const more = whole.trim();
      if (more !== '') lines[last] += ` ${more}`;
    } else {
      // Here, not where it is continued: a line continued 10,000 times would be copied as often.
      lines.push(last < 0 ? whole : whole.trimEnd());
    }
  }
  return lines;
}

function readHeaders(lines: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon >= 1) {
      headers.push({ name: canonicalName(line.slice(0, colon).trim()), value: line.slice(colon + 1).trim() });
    } else if (line.trim() !== '') {
      headers.push({ name: '', value: line });
    }
  }
  return headers;
}

interface StartLine extends Omit<SipMessage, 'headers' | 'body'> {
  /** As sent, in capitals; null: the line cannot be read. */
  readonly version: string | null;
}

const requestLine = /^([A-Za-z0-9.!%*_+`'~-]+) (\S+) (SIP\/\d+\.\d+)$/i;
const statusLine = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/i;

/** Method and Request-URI are read even from a bad line, so that it can be answered. */
function readStartLine(line: string): StartLine {
  const response = statusLine.exec(line);
  if (response || /^SIP\//i.test(line)) {
    const version = response ? 'SIP/2.0' : null;
    const status = Number(response?.[1] ?? 0);
    return { kind: 'response', method: '', uri: '', status, phrase: response?.[2] ?? '', version };
  }
  const [, method = line.split(' ', 1)[0] ?? '', uri = '', version = null] = requestLine.exec(line) ?? [];
  return { kind: 'request', method, uri, status: 0, phrase: '', version: version?.toUpperCase() ?? null };
}

interface Problem {
  readonly status: number;
  readonly problem: string;
}
const bad = (problem: string): Problem => ({ status: 400, problem });

function findProblem(draft: SipMessage, version: string | null): Problem | undefined {
  return startLineProblem(draft, version) ?? headerProblem(draft) ?? lengthProblem(draft);
}

function startLineProblem({ kind }: SipMessage, version: string | null): Problem | undefined {
  if (version === null)
    return bad(kind === 'response' ? 'unreadable status line' : 'unreadable request line');
  return version === 'SIP/2.0' ? undefined : { status: 505, problem: `version ${version}` };
}

function headerProblem(draft: SipMessage): Problem | undefined {
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const count = countOf(draft, name);
    if (count !== 1) return bad(count === 0 ? `no ${name}` : `more than one ${name}`);
  }
  const malformed = draft.headers.find(({ name }) => !isToken(name));
  if (malformed) return bad('unreadable header line');
  if (header(draft, 'Call-ID') === '') return bad('empty Call-ID');
  return viaProblem(draft) ?? cseqProblem(draft);
}

function countOf({ headers }: SipMessage, wanted: string): number {
  let count = 0;
  for (const { name } of headers) if (name === wanted) count += 1;
  return count;
}

function viaProblem(draft: SipMessage): Problem | undefined {
  const vias = headerValues(draft, 'Via');
  if (vias.length === 0) return bad('no Via');
  return vias.every((via) => readVia(via)?.version === 'SIP/2.0') ? undefined : bad('unreadable Via');
}

function cseqProblem(draft: SipMessage): Problem | undefined {
  const [, digits = '', method = ''] = /^(\d+)[ \t]+(\S+)$/.exec(header(draft, 'CSeq') ?? '') ?? [];
  if (!isToken(method) || Number(digits) >= 2 ** 31) return bad('unreadable CSeq');
  return draft.kind === 'response' || method === draft.method ? undefined : bad('CSeq of another method');
}

function lengthProblem(draft: SipMessage): Problem | undefined {
  const lengths = draft.headers.filter(({ name }) => name === 'Content-Length');
  if (lengths.length > 1) return bad('more than one Content-Length');
  const [length] = lengths;
  if (!length) return undefined;
  if (!/^\d{1,9}$/.test(length.value)) return bad('unreadable Content-Length');
  return Number(length.value) > draft.body.length ? bad('body shorter than Content-Length') : undefined;
}

function cseqMethod(draft: SipMessage): string {
  return /\s(\S+)$/.exec(header(draft, 'CSeq') ?? '')?.[1] ?? '';
}

const unreadable = (problem: string): ReadResult => ({ ok: false, status: null, problem, request: null });

function rejected(draft: SipMessage, problem: Problem | string): ReadResult {
  const { status, problem: text } = typeof problem === 'string' ? bad(problem) : problem;
  return isAnswerable(draft) ? { ok: false, status, problem: text, request: draft } : unreadable(text);
}

/**
 * A response can only be addressed with a Via; of the rest it copies what is there (RFC 4475, 3.3.1 wants an answer
 * even so). ACK and responses are never answered.
 */
function isAnswerable(draft: SipMessage): boolean {
  if (draft.kind === 'response' || draft.method === 'ACK' || !isToken(draft.method)) return false;
  const [via] = headerValues(draft, 'Via');
  return via !== undefined && readVia(via) !== null;
}
