import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import type { Negotiator } from '../../electron/phone/negotiation.ts';
import { SipTrace } from '../../electron/sip/trace/trace.ts';
import { createFakeNegotiator, createStation, type TestStation } from '../integration/sip-support.ts';
import { Baresip } from '../support/baresip.ts';
import { type Certificate, CertificateAuthority } from '../support/certificates.ts';
import { run } from '../support/child.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Station } from '../support/station.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

type Connected = 'tcp' | 'tls';
const packetsPerSecond = 50;

const authority = async (): Promise<CertificateAuthority> => CertificateAuthority.create(await rig.folder());

function over(
  transport: Connected,
  port: number,
  localPort: number,
  certificateAuthority: string,
): ProfileInput {
  const profile = userA(port, localPort);
  return { ...profile, pbx: { ...profile.pbx, transport, certificateAuthority } };
}

async function pbxOver(transport: Connected, port?: number) {
  const ca = await authority();
  const kamailio = await Kamailio.start(port, transport === 'tls' ? { tls: await ca.sign() } : { tcp: true });
  rig.use(kamailio);
  return { ca, kamailio, port: transport === 'tls' ? kamailio.tlsPort : kamailio.port };
}

async function onAir(profile: ProfileInput, negotiator?: Negotiator): Promise<TestStation> {
  const station = createStation(profile, negotiator ? { negotiator } : {});
  rig.use({ stop: () => station.port.stop() });
  await station.port.start();
  return station;
}

describe.each(['tcp', 'tls'] as const)('a station over %s', (transport) => {
  it('calls and is called by a phone that speaks UDP, and both are understood', async () => {
    const folder = await rig.folder();
    const byStation = await speak(sentences.caller, folder, 'station', { muLaw: true });
    const byBaresip = await speak(sentences.callee, folder, 'baresip');
    const { ca, kamailio, port } = await pbxOver(transport);
    const wire = rig.use(await Wire.start());
    const baresip = rig.use(await Baresip.start({ user: '5051', pbxPort: kamailio.port, says: byBaresip }));
    const localPort = await portBlock();
    const profile = over(transport, port, localPort, ca.certificate);
    const station = rig.use(await Station.start({ profile, says: byStation }));
    const { control } = station;
    await control.registered();

    const { call } = await control.command('dial', { lineKey: 1, number: '5051' });
    await control.call('active');
    const seconds = Math.max(await secondsOf(byStation), await secondsOf(byBaresip)) + 1;
    const whole = 2 * seconds * packetsPerSecond;
    await wire.rtpUntil('the whole conversation', (seen) => seen.length > whole, 40_000);
    await control.command('hangUp', { call });
    await baresip.until('CALL_CLOSED');
    const heardByBaresip = await baresip.heard();

    await baresip.dial('5031');
    await control.command('answer', { call: (await control.call('incoming')).id });
    const incoming = await control.call('active');
    expect(incoming).toMatchObject({ direction: 'incoming', remote: { number: '5051' } });
    await baresip.hangUp();
    await control.until('the end of the call', ({ calls }) => calls.length === 0);

    const sip = await wire.sip();
    const own = sip.filter(({ from, to }) =>
      [from, to].some((each) => [localPort, localPort + 1].includes(each)),
    );
    expect(own, 'SIP of the station by UDP').toEqual([]);
    await station.leave();
    const stoi = {
      station: await intelligibility(byBaresip, station.heard),
      baresip: await intelligibility(byStation, heardByBaresip),
    };
    console.log(`over ${transport}: STOI ${JSON.stringify(stoi)}`);
    expect(stoi.baresip).toBeGreaterThan(0.9);
    expect(stoi.station).toBeGreaterThan(0.9);
  }, 120_000);

  it('is registered again by itself when its PBX was killed and started anew, empty', async () => {
    const { ca, kamailio, port } = await pbxOver(transport);
    const station = await onAir(over(transport, port, await portBlock(), ca.certificate));
    for (const _ of [1, 2]) expect(await station.is('registered')).toMatchObject({ fresh: true });

    await kamailio.child.stop('SIGKILL');
    const tls = transport === 'tls' ? { tls: await ca.sign() } : { tcp: true };
    rig.use(await Kamailio.start(kamailio.port, tls));
    const back = performance.now();
    const again = [await station.is('registered', 20_000), await station.is('registered', 20_000)];
    expect(again.map(({ extension }) => extension).sort()).toEqual([1, 2]);
    expect(again.map(({ fresh }) => fresh)).toEqual([true, true]);
    const took = Math.round(performance.now() - back);
    console.log(`over ${transport}: all registered again ${took} ms after the PBX was back`);
    expect(took).toBeLessThan(10_000);
  });
});

