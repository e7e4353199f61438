import { type Place, seeds } from './seeds.ts';

/** What is wrong with a field, in the classes of PROTOS c07-sip. */
const anomalies: readonly (readonly [name: string, spoil: (value: string) => string])[] = [
  ['empty', () => ''],
  ['blank', () => ' \t '],
  ['overflow 256', () => 'a'.repeat(256)],
  ['overflow 4 k', () => 'a'.repeat(4_096)],
  ['overflow 60 k', () => 'a'.repeat(60_000)],
  ['overflow after', (value) => value + 'a'.repeat(4_096)],
  ['overflow of separators', () => ',;'.repeat(2_000)],
  ['overflow of brackets', () => '<'.repeat(4_096)],
  ['overflow of quotes', () => '"'.repeat(4_097)],
  ['overflow of escapes', () => `"${'\\'.repeat(4_096)}`],
  ['overflow of percents', (value) => value.replace('sip:', `sip:${'%41'.repeat(1_000)}`)],
  ['format characters', () => '%s%s%s%n%d%x%p%%'.repeat(8)],
  ['format characters after', (value) => `${value}%s%n`],
  ['UTF-8', () => 'größe 電話 \u{1f4de} \u202e'],
  ['UTF-8 cut short', (value) => `${value}\xc3`],
  ['UTF-8 overlong', () => '\xc0\xaf\xe0\x80\xaf\xf8\x88\x80\x80\x80'],
  ['NUL', () => '\0'],
  ['NUL within', (value) => `${value.slice(0, value.length / 2)}\0${value.slice(value.length / 2)}`],
  ['control characters', () => '\x01\x07\x08\x1b[2J\x7f'],
  ['line end within', (value) => `${value}\r\nX-Injected: yes`],
  ['bare CR', (value) => `${value}\r`],
  ['twice the value', (value) => `${value}, ${value}`],
  ['value without separator', (value) => value.replaceAll(/[\s;:@=<>"/]/g, '')],
  ['negative number', (value) => value.replace(/\d+/, '-1')],
  ['number of 32 bits', (value) => value.replace(/\d+/, '4294967296')],
  ['number of 300 digits', (value) => value.replace(/\d+/, '9'.repeat(300))],
  ['number with letters', (value) => value.replace(/\d+/, '0x7f')],
  ['fraction', (value) => value.replace(/\d+/, '1.5e308')],
  ['port too large', (value) => value.replace(/:\d+/, ':99999')],
  ['unclosed quote', (value) => `"${value}`],
  ['unclosed bracket', (value) => value.replace('>', '')],
  ['IPv6 unclosed', (value) => value.replace(/127\.0\.0\.1|pbx/, '[::1')],
  ['other scheme', (value) => value.replace('sip:', 'javascript:')],
  ['prototype', () => '__proto__'],
];

export interface MalformedCase {
  readonly name: string;
  readonly datagram: Buffer;
}

/** Every header of every kind of message, the start line, every line of SDP and every tag of dialog-info, each spoilt in every way. */
export function* malformed(place: Place): Generator<MalformedCase> {
  let count = 0;
  const total = seeds(place, 'count').length;
  for (let kind = 0; kind < total; kind += 1) {
    const lines = (seeds(place, 'count')[kind] ?? '').split('\r\n\r\n')[0]?.split('\r\n').length ?? 0;
    for (let line = 0; line < lines; line += 1) {
      for (const [name, spoil] of anomalies) {
        count += 1;
        yield spoilLine(place, kind, line, name, spoil, `m${count}`);
      }
      for (const [name, edit] of wholeLine) {
        count += 1;
        yield editLine(place, kind, line, name, edit, `m${count}`);
      }
    }
    for (const [name, spoil] of anomalies) {
      count += 1;
      yield* spoilBody(place, kind, name, spoil, `m${count}`);
    }
  }
}

/** What can be wrong with a header as a whole. */
const wholeLine: readonly (readonly [name: string, edit: (line: string) => readonly string[]])[] = [
  ['missing', () => []],
  ['repeated', (line) => [line, line]],
  ['a hundred times', (line) => Array.from({ length: 100 }, () => line)],
  ['without colon', (line) => [line.replace(':', '')]],
  ['folded', (line) => [line.replace(': ', ':\r\n \t')]],
  ['name overflow', (line) => ['X'.repeat(4_096) + line]],
];

function spoilLine(
  place: Place,
  kind: number,
  line: number,
  name: string,
  spoil: (value: string) => string,
  id: string,
): MalformedCase {
  return editLine(
    place,
    kind,
    line,
    name,
    (text) => {
      const colon = line === 0 ? -1 : text.indexOf(':');
      return [`${text.slice(0, colon + 1)} ${spoil(text.slice(colon + 1).trim())}`.trimStart()];
    },
    id,
  );
}

function editLine(
  place: Place,
  kind: number,
  line: number,
  name: string,
  edit: (line: string) => readonly string[],
  id: string,
): MalformedCase {
  const text = seeds(place, id)[kind] ?? '';
  const split = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, split).split('\r\n');
  const [what = ''] = (lines[line] ?? '').split(/[: ]/, 1);
  const edited = [...lines.slice(0, line), ...edit(lines[line] ?? ''), ...lines.slice(line + 1)];
  return { name: `${what} ${name}`, datagram: bytes(edited.join('\r\n') + text.slice(split)) };
}

/** Every line of a body, spoilt after its `=` or as a whole; Content-Length fits. */
function* spoilBody(
  place: Place,
  kind: number,
  name: string,
  spoil: (value: string) => string,
  id: string,
): Generator<MalformedCase> {
  const text = seeds(place, id)[kind] ?? '';
  const split = text.indexOf('\r\n\r\n') + 4;
  const body = text.slice(split);
  if (body === '') return;
  const lines = body.split('\n');
  for (const [at, line] of lines.entries()) {
    const start = /^\w=/.test(line) ? 2 : 0;
    const spoilt = lines.with(at, line.slice(0, start) + spoil(line.slice(start))).join('\n');
    const named = seeds(place, `${id}-${at}`)[kind] ?? '';
    const head = named.slice(0, split + named.length - text.length);
    const length = Buffer.byteLength(spoilt, 'latin1');
    yield {
      name: `body line ${at} ${name}`,
      datagram: bytes(head.replace(/Content-Length: \d+/, `Content-Length: ${length}`) + spoilt),
    };
  }
}

/** Latin-1, so that single bytes can be written; real UTF-8 is put in as its bytes. */
const bytes = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/[\u0100-\u{10ffff}]/gu, (char) => Buffer.from(char).toString('latin1')),
    'latin1',
  );
