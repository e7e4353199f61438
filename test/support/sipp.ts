import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from './child.ts';
import { loopback } from './ports.ts';
import type { Rig } from './rig.ts';

const from = (user: string): string => `<sip:${user}@[remote_ip]:[remote_port]>`;
const caller = `From: ${from('5051')};tag=[pid]c[call_number]`;
const rest = ['Call-ID: [call_id]', 'Max-Forwards: 70', 'Contact: <sip:5051@[local_ip]:[local_port]>'];
const via = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]';

/** What a scenario of ours says in two words; the headers that tell nothing are here. */
const phrases: Readonly<Record<string, (what: string) => readonly string[]>> = {
  /** `{{new INVITE}}`: 5051 to 5031. */
  new: (method) => [
    `${method} sip:5031@[remote_ip]:[remote_port] SIP/2.0`,
    via,
    caller,
    `To: ${from('5031')}`,
    `CSeq: [cseq] ${method}`,
    ...rest,
  ],
  /** `{{within UPDATE}}`: in the dialog of that. */
  within: (method) => [
    `${method} [next_url] SIP/2.0`,
    via,
    '[routes]',
    caller,
    `To: ${from('5031')}[peer_tag_param]`,
    `CSeq: ${method === 'ACK' ? '[$number]' : '[cseq]'} ${method}`,
    ...rest,
  ],
  /** `{{back UPDATE}}`: in a dialog that the other side began, by the branch `a`; its INVITE's headers are remembered. */
  back: (method) => [
    `${method} [next_url] SIP/2.0`,
    via,
    '[routes]',
    'From:[$to];tag=[pid]a[call_number]',
    'To:[$from]',
    `CSeq: [cseq] ${method}`,
    ...rest,
  ],
  /** `{{tell a 180 Ringing}}`: answers that INVITE, as one of the branches `a` and `b`. */
  tell: (what) => [
    `SIP/2.0 ${what.slice(2)}`,
    'Via:[$via1]',
    'Via:[$via2]',
    'From:[$from]',
    `To:[$to];tag=[pid]${what[0]}[call_number]`,
    'Call-ID: [call_id]',
    'CSeq:[$cseq]',
    'Record-Route:[$route]',
    'Contact: <sip:5051@[local_ip]:[local_port]>',
  ],
  /** `{{answer 200 OK}}` */
  answer: (status) => [...answered(status), '[last_To:]'],
};

const answered = (status: string): string[] => [
  `SIP/2.0 ${status}`,
  '[last_Via:]',
  '[last_From:]',
  '[last_Call-ID:]',
  '[last_CSeq:]',
  'Contact: <sip:5051@[local_ip]:[local_port]>',
];

const sdp = (media: string): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 [local_ip]',
    's=-',
    'c=IN IP4 [local_ip]',
    't=0 0',
    ...media.split('|').map((line) => `m=${line}`),
    '',
  ].join('\n');

/** `{{sdp audio 6000 RTP/AVP 0}}` ends a message with a description, `{{empty}}` one without. */
const expand = (scenario: string, media: string): string =>
  scenario
    .replaceAll('{{media}}', `{{sdp ${media}}}`)
    .replaceAll(
      /\{\{sdp (.+?)\}\}/g,
      (_all, lines: string) => `Content-Type: application/sdp\nContent-Length: [len]\n\n${sdp(lines)}`,
    )
    .replaceAll('{{empty}}', 'Content-Length: 0\n\n')
    .replaceAll(/\{\{(\w+) (.+?)\}\}/g, (all, kind: string, what: string) =>
      (phrases[kind]?.(what) ?? [all]).join('\n'),
    );

/** sipp refuses a scenario that looks for something and never says it again. */
function withReferences(scenario: string): string {
  const names = [...scenario.matchAll(/assign_to="(\w+)"/g)].map(([, name]) => name);
  const reference = names.length === 0 ? '' : `<Reference variables="${[...new Set(names)].join(',')}"/>`;
  return scenario.replace('</scenario>', `${reference}</scenario>`);
}

export interface SippOptions {
  readonly pbxPort: number;
  readonly port: number;
  /** What `{{media}}` stands for: m= lines, with `|` in between. */
  readonly media?: string;
}

/** A phone, 5051, that does what a scenario of test/peers/sipp says, and then ends. */
export async function sipp(
  rig: Rig,
  scenario: string,
  { pbxPort, port, media = 'audio 6000 RTP/AVP 0' }: SippOptions,
): Promise<Child> {
  const folder = await rig.folder();
  const path = fileURLToPath(new URL(`../peers/sipp/${scenario}.xml`, import.meta.url));
  const file = join(folder, 'scenario.xml');
  await writeFile(file, withReferences(expand(await readFile(path, 'utf8'), media)));
  const credentials = ['-au', '5051', '-ap', 'pw5051'];
  const habits = ['-m', '1', '-nostdin', '-timeout', '40'];
  const trace = ['-trace_msg', '-message_file', `${folder}/messages`];
  const child = new Child(
    'sipp',
    [
      `${loopback}:${pbxPort}`,
      ...['-i', loopback, '-p', String(port), '-sf', file],
      ...credentials,
      ...habits,
      ...(process.env.SIPP_TRACE ? trace : []),
    ],
    { cwd: folder },
  );
  return rig.use(child);
}
