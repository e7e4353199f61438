/** Parameters of a header value or URI: lower-case names; null for those without a value. Quotes are taken off. */
export type Params = ReadonlyMap<string, string | null>;

/** One Via value (RFC 3261, 20.42). */
export interface Via {
  /** `SIP/2.0`; what another version says is kept, so that it can be answered 505. */
  readonly version: string;
  /** `UDP`, in capitals. */
  readonly transport: string;
  /** Sent-by host; an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | null;
  /** `branch`, `rport` (null value: asked for, RFC 3581), `received`, ... */
  readonly params: Params;
}

/** `"Display" <uri>;params` or `uri;params` (RFC 3261, 20.10). */
export interface NameAddr {
  readonly display: string | null;
  /** As sent; not checked. */
  readonly uri: string;
  readonly params: Params;
}

export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** Unescaped; null when there is none. */
  readonly user: string | null;
  /** Without brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly params: Params;
}

const tokenPattern = /^[A-Za-z0-9.!%*_+`'~-]+$/;
export const isToken = (text: string): boolean => tokenPattern.test(text);

/** Splits at commas that stand outside quotes and angle brackets. */
export const splitList = (value: string): string[] => splitOutside(value, ',').filter((part) => part !== '');

function splitOutside(value: string, separator: string): string[] {
  if (!value.includes(separator)) return [value.trim()];
  if (!value.includes('"') && !value.includes('<')) return value.split(separator).map((part) => part.trim());
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let angled = false;
  for (let at = 0; at < value.length; at += 1) {
    const char = value[at];
    if (char === '\\' && quoted) at += 1;
    else if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '<') angled = true;
    else if (char === '>') angled = false;
    else if (char === separator && !angled) {
      parts.push(value.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...parts, value.slice(start).trim()];
}

/** A value with parameters that is no address: Event, Subscription-State (RFC 6665, 8.4). */
export function readValue(text: string): { readonly value: string; readonly params: Params } {
  const [value = '', ...params] = splitOutside(text, ';');
  return { value, params: readParams(params) };
}

function readParams(parts: readonly string[]): Params {
  const params = new Map<string, string | null>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== '') params.set(name, equals < 0 ? null : unquote(part.slice(equals + 1).trim()));
  }
  return params;
}

export function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text;
}

/** The inside of a quoted-string (RFC 3261, 25.1); line ends would split the header, so they become blanks. */
export const escapeQuoted = (text: string): string =>
  text.replace(/[\r\n\0]+/g, ' ').replace(/["\\]/g, (char) => `\\${char}`);

export const quote = (text: string): string => `"${escapeQuoted(text)}"`;

const writeParams = (params: Params): string =>
  [...params]
    .map(([name, value]) => {
      if (value === null) return `;${name}`;
      return `;${name}=${isToken(value) || /^[[\]A-Za-z0-9.:-]+$/.test(value) ? value : quote(value)}`;
    })
    .join('');

/** `host`, `host:port`, `[v6]:port`; null when it is none of these. */
export function readHostPort(text: string): { readonly host: string; readonly port: number | null } | null {
  const [, v6, name, digits] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))\s*(?::\s*(\d{1,5}))?$/.exec(text) ?? [];
  const host = v6 ?? name;
  const port = digits === undefined ? null : Number(digits);
  return host === undefined || (port !== null && port > 65_535) ? null : { host, port };
}

/** `[::1]:5060` or `127.0.0.1:5060`; without a port when it is null. */
export const writeHostPort = (host: string, port: number | null): string =>
  `${host.includes(':') ? `[${host}]` : host}${port === null ? '' : `:${port}`}`;

/** The one read last: the way of a message through the transactions asks for its top Via over and over. */
let lastVia: { readonly value: string; readonly via: Via | null } = { value: '', via: null };

export function readVia(value: string): Via | null {
  if (value !== lastVia.value) lastVia = { value, via: viaOf(value) };
  return lastVia.via;
}

function viaOf(value: string): Via | null {
  const [head = '', ...rest] = splitOutside(value, ';');
  const [, number, transport, sentBy] =
    /^SIP\s*\/\s*(\d{1,3}\.\d{1,3})\s*\/\s*([A-Za-z0-9-]+)\s+(.+)$/i.exec(head) ?? [];
  const place = sentBy === undefined ? null : readHostPort(sentBy.trim());
  if (transport === undefined || place === null) return null;
  return {
    version: `SIP/${number}`,
    transport: transport.toUpperCase(),
    ...place,
    params: readParams(rest),
  };
}

export const writeVia = (via: Via): string =>
  `${via.version}/${via.transport} ${writeHostPort(via.host, via.port)}${writeParams(via.params)}`;

export function readNameAddr(value: string): NameAddr | null {
  const open = indexOutsideQuotes(value, '<');
  if (open < 0) {
    const [uri = '', ...params] = splitOutside(value, ';');
    return uri === '' ? null : { display: null, uri, params: readParams(params) };
  }
  const close = value.indexOf('>', open);
  if (close < 0) return null;
  const display = unquote(value.slice(0, open).trim());
  return {
    display: display === '' ? null : display,
    uri: value.slice(open + 1, close).trim(),
    params: readParams(splitOutside(value.slice(close + 1), ';')),
  };
}

function indexOutsideQuotes(value: string, wanted: string): number {
  let quoted = false;
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] === '\\' && quoted) at += 1;
    else if (value[at] === '"') quoted = !quoted;
    else if (!quoted && value[at] === wanted) return at;
  }
  return -1;
}

/** `"Display" <uri>`; without a display name the uri alone in brackets. */
export const writeNameAddr = (display: string | null, uri: string): string =>
  display === null || display === '' ? `<${uri}>` : `${quote(display)} <${uri}>`;

export function readSipUri(text: string): SipUri | null {
  const [, scheme, rest = ''] = /^(sips?):(.+)$/i.exec(text.trim()) ?? [];
  const at = rest.lastIndexOf('@');
  const [place = '', ...params] = (rest.slice(at + 1).split('?', 1)[0] ?? '').split(';');
  const hostPort = readHostPort(place);
  if (scheme === undefined || hostPort === null) return null;
  const user = at < 0 ? null : (rest.slice(0, at).split(':', 1)[0] ?? '');
  return {
    scheme: scheme.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: user === null ? null : unescapeUser(user),
    ...hostPort,
    params: readParams(params),
  };
}

function unescapeUser(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** `sip:user@host:port`; the user is escaped where RFC 3261 (25.1, `user`) wants it. */
export const writeSipUri = (user: string | null, host: string, port: number | null): string =>
  `sip:${user === null ? '' : `${escapeUser(user)}@`}${writeHostPort(host, port)}`;

export const escapeUser = (user: string): string =>
  encodeURIComponent(user).replace(/%(26|3D|2B|24|2C|3B|3F|2F)/g, (escaped) => decodeURIComponent(escaped));

/** The `tag` of a From or To value; null when it has none. */
export const tagOf = (value: string | undefined): string | null =>
  readNameAddr(value ?? '')?.params.get('tag') ?? null;

/** Nobody means more than a week; and a timer for more than 24 days, which node's do not hold, fires at once. */
const mostSeconds = 7 * 24 * 3_600;

/** `delta-seconds` at the beginning of a value (RFC 3261, 25.1): `Expires`, `Retry-After`, `expires=`; null: none. */
export function readSeconds(text: string | null | undefined): number | null {
  const [digits] = /^\d+/.exec(text ?? '') ?? [];
  return digits === undefined ? null : Math.min(Number(digits), mostSeconds);
}
