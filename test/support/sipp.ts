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

/** Its m= lines, and any others with their letter; with a `v=` first it is the whole of it. */
function sdp(media: string): string {
  const lines = media.split('|').map((line) => (/^\w=/.test(line) ? line : `m=${line}`));
  const session = ['v=0', 'o=- 1 [cseq] IN IP4 [local_ip]', 's=-', 'c=IN IP4 [local_ip]', 't=0 0'];
  return [...(media.startsWith('v=') ? [] : session), ...lines, ''].join('\n');
}

/** What several scenarios do in the same way. */
const passages: Readonly<Record<string, string>> = {
  /** 5051 calls 5031, with what `{{media}}` says, and is answered. */
  calls: `
  <send retrans="500"><![CDATA[
{{new INVITE}}
{{media}}]]></send>
  <recv response="407" auth="true"/>
  <send><![CDATA[
ACK sip:5031@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-2]
From: <sip:5051@[remote_ip]:[remote_port]>;tag=[pid]c[call_number]
To: <sip:5031@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
{{empty}}]]></send>
  <send retrans="500"><![CDATA[
{{new INVITE}}
[authentication]
{{media}}]]></send>
  <recv response="100" optional="true"/>
  <recv response="180"/>
  <recv response="200" rrs="true">
    <action><ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="number"/></action>
  </recv>`,
  /** It acknowledges the answer to its last INVITE. */
  acknowledges: `
  <send><![CDATA[
{{within ACK}}
{{empty}}]]></send>`,
  /** It tells the test that it is done, and leaves it to the other side to end the call. */
  talks: `
  <nop><action><exec command="echo talking"/></action></nop>
  <recv request="BYE" timeout="30000"/>
  <send><![CDATA[
{{answer 200 OK}}
{{empty}}]]></send>`,
};

/** `{{offers audio 6000 RTP/AVP 0}}`: a re-INVITE that is taken. */
const offers = (lines: string): string => `
  <send retrans="500"><![CDATA[
{{within INVITE}}
{{sdp ${lines}}}]]></send>
  <recv response="100" optional="true"/>
  <recv response="200">
    <action><ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="number"/></action>
  </recv>
  {{acknowledges}}`;

/** `{{sdp audio 6000 RTP/AVP 0}}` ends a message with a description, `{{empty}}` one without. */
const expand = (
  scenario: string,
  { media = usual, offer = `{{sdp ${media}}}`, later = usual, status = 488 }: Says,
): string =>
  scenario
    .replaceAll(/\{\{offers (.+?)\}\}/g, (_all, lines: string) => offers(lines))
    .replaceAll(/\{\{(\w+)\}\}/g, (all, name: string) => passages[name] ?? all)
    .replaceAll('{{media}}', offer)
    .replaceAll('{{later}}', `{{sdp ${later}}}`)
    .replaceAll('{{status}}', String(status))
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
  const names = [...scenario.matchAll(/assign_to="([\w,]+)"/g)].flatMap(([, list = '']) => list.split(','));
  const reference = names.length === 0 ? '' : `<Reference variables="${[...new Set(names)].join(',')}"/>`;
  return scenario.replace('</scenario>', `${reference}</scenario>`);
}

const usual = 'audio [rtp] RTP/AVP 0';

export interface Says {
  /** What `{{media}}` stands for: m= lines, with `|` in between. */
  readonly media?: string;
  /** Or that, headers of the body and all. */
  readonly offer?: string;
  /** What `{{later}}` stands for, later in the call: m= lines. */
  readonly later?: string;
  /** The refusal that it wants: `{{status}}`. */
  readonly status?: number;
}

export interface SippOptions extends Says {
  readonly pbxPort: number;
  readonly port: number;
}

/** Where its descriptions want sound: `[rtp]`. The test listens there, or nobody. */
export const soundPort = (port: number): number => port + 4;

/** A phone, 5051, that does what a scenario of test/peers/sipp says, and then ends. */
export async function sipp(
  rig: Rig,
  scenario: string,
  { pbxPort, port, ...says }: SippOptions,
): Promise<Child> {
  const folder = await rig.folder();
  const path = fileURLToPath(new URL(`../peers/sipp/${scenario}.xml`, import.meta.url));
  const file = join(folder, 'scenario.xml');
  await writeFile(file, withReferences(expand(await readFile(path, 'utf8'), says)));
  const credentials = ['-au', '5051', '-ap', 'pw5051'];
  const habits = ['-m', '1', '-nostdin', '-timeout', '60'];
  const trace = ['-trace_msg', '-message_file', `${folder}/messages`];
  const child = new Child(
    'sipp',
    [
      `${loopback}:${pbxPort}`,
      ...['-i', loopback, '-p', String(port), '-sf', file],
      ...['-key', 'rtp', String(soundPort(port))],
      ...credentials,
      ...habits,
      ...(process.env.SIPP_TRACE ? trace : []),
    ],
    { cwd: folder },
  );
  return rig.use(child);
}
