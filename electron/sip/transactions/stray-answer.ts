import {
  createRequest,
  cseqNumber,
  type Header,
  header,
  headerValues,
  type SipMessage,
} from '../message/message.ts';
import { readNameAddr, readVia, writeHostPort } from '../message/message-fields.ts';
import { createBranch, type Random } from '../random.ts';
import type { UdpAddress } from '../transport/udp-socket.ts';

/**
 * A 2xx to an INVITE of ours that nobody remembers: it was cancelled 64*T1 ago, or the answer wandered for longer. The
 * far end repeats it until it is acknowledged and believes in the call until it gets a BYE (RFC 3261, 13.2.2.4).
 * Both can be made of the answer alone. Null: it answers no request of this socket (18.1.2), or lacks a Contact.
 */
export function closeStrayAnswer(
  response: SipMessage,
  local: UdpAddress,
  random: Random,
): { readonly ack: SipMessage; readonly bye: SipMessage } | null {
  const via = readVia(headerValues(response, 'Via')[0] ?? '');
  const target = readNameAddr(headerValues(response, 'Contact')[0] ?? '')?.uri;
  const isOurs = via?.host === local.address && (via.port ?? 5060) === local.port;
  if (!via || !isOurs || target === undefined) return null;
  const request = (method: string, cseq: number): SipMessage =>
    createRequest(method, target, [
      {
        name: 'Via',
        value: `SIP/2.0/${via.transport} ${writeHostPort(local.address, local.port)};branch=${createBranch(random)}`,
      },
      ...headerValues(response, 'Record-Route')
        .reverse()
        .map((value) => ({ name: 'Route', value })),
      copied(response, 'From'),
      copied(response, 'To'),
      copied(response, 'Call-ID'),
      { name: 'CSeq', value: `${cseq} ${method}` },
      { name: 'Max-Forwards', value: '70' },
    ]);
  const cseq = cseqNumber(response);
  return { ack: request('ACK', cseq), bye: request('BYE', cseq + 1) };
}

const copied = (response: SipMessage, name: string): Header => ({
  name,
  value: header(response, name) ?? '',
});
