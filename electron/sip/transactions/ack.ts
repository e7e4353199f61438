import { header, headerValues, type SipMessage } from '../message/message.ts';

/** The ACK to a non-2xx answer (RFC 3261, 17.1.1.3): all Route headers, To with the answer's tag. */
export function ackTo(invite: SipMessage, response: SipMessage): SipMessage {
  const from = (source: SipMessage, name: string): { name: string; value: string } => ({
    name,
    value: header(source, name) ?? '',
  });
  const number = (header(invite, 'CSeq') ?? '').split(/\s/, 1)[0] ?? '';
  return {
    ...invite,
    method: 'ACK',
    headers: [
      { name: 'Via', value: headerValues(invite, 'Via')[0] ?? '' },
      ...invite.headers.filter(({ name }) => name === 'Route'),
      from(invite, 'From'),
      from(response, 'To'),
      from(invite, 'Call-ID'),
      { name: 'CSeq', value: `${number} ACK` },
      { name: 'Max-Forwards', value: '70' },
      { name: 'Content-Length', value: '0' },
    ],
    body: Buffer.alloc(0),
  };
}