describe('a certificate that cannot be trusted', () => {
  async function failure(certificate: Certificate, certificateAuthority?: string) {
    const port = await portBlock();
    const [key, cert] = await Promise.all([readFile(certificate.key), readFile(certificate.certificate)]);
    const server = createTlsServer({ key, cert }).listen(port, loopback);
    await once(server, 'listening');
    rig.use({ stop: async () => void server.close() });
    const profile = over('tls', port, await portBlock(), certificateAuthority ?? certificate.certificate);
    if (certificateAuthority === undefined) delete profile.pbx.certificateAuthority;
    const station = await onAir(profile);
    return (await station.is('register-failed')).reason;
  }

  it('is that of an authority nobody knows', async () => {
    const ca = await authority();
    expect(await failure(await ca.sign())).toMatchObject({ code: 'certificate-untrusted' });
  });

  it('is one that is no longer valid', async () => {
    const ca = await authority();
    const expired = await ca.sign({ days: -1 });
    expect(await failure(expired, ca.certificate)).toMatchObject({ code: 'certificate-expired' });
  });

  it('is that of another host', async () => {
    const ca = await authority();
    const other = await ca.sign({ subject: 'DNS:pbx.example' });
    const reason = await failure(other, ca.certificate);
    expect(reason).toMatchObject({ code: 'certificate-wrong-host', params: { address: loopback } });
  });

  it('is none at all', async () => {
    const port = await portBlock();
    const plain = createTcpServer((socket) => socket.end('SIP/2.0 400 Bad Request\r\n\r\n'));
    plain.listen(port, loopback);
    await once(plain, 'listening');
    rig.use({ stop: async () => void plain.close() });
    const ca = await authority();
    const station = await onAir(over('tls', port, await portBlock(), ca.certificate));
    expect((await station.is('register-failed')).reason.code).toBe('no-tls');
  });

  it('cannot be told from one that can when the authority cannot be read', async () => {
    const station = await onAir(over('tls', 5061, await portBlock(), '/no/such/file.pem'));
    const { reason } = await station.is('register-failed');
    expect(reason.code).toBe('certificate-authority-unreadable');
    expect(reason.params?.detail).toContain('/no/such/file.pem');
  });
});

it('exports what went over a connection as TCP that tshark reads, with sequence and checksums', async () => {
  const trace = new SipTrace();
  const port = 5060;
  const at = Date.now();
  for (const version of [4, 6]) {
    const [here, there] = version === 4 ? ['192.0.2.4', '192.0.2.1'] : ['2001:db8::4', '2001:db8::1'];
    const local = { address: here, port: 40_000 + version };
    const peer = { address: there, port, transport: 'tcp' } as const;
    const message = (text: string): Buffer =>
      Buffer.from(`${text}\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n`);
    trace.record({ direction: 'out', at, local, peer, datagram: message('OPTIONS sip:a@h SIP/2.0') }, 1);
    trace.record({ direction: 'in', at, local, peer, datagram: message('SIP/2.0 200 OK') }, 1);
    trace.record({ direction: 'out', at, local, peer, datagram: message('BYE sip:a@h SIP/2.0') }, 1);
  }
  const file = join(await rig.folder(), 'trace.pcapng');
  await writeFile(file, trace.toPcapng());
  const fields = [
    'tcp.srcport',
    'sip.Method',
    'sip.Status-Code',
    'tcp.checksum.status',
    'tcp.analysis.flags',
  ];
  const read = await run('tshark', [
    ...['-r', file, '-o', 'tcp.check_checksum:TRUE', '-T', 'fields', '-E', 'separator=,'],
    ...fields.flatMap((name) => ['-e', name]),
  ]);
  const flow = (local: number) => [`${local},OPTIONS,,1,`, `${port},,200,1,`, `${local},BYE,,1,`];
  expect(read.toString().trim().split('\n')).toEqual([...flow(40_004), ...flow(40_006)]);
});

describe('a call of a station over UDP that is too large for a datagram', () => {
  const padded = createFakeNegotiator();
  const largeOffers: Negotiator = {
    ...padded,
    offer: async (call, how) => `${await padded.offer(call, how)}${'a=x-padding:0123456789\r\n'.repeat(60)}`,
  };

  it.each([
    { tcp: true, sentOver: 'TCP' },
    { tcp: false, sentOver: 'UDP' },
  ])('goes over $sentOver to a PBX with tcp: $tcp, challenge and all', async ({ tcp, sentOver }) => {
    const says = await speak(sentences.callee, await rig.folder(), 'baresip');
    const kamailio = rig.use(await Kamailio.start(undefined, { tcp }));
    const wire = rig.use(await Wire.start());
    const baresip = rig.use(await Baresip.start({ user: '5051', pbxPort: kamailio.port, says }));
    const localPort = await portBlock();
    const station = await onAir(userA(kamailio.port, localPort), largeOffers);
    for (const _ of [1, 2]) await station.is('registered');

    station.port.perform({ type: 'invite', extension: 1, call: 'large', number: '5051' });
    await station.is('answered', 20_000);
    const invite = await wire.sees(
      'the INVITE at baresip',
      ({ to, message }) => to === baresip.port && message.method === 'INVITE',
    );
    expect(invite.message.headers('Via')[1]).toContain(`SIP/2.0/${sentOver} ${loopback}:${localPort}`);
    // The ACK has arrived by now, or the BYE would find no call.
    await baresip.until('CALL_ESTABLISHED');
    station.port.perform({ type: 'hang-up', call: 'large' });
    await baresip.until('CALL_CLOSED');
  });
});
