import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SipTrace } from '../../electron/sip/trace/trace.ts';
import { field, host, RawPbx } from '../integration/sip-support.ts';
import { Rig } from '../support/rig.ts';
import { serveStation } from '../support/served-station.ts';

const run = promisify(execFile);
const port = 27_800;
const rig = new Rig();
let pbx: RawPbx;

beforeEach(async () => {
  const opened = await new RawPbx(port).open();
  rig.use({ stop: () => opened.close() });
  pbx = opened;
});
afterEach(() => rig.stop());

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

it('exports, over the control socket, a registration that tshark reads, without its credentials', async () => {
  const password = 'correct-horse';
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
  const control = await serveStation(rig, {
    pbx: { address: host, port, dialect: 'none' },
    station: { name: 'Trace', localAddress: host },
    extensions: [{ userId: '5031', password, localPort: port + 1 }],
    lineKeys: [{ extension: 1, label: '5031' }],
  });
  await control.registered();
  const file = join(await rig.folder(), 'trace.pcapng');
  expect(await control.command('exportTrace', { path: file })).toEqual({ path: file, messages: 4 });
  const written = await readFile(file);

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
  trace.record({ direction: 'in', at: Date.now(), local, peer, datagram }, 1);
  const file = join(await rig.folder(), 'v6.pcapng');
  await writeFile(file, trace.toPcapng());
  expect(await tshark(file, 'ipv6.src', 'ipv6.dst', 'sip.Method', 'udp.checksum.status')).toEqual([
    [peer.address, local.address, 'OPTIONS', '1'],
  ]);
});
