import type { IncomingRequestMessage } from 'sip.js/lib/core/index.js';
import { sdpType } from './call.ts';

const acceptHeader = `Accept: ${sdpType}`;

/** What of an INVITE's content we cannot deal with (RFC 3261, 8.2.3 and 21.4.7); null: nothing. */
export function contentRefusal(
  message: IncomingRequestMessage,
): { statusCode: number; extraHeaders: string[] } | null {
  const type = message.getHeader('Content-Type')?.trim().toLowerCase() ?? sdpType;
  const encoding = message.getHeader('Content-Encoding')?.trim().toLowerCase() ?? 'identity';
  if (message.body && (!type.startsWith(sdpType) || encoding !== 'identity')) {
    return { statusCode: 415, extraHeaders: [acceptHeader, 'Accept-Encoding: identity'] };
  }
  const accepted = message.getHeaders('Accept').join(',').toLowerCase();
  const takesSdp = accepted === '' || /application\/(sdp|\*)|\*\/\*/.test(accepted);
  return takesSdp ? null : { statusCode: 406, extraHeaders: [acceptHeader] };
}
