import { lineState, requestText } from '../integration/line-state.ts';

/** Where the station under attack is, and who attacks it: the PBX itself, for of others nothing is read. */
export interface Place {
  readonly target: string;
  readonly via: string;
}

export const sdp = [
  'v=0',
  'o=- 20518 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  'b=AS:64',
  't=0 0',
  'm=audio 27950 RTP/AVP 0 8 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=sendrecv',
  '',
].join('\r\n');

/** Valid messages of every kind that a station gets, with every header that it reads. */
export function seeds({ target, via }: Place, id: string): readonly [string, ...string[]] {
  const from = '"PBX Line 1" <sip:3@pbx:6060>;tag=5080117180da6835o2';
  const common = { target, via, from, id };
  const invite = requestText({
    ...common,
    method: 'INVITE',
    headers: [
      'Contact: "User-B" <sip:5051@127.0.0.1:6060;transport=udp>;q=0.5',
      'Allow: ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, REFER',
      'Supported: timer',
      'Accept: application/sdp',
      'Expires: 180',
      'P-Asserted-Identity: "User-B" <sip:5051@pbx>',
      'Remote-Party-ID: "User-B" <sip:5051@pbx>;party=calling',
      'Record-Route: <sip:127.0.0.1:6060;lr>',
      'User-Agent: Linksys/SPA9000-5.1.8',
      'Content-Type: application/sdp',
    ],
    body: sdp,
  });
  const responses = [
    '100 Trying',
    '180 Ringing',
    '200 OK',
    '401 Unauthorized',
    '487 Request Terminated',
    '503 Busy',
  ].map((status, at) =>
    [
      `SIP/2.0 ${status}`,
      `Via: SIP/2.0/UDP ${target.replace(/^sip:[^@]*@/, '')};branch=z9hG4bK-${id}`,
      'From: "User-A" <sip:5031@pbx:6060>;tag=52dab65d21d02a8do0',
      'To: <sip:5051@pbx:6060>;tag=1',
      `Call-ID: ${id}`,
      `CSeq: ${at + 1} ${at === 3 ? 'REGISTER' : 'INVITE'}`,
      'Contact: <sip:5051@127.0.0.1:6060>;expires=3600',
      'Record-Route: <sip:127.0.0.1:6060;lr>',
      'WWW-Authenticate: Digest realm="pbx", nonce="4f2a", algorithm=MD5, qop="auth", stale=false, opaque="x"',
      'Retry-After: 5',
      'Min-Expires: 60',
      'Content-Type: application/sdp',
      `Content-Length: ${at === 2 ? sdp.length : 0}`,
      '',
      at === 2 ? sdp : '',
    ].join('\r\n'),
  );
  return [
    invite,
    requestText({ ...common, method: 'OPTIONS', headers: ['Accept: application/sdp'] }),
    requestText({
      ...common,
      method: 'BYE',
      headers: ['Reason: SIP;cause=200;text="Call completed elsewhere"'],
    }),
    requestText({ ...common, method: 'CANCEL', headers: ['Reason: SIP;cause=200'] }),
    requestText({ ...common, method: 'ACK' }),
    requestText({
      ...common,
      method: 'REFER',
      headers: ['Refer-To: <sip:5061@pbx?Replaces=a%40b>', 'Referred-By: <sip:5@h>'],
    }),
    requestText({
      ...common,
      method: 'INFO',
      headers: ['Content-Type: application/dtmf-relay'],
      body: 'Signal=5\r\n',
    }),
    requestText({
      ...common,
      method: 'NOTIFY',
      headers: [
        'Event: message-summary',
        'Subscription-State: active;expires=60',
        'Content-Type: text/plain',
      ],
      body: 'Messages-Waiting: yes\r\n',
    }),
    lineState({ ...common, appearance: 0, state: 'confirmed' }),
    lineState({ ...common, appearance: 1, state: 'terminated' }),
    ...responses,
  ];
}
