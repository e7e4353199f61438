import type { Random } from './random.ts';

/** One of the ways in which bytes go wrong: flipped, replaced, removed, repeated, moved, cut, blown up. */
export function mutate(datagram: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(datagram);
  for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count -= 1) {
    const at = random.below(bytes.length);
    const end = Math.min(bytes.length, at + 1 + random.below(24));
    const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
    switch (random.below(9)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
        break;
      case 2:
        bytes = Buffer.concat([before, after]);
        break;
      case 3:
        bytes = Buffer.concat([before, part, part, after]);
        break;
      case 4:
        bytes = Buffer.concat([before, after, part]);
        break;
      case 5:
        bytes = Buffer.from(before);
        break;
      case 6:
        bytes = Buffer.concat([before, Buffer.from(random.pick(tokens)), after]);
        break;
      case 7:
        bytes = Buffer.concat([before, Buffer.alloc(random.below(512), part[0] ?? 0), after]);
        break;
      default:
        bytes = Buffer.concat([before, Buffer.from(random.pick(tokens)), part, after]);
    }
  }
  return bytes.subarray(0, 65_507);
}

/** What parsers stumble over. */
const tokens = [
  '\r\n',
  '\r\n\r\n',
  '\n ',
  '\0',
  '"',
  '\\',
  '<',
  '>',
  ';',
  ',',
  ':',
  '@',
  '%00',
  '%ff',
  ';tag=',
  ';branch=z9hG4bK',
  ';rport=0',
  ';received=::1',
  '-1',
  '99999999999999999999',
  'SIP/2.0',
  'Via: ',
  'Content-Length: 5\r\n',
  'Require: x\r\n',
  '<!ENTITY a "b">',
  '<![CDATA[',
  '&#x0;',
  '__proto__',
  'm=audio 0 RTP/AVP\r\n',
] as const;
