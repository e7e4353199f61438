import {
  createResponse,
  type Header,
  header,
  headerValues,
  readMessage,
  type SipMessage,
} from '../message/message.ts';
import { readVia, writeVia } from '../message/message-fields.ts';
import { optionTags } from '../pbx/identity.ts';
import type { UdpAddress } from './udp-socket.ts';

export type Verdict =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** The RFC wants this answered; nobody above needs to see it. */
  | { readonly kind: 'answer'; readonly response: SipMessage; readonly problem: string }
  | { readonly kind: 'drop'; readonly problem: string };

const phrases: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  505: 'Version Not Supported',
  513: 'Message Too Large',
};

/** Decides on one datagram before anything else sees it. Requests get received and rport in their top Via. */
export function inspect(datagram: Buffer, from: UdpAddress, toTag: () => string): Verdict {
  const result = readMessage(datagram);
  if (!result.ok) {
    if (result.request === null || result.status === null) return { kind: 'drop', problem: result.problem };
    return answer(result.request, result.status, result.problem);
  }
  const { message } = result;
  if (message.kind === 'response') return { kind: 'message', message: withTypedBody(message) };
  const isAck = message.method === 'ACK';
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(message.uri)) {
    const problem = 'unreadable Request-URI';
    return isAck ? { kind: 'drop', problem } : answer(message, 400, problem);
  }
  if (!/^sip:/i.test(message.uri)) {
    const problem = 'unsupported URI scheme';
    return isAck ? { kind: 'drop', problem } : answer(message, 416, problem);
  }
  // RFC 3261, 8.2.2.3: ACK and CANCEL are taken whatever they require.
  const required = isAck || message.method === 'CANCEL' ? [] : headerValues(message, 'Require');
  const unknown = required.filter((tag) => !optionTags.includes(tag.toLowerCase()));
  if (unknown.length > 0) {
    return answer(message, 420, 'unknown extension', [{ name: 'Unsupported', value: unknown.join(', ') }]);
  }
  const typed = withTypedBody(message);
  if (typed.body !== message.body && !isBlank(message.body) && !isAck)
    return answer(message, 400, 'no Content-Type');
  return { kind: 'message', message: withSource(typed, from) };

  function answer(request: SipMessage, status: number, problem: string, headers: Header[] = []): Verdict {
    // The reason phrase tells the peer's administrator what is wrong (RFC 3261, 21.4.1).
    const phrase = status === 400 ? `Bad Request (${problem})` : (phrases[status] ?? 'Bad Request');
    return {
      kind: 'answer',
      response: createResponse(withSource(request, from), status, phrase, { toTag: toTag(), headers }),
      problem,
    };
  }
}

/** A body needs a Content-Type (RFC 3261, 20.15): sip.js throws half-way through when there is none. */
function withTypedBody(message: SipMessage): SipMessage {
  const isTyped = message.body.length === 0 || header(message, 'Content-Type') !== undefined;
  return isTyped ? message : { ...message, body: Buffer.alloc(0) };
}

/** What sloppy senders leave behind the headers is no body. */
const isBlank = (body: Buffer): boolean => body.toString('latin1').trim() === '';

/** RFC 3261, 18.2.1 and RFC 3581, 4: where the request really came from. */
export function withSource(request: SipMessage, from: UdpAddress): SipMessage {
  const [top = '', ...rest] = headerValues(request, 'Via');
  const via = readVia(top);
  if (!via) return request;
  const asksForPort = via.params.has('rport');
  // A `received` that the sender made up must not lead our answer elsewhere.
  const needsAddress = asksForPort || via.host !== from.address || via.params.has('received');
  if (!needsAddress && rest.length === 0) return request;
  const params = new Map(via.params);
  if (needsAddress) params.set('received', from.address);
  if (asksForPort) params.set('rport', String(from.port));
  const at = request.headers.findIndex(({ name }) => name === 'Via');
  const others = request.headers.filter(({ name }) => name !== 'Via');
  const vias = [writeVia({ ...via, params }), ...rest].map((value) => ({ name: 'Via', value }));
  return { ...request, headers: [...others.slice(0, at), ...vias, ...others.slice(at)] };
}
