import { readValue } from './message-fields.ts';

/**
 * The first part of that type in a body of several (RFC 2046, 5.1): beside its SDP a caller may tell where it is, or a
 * gateway what the telephone network has said (RFC 5621). Null: there is none, or the body is of one kind.
 */
export function partOf(contentType: string, body: Buffer, wanted: string): Buffer | null {
  const { value, params } = readValue(contentType);
  const boundary = params.get('boundary');
  if (!/^multipart\//i.test(value) || !boundary) return null;
  // One character for an octet, so that every octet stays what it is.
  const [, ...pieces] = `\n${body.toString('latin1')}`.split(`\n--${boundary}`);
  for (const piece of pieces) {
    const [, head = '', content = ''] = /^[ \t]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n([\s\S]*)$/.exec(piece) ?? [];
    const [, type = ''] = /^content-type:[ \t]*(.+?)[ \t]*\r?$/im.exec(head) ?? [];
    // The line end before a boundary belongs to the boundary.
    const octets = Buffer.from(content.replace(/\r$/, ''), 'latin1');
    if (readValue(type).value.toLowerCase() === wanted) return octets;
    const within = partOf(type, octets, wanted);
    if (within) return within;
  }
  return null;
}
