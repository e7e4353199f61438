/** Whether a datagram is SIP at all (and not RTP, RTCP, STUN or a keep-alive). */
export const isSip = (payload: Buffer): boolean =>
  /^(SIP\/2\.0 \d{3} |[A-Z]+ \S+ SIP\/2\.0\r?\n)/.test(payload.subarray(0, 300).toString('latin1'));

const shortForms: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  c: 'content-type',
  l: 'content-length',
  o: 'event',
};

/**
 * A SIP message as it was on the wire, read as plain text: the tests judge what the phone sends with a reader of their
 * own, not with the phone's.
 */
export class SipMessage {
  readonly startLine: string;
  readonly body: string;
  readonly headerNames: readonly string[];
  readonly #headers: ReadonlyMap<string, readonly string[]>;

  constructor(readonly text: string) {
    const [head = '', ...body] = text.split(/\r?\n\r?\n/);
    this.body = body.join('\r\n\r\n');
    const [startLine = '', ...lines] = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
    this.startLine = startLine;
    const headers = new Map<string, string[]>();
    const names: string[] = [];
    for (const line of lines) {
      const colon = line.indexOf(':');
      const written = line.slice(0, colon).trim();
      const name = fullName(written);
      names.push(written);
      headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
    }
    this.headerNames = names;
    this.#headers = headers;
  }

  /** Of a request: REGISTER, INVITE...; null in a response. */
  get method(): string | null {
    return this.startLine.match(/^([A-Z]+) /)?.[1] ?? null;
  }

  /** Of a request: its Request-URI. */
  get uri(): string | null {
    return this.startLine.match(/^[A-Z]+ (\S+) /)?.[1] ?? null;
  }

  /** Of a response: its status code. */
  get status(): number | null {
    const code = this.startLine.match(/^SIP\/2\.0 (\d{3})/)?.[1];
    return code === undefined ? null : Number(code);
  }

  /** The method that CSeq names: also in a response. */
  get transaction(): string {
    return this.header('CSeq').replace(/^\d+\s+/, '');
  }

  /** The first header of that name (long or short form), '' without one. */
  header(name: string): string {
    return this.headers(name)[0] ?? '';
  }

  headers(name: string): readonly string[] {
    return this.#headers.get(fullName(name)) ?? [];
  }
}

const fullName = (name: string): string => shortForms[name.toLowerCase()] ?? name.toLowerCase();

/** The parts of From, To and Contact: `"User-A" <sip:5031@192.168.0.1:6060>;tag=x`. */
export function nameAddr(header: string) {
  const match = header.match(
    /^\s*(?:"([^"]*)"|([^<"]*?))\s*<sips?:(?:([^@>]*)@)?([^:;>]+)(?::(\d+))?[^>]*>(.*)$/,
  );
  const [, quoted, plain, user = '', host = '', port = '', parameters = ''] = match ?? [];
  return { display: quoted ?? plain ?? '', quoted: quoted !== undefined, user, host, port, parameters };
}
