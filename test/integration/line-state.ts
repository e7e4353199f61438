/** A request as text, of nothing but strings: it shares no code with what it tests. */
export function requestText(request: {
  readonly method: string;
  readonly target: string;
  /** Sent-by of the Via. */
  readonly via: string;
  readonly from: string;
  /** Becomes Call-ID and branch. */
  readonly id: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}): string {
  const { body = '' } = request;
  return [
    `${request.method} ${request.target} SIP/2.0`,
    `Via: SIP/2.0/UDP ${request.via};branch=z9hG4bK-${request.id}`,
    `From: ${request.from}`,
    `To: <${request.target}>`,
    `Call-ID: ${request.id}`,
    `CSeq: 1 ${request.method}`,
    'Max-Forwards: 70',
    ...(request.headers ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** A line-state NOTIFY laid out as the SPA9000's (capture 07). */
export function lineState(notify: {
  readonly target: string;
  readonly via: string;
  readonly from: string;
  readonly id: string;
  readonly appearance: number;
  readonly state: 'trying' | 'early' | 'confirmed' | 'terminated';
}): string {
  const body = [
    '<?xml version="1.0"?>',
    '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="31" state="partial"',
    'entity="sa@192.168.0.1:6060">',
    `<dialog id="20${notify.appearance}" direction="initiator">`,
    '<local>',
    '<identity display="User-B">sip:5051@192.168.0.1:6060</identity>',
    '<target uri="sip:5051@192.168.0.1:6060">',
    `<param pname="x-line-id" pvalue="${notify.appearance}"/>`,
    '</target>',
    '</local>',
    `<state>${notify.state}</state>`,
    '</dialog>',
    '</dialog-info>',
  ].join('\n');
  return requestText({
    ...notify,
    method: 'NOTIFY',
    headers: ['Event: dialog', 'Content-Type: application/dialog-info+xml'],
    body,
  });
}
