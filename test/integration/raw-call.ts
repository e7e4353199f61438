import { field, host, type RawPbx, type Received, type TestStation } from './sip-support.ts';

/** An SDP of a far end that wants its sound at this port. */
export const rawSdp = (port: number, direction = 'sendrecv'): string =>
  `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=${direction}\r\n`;

export const statusOf = ({ text }: Received): number => Number(text.slice(8, 11));
const tagIn = (value: string): string => /;tag=([^;]+)/.exec(value)?.[1] ?? '';

/** Answers a request of the station as a far end with this tag: with these headers and no others. */
export function respond(
  pbx: RawPbx,
  request: Received,
  status: string,
  tag: string,
  headers: readonly string[],
  body = '',
): void {
  const to = field(request.text, 'To');
  const lines = [
    `SIP/2.0 ${status}`,
    ...['Via', 'From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(request.text, name)}`),
    `To: ${to}${to.includes(';tag=') ? '' : `;tag=${tag}`}`,
    ...headers,
    ...(body ? ['Content-Type: application/sdp'] : []),
    `Content-Length: ${body.length}`,
  ];
  pbx.send(`${lines.join('\r\n')}\r\n\r\n${body}`, request.port);
}

/** Answers an INVITE of the station as 5052. */
export const answerInvite = (
  pbx: RawPbx,
  invite: Received,
  status: string,
  tag: string,
  body = '',
  extra: readonly string[] = [],
): void => respond(pbx, invite, status, tag, [`Contact: <sip:5052@${host}:${pbx.port}>`, ...extra], body);

const has = (headers: readonly string[], name: string): boolean =>
  headers.some((each) => each.startsWith(`${name}:`));
/** A body is SDP unless it says otherwise. */
const typed = (extra: readonly string[], type = 'application/sdp'): string[] =>
  has(extra, 'Content-Type') ? [] : [`Content-Type: ${type}`];

let counter = 0;

/** One dialog of the PBX with the station, message by message; it shares no code with what it tests. */
export class RawCall {
  readonly callId: string;
  readonly tag: string;
  /** The station's. */
  theirTag = '';
  private cseq = 1;
  private inviteCseq = 1;

  /** `from`: user; `user` and `port`: the extension of the station. */
  constructor(
    private readonly pbx: RawPbx,
    readonly from: string,
    private readonly to: { readonly user: string; readonly port: number },
  ) {
    counter += 1;
    this.callId = `raw${counter}@pbx`;
    this.tag = `raw-${from}-${counter}`;
  }

  /** What Replaces and Join say of this dialog to the station. */
  get name(): string {
    return `${this.callId};to-tag=${this.theirTag};from-tag=${this.tag}`;
  }

  get lastCseq(): number {
    return this.cseq;
  }

  invite(extra: readonly string[] = [], body = rawSdp(5000)): void {
    this.request('INVITE', extra, body);
  }

  request(method: string, extra: readonly string[] = [], body = '', type = 'application/sdp'): void {
    if (method !== 'ACK' && method !== 'CANCEL' && this.theirTag !== '') this.cseq += 1;
    if (method === 'INVITE') this.inviteCseq = this.cseq;
    const cseq = method === 'ACK' || method === 'CANCEL' ? this.inviteCseq : this.cseq;
    const branch = method === 'ACK' ? `z9hG4bK-${this.tag}-ack${cseq}` : `z9hG4bK-${this.tag}-${cseq}`;
    const tag = this.theirTag === '' || method === 'CANCEL' ? '' : `;tag=${this.theirTag}`;
    const lines = [
      `${method} sip:${this.to.user}@${host}:${this.to.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:${this.pbx.port};branch=${branch}`,
      `From: "Phone ${this.from}" <sip:${this.from}@pbx>;tag=${this.tag}`,
      `To: <sip:${this.to.user}@pbx>${tag}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${cseq} ${method}`,
      'Max-Forwards: 70',
      ...(has(extra, 'Contact') ? [] : [`Contact: <sip:${this.from}@${host}:${this.pbx.port}>`]),
      ...extra,
      ...(body ? typed(extra, type) : []),
      `Content-Length: ${body.length}`,
    ];
    this.pbx.send(`${lines.join('\r\n')}\r\n\r\n${body}`, this.to.port);
  }

  /** The next response to `method` other than 100. */
  async response(method = 'INVITE'): Promise<Received> {
    const response = await this.pbx.responses.next(
      (each) =>
        field(each.text, 'CSeq').endsWith(method) &&
        field(each.text, 'Call-ID') === this.callId &&
        statusOf(each) !== 100,
    );
    this.theirTag = tagIn(field(response.text, 'To'));
    return response;
  }

  /** The status of the next response to `method` other than 100. */
  async status(method = 'INVITE'): Promise<number> {
    return statusOf(await this.response(method));
  }

  /** A 200 to our INVITE, acknowledged. */
  async answered(): Promise<Received> {
    let response = await this.response();
    if (statusOf(response) === 180) response = await this.response();
    if (statusOf(response) !== 200) throw new Error(`not answered: ${response.text}`);
    this.request('ACK');
    return response;
  }

  /** The station's next request in this dialog. */
  requested(method: string): Promise<Received> {
    return this.pbx.requests.next(
      ({ text }) => text.startsWith(`${method} `) && field(text, 'Call-ID') === this.callId,
    );
  }
}

/** One far end of a call that the station makes: a branch of a fork has a tag of its own. */
export class RawBranch {
  private cseq = 0;

  constructor(
    private readonly pbx: RawPbx,
    readonly invite: Received,
    readonly tag: string,
  ) {}

  /** Answers the INVITE. */
  respond(status: string, body = '', extra: readonly string[] = []): void {
    answerInvite(this.pbx, this.invite, status, this.tag, body, extra);
  }

  request(method: string, extra: readonly string[] = [], body = ''): void {
    this.cseq += 1;
    const { text, port } = this.invite;
    const lines = [
      `${method} sip:5031@${host}:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:${this.pbx.port};branch=z9hG4bK-${this.tag}-out${this.cseq}`,
      `From: ${field(text, 'To')};tag=${this.tag}`,
      `To: ${field(text, 'From')}`,
      `Call-ID: ${field(text, 'Call-ID')}`,
      `CSeq: ${this.cseq} ${method}`,
      'Max-Forwards: 70',
      `Contact: <sip:5052@${host}:${this.pbx.port}>`,
      ...extra,
      ...(body ? typed(extra) : []),
      `Content-Length: ${body.length}`,
    ];
    this.pbx.send(`${lines.join('\r\n')}\r\n\r\n${body}`, port);
  }

  /** The next final response to a request of ours. */
  response(method: string): Promise<Received> {
    return this.pbx.responses.next(
      (each) =>
        field(each.text, 'CSeq').endsWith(` ${method}`) &&
        tagIn(field(each.text, 'From')) === this.tag &&
        statusOf(each) >= 200,
    );
  }

  async status(method: string): Promise<number> {
    return statusOf(await this.response(method));
  }

  /** The station's next request to this branch. */
  requested(method: string): Promise<Received> {
    return this.pbx.requests.next(
      ({ text }) => text.startsWith(`${method} `) && tagIn(field(text, 'To')) === this.tag,
    );
  }
}

/** Somebody calls the station, which answers: that call, its id there, and the 200. */
export async function answeredCall(
  pbx: RawPbx,
  station: TestStation,
  to: { readonly user: string; readonly port: number },
  { from = '5052', extra = [] }: { readonly from?: string; readonly extra?: readonly string[] } = {},
): Promise<{ bob: RawCall; call: string; ok: Received }> {
  const bob = new RawCall(pbx, from, to);
  bob.invite(extra);
  const { call } = await station.is('incoming');
  station.port.perform({ type: 'accept', call });
  const ok = await bob.answered();
  await station.is('answered');
  return { bob, call, ok };
}
