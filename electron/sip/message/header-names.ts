/** RFC 3261, 7.3.3 and the extensions that registered one. */
const compactNames: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
};

/** Lower-case name to the usual spelling, for names that title case gets wrong. */
const oddSpellings: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'mime-version': 'MIME-Version',
  'min-se': 'Min-SE',
  rack: 'RAck',
  rseq: 'RSeq',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
  'www-authenticate': 'WWW-Authenticate',
};

/** Spellings met so far: a message has a dozen headers and is asked for them by name over and over. */
const known = new Map<string, string>();
/** Peers may invent names without end. */
const mostKnown = 512;

/** The canonical spelling of a header name: `v` and `VIA` are both `Via`. */
export function canonicalName(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  const canonical = spell(name);
  if (known.size < mostKnown) known.set(name, canonical);
  return canonical;
}

function spell(name: string): string {
  const lower = name.toLowerCase();
  return (
    compactNames[lower] ?? oddSpellings[lower] ?? lower.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
  );
}
