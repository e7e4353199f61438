import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { profile } from '../../electron/contract/profile.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createSipStation } from '../../electron/sip/sip-station.ts';
import { SipTrace } from '../../electron/sip/trace.ts';
import { createFakeNegotiator, field, host, Inbox, RawPbx } from '../integration/sip-support.ts';

const run = promisify(execFile);
const port = 27_800;
let folder: string;
let pbx: RawPbx;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partyline-trace-'));
  pbx = await new RawPbx(port).open();
});
afterEach(async () => {
  await pbx.close();
  await rm(folder, { recursive: true });
});

/** One line a packet, the fields of tshark separated by tabs. */
async function tshark(file: string, ...fields: string[]): Promise<string[][]> {
  const { stdout } = await run('tshark', [
    ...['-r', file, '-d', `udp.port==${port},sip`, '-o', 'udp.check_checksum:TRUE', '-T', 'fields'],
    ...fields.flatMap((name) => ['-e', name]),
  ]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
}

it('exports a registration that tshark reads, without its credentials', async () => {
  const password = 'correct-horse';
  const registered = new Inbox<string>();
  let credentials = '';
  pbx.automatic = (text) => {
    credentials = field(text, 'Authorization') || credentials;
    return field(text, 'Authorization') === ''
      ? {
          status: '401 Unauthorized',
          headers: ['WWW-Authenticate: Digest realm="pbx", nonce="4f2a", qop="auth"'],
        }
      : { status: '200 OK', headers: [`Contact: ${field(text, 'Contact')};expires=3600`] };
  };
  const station = createSipStation({
    profile: profile.parse({
      pbx: { address: host, port, dialect: 'none' },
      station: { name: 'Trace', localAddress: host },
      extensions: [{ userId: '5031', password, localPort: port + 1 }],
      lineKeys: [{ extension: 1, label: '5031' }],
    }),
    negotiator: createFakeNegotiator(),
    onEvent: ({ type }) => registered.add(type),
    log: silentLog,
    version: '0',
  });
  await station.start();
  await registered.next((type) => type === 'registered');
  const file = join(folder, 'trace.pcapng');
  const written = station.trace.toPcapng();
  await writeFile(file, written);
  await station.stop();

  const here = String(port + 1);
  const there = String(port);
  expect(await tshark(file, 'ip.src', 'udp.srcport', 'udp.dstport', 'sip.Method', 'sip.Status-Code')).toEqual(
    [
      [host, here, there, 'REGISTER', ''],
      [host, there, here, '', '401'],
      [host, here, there, 'REGISTER', ''],
      [host, there, here, '', '200'],
    ],
  );
  const [[first = ''] = []] = await tshark(file, 'frame.time_epoch');
  expect(Math.abs(Number(first) * 1000 - Date.now())).toBeLessThan(30_000);

  const response = /response="([0-9a-f]{32})"/.exec(credentials)?.[1] ?? 'none was sent';
  for (const secret of [password, response, credentials]) expect(written.includes(secret)).toBe(false);
  expect((await tshark(file, 'sip.auth.digest.response')).flat().filter(Boolean)).toEqual([]);
});

it('exports IPv6 datagrams with right checksums', async () => {
  const trace = new SipTrace();
  const [local, peer] = [
    { address: '2001:db8::5', port },
    { address: '2001:db8:1:2::9', port: 6060 },
  ];
  const datagram = Buffer.from('OPTIONS sip:a@h SIP/2.0\r\nCall-ID: 1\r\n\r\n');
  trace.record({ direction: 'in', at: Date.now(), local, peer, datagram });
  const file = join(folder, 'v6.pcapng');
  await writeFile(file, trace.toPcapng());
  expect(await tshark(file, 'ipv6.src', 'ipv6.dst', 'sip.Method', 'udp.checksum.status')).toEqual([
    [peer.address, local.address, 'OPTIONS', '1'],
  ]);
});
