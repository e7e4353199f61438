import { createResponse, type Header, headerValues, readMessage, type SipMessage } from './message.ts';
import { readVia, writeVia } from './message-fields.ts';
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
};

/** Decides on one datagram before anything else sees it. Requests get received and rport in their top Via. */
export function inspect(datagram: Buffer, from: UdpAddress, toTag: () => string): Verdict {
  const read = readMessage(datagram);
  if (!read.ok) {
    if (read.request === null || read.status === null) return { kind: 'drop', problem: read.problem };
    return answer(read.request, read.status, read.problem);
  }
  const { message } = read;
  if (message.kind === 'response') return { kind: 'message', message };
  const isAck = message.method === 'ACK';
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(message.uri)) {
    const problem = 'unreadable Request-URI';
    return isAck ? { kind: 'drop', problem } : answer(message, 400, problem);
  }
  if (!/^sip:/i.test(message.uri)) {
    const problem = 'unsupported URI scheme';
    return isAck ? { kind: 'drop', problem } : answer(message, 416, problem);
  }
  // RFC 3261, 8.2.2.3: we know no extension; ACK and CANCEL are taken whatever they require.
  const required = isAck || message.method === 'CANCEL' ? [] : headerValues(message, 'Require');
  if (required.length > 0) {
    return answer(message, 420, 'unknown extension', [{ name: 'Unsupported', value: required.join(', ') }]);
  }
  return { kind: 'message', message: withSource(message, from) };

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

/** RFC 3261, 18.2.1 and RFC 3581, 4: where the request really came from. */
export function withSource(request: SipMessage, from: UdpAddress): SipMessage {
  const [top = '', ...rest] = headerValues(request, 'Via');
  const via = readVia(top);
  if (!via) return request;
  const params = new Map(via.params);
  if (params.has('rport')) params.set('rport', String(from.port));
  if (params.has('rport') || via.host !== from.address) params.set('received', from.address);
  const at = request.headers.findIndex(({ name }) => name === 'Via');
  const others = request.headers.filter(({ name }) => name !== 'Via');
  const vias = [writeVia({ ...via, params }), ...rest].map((value) => ({ name: 'Via', value }));
  return { ...request, headers: [...others.slice(0, at), ...vias, ...others.slice(at)] };
}
