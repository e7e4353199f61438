import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A message of test/fixtures/sip (stored with LF) as it was on the wire: CRLF line ends. */
export function capture(name: string): Buffer {
  const [head = '', body = ''] = captureText(name).split('\n\n');
  const text = body.replace(/\n$/, '');
  return Buffer.from(`${head.trimEnd()}\n\n${text}`.replace(/\n/g, '\r\n'));
}

/** The body alone; `newline` is what its sender put between lines. */
export function captureBody(name: string, newline: '\r\n' | '\n'): string {
  const text = captureText(name);
  const body = name.includes('.body') ? text : (text.split('\n\n')[1] ?? '');
  return body.replace(/\n$/, '').replace(/\n/g, newline);
}

export function captureText(name: string): string {
  const path = fileURLToPath(new URL(`../../fixtures/sip/${name}.sip`, import.meta.url));
  return readFileSync(path, 'utf8');
}
