import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Kamailio } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { nameAddr, SipMessage } from '../support/sip-message.ts';
import { Station } from '../support/station.ts';
import { type Sighting, Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const fixture = async (name: string): Promise<SipMessage> =>
  new SipMessage(await readFile(new URL(`../fixtures/sip/${name}`, import.meta.url), 'utf8'));

/** A station and what passes between it and the PBX. */
async function stationAt(pbxPort: number) {
  const localPort = await portBlock();
  const wire = rig.use(await Wire.start(`udp port ${localPort} or udp port ${localPort + 1}`));
  const station = rig.use(await Station.start({ profile: userA(pbxPort, localPort) }));
  return { wire, station, localPort };
}

const isRegister = ({ message }: Sighting): boolean => message.method === 'REGISTER';
const isUnregister = (sighting: Sighting): boolean =>
  isRegister(sighting) && /;expires=0\b/.test(sighting.message.header('Contact'));

/** What differs between any two messages, made alike: tags, branches, Call-IDs, counters, the product's name. */
const masked = (name: string, value: string): string => {
  switch (name.toLowerCase()) {
    case 'via':
      return value.replace(/;branch=z9hG4bK[^;]+/, ';branch=z9hG4bK').replace(/;rport\b/, '');
    case 'call-id':
      return value.replace(/^[^@]+/, '*');
    case 'cseq':
      return value.replace(/^\d+/, '*');
    case 'user-agent':
      return '*';
    default:
      // 0-based extension and `o` for originator end the tag, as on the wire of the phones.
      return value.replace(/;tag=\w+(o\d)$/, ';tag=*$1');
  }
};

/** The captured REGISTER as this station would have sent it: other addresses, the station's name for the MAC. */
function expectedFrom(
  capture: SipMessage,
  pbxPort: number,
  capturedPort: number,
  localPort: number,
): SipMessage {
  const text = capture.text
    .replaceAll('192.168.0.1:6060', `${loopback}:${pbxPort}`)
    .replaceAll(`192.168.0.4:${capturedPort}`, `${loopback}:${localPort}`)
    .replaceAll('192.168.0.4', loopback)
    .replace(/^P-Station-Name: .*$/m, 'P-Station-Name: User-A');
  return new SipMessage(text);
}

describe('registration with a foreign PBX', () => {
  it.each([
    { user: '5031', capture: 'spa9000-01-register-primary.sip', capturedPort: 5060, offset: 0 },
    { user: '5041', capture: 'spa9000-02-register-third-party-shared.sip', capturedPort: 5061, offset: 1 },
  ])(
    'registers $user header by header as a desk phone does',
    async ({ user, capture, capturedPort, offset }) => {
      const kamailio = rig.use(await Kamailio.start());
      const { wire, station, localPort } = await stationAt(kamailio.port);
      await station.control.registered();

      const port = localPort + offset;
      const expected = expectedFrom(await fixture(capture), kamailio.port, capturedPort, port);
      const sent = (await wire.sip()).filter((sighting) => isRegister(sighting) && sighting.from === port);
      const [first, second] = sent.map(({ message }) => message);
      expect(first?.startLine).toBe(expected.startLine);
      for (const name of expected.headerNames) {
        expect(`${name}: ${masked(name, first?.header(name) ?? '')}`).toBe(
          `${name}: ${masked(name, expected.header(name))}`,
        );
      }
      const added = first?.headerNames.filter((name) => expected.header(name) === '');
      expect(added, 'headers a desk phone does not send').toEqual([]);

      expect(nameAddr(second?.header('Contact') ?? '').user).toBe(user);
      expect(second?.header('Authorization')).toContain('username="5031"');
      expect(second?.header('Call-ID')).toBe(first?.header('Call-ID'));
      const accepted = await wire.sees('200', ({ to, message }) => to === port && message.status === 200);
      expect(accepted.message.header('Contact')).toContain(`sip:${user}@${loopback}:${port}`);
    },
  );

  it('loads nothing of Electron', async () => {
    const main = new URL('../../out/main/', import.meta.url);
    const loaded = new Set<string>();
    const load = async (file: string): Promise<void> => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const code = await readFile(new URL(file, main), 'utf8');
      const statements = code.matchAll(/^(?:import|export)\b[^'"\n]*["']([^"']+)["'];?$/gm);
      const imports = [...statements].flatMap(([, name]) => name ?? []);
      expect(code, file).not.toMatch(/(?:import|require)\(["']electron["']\)/);
      expect(imports, file).not.toContain('electron');
      await Promise.all(imports.filter((name) => name.startsWith('./')).map(load));
    };
    await load('headless.js');
    expect(loaded.size).toBeGreaterThan(1);
  });

  it('unregisters both extensions when it is told to end', async () => {
    const kamailio = rig.use(await Kamailio.start());
    const { wire, station, localPort } = await stationAt(kamailio.port);
    await station.control.registered();

    expect(await station.leave()).toBe(0);

    const messages = await wire.sip();
    for (const port of [localPort, localPort + 1]) {
      const goodbye = messages.filter((sighting) => isUnregister(sighting) && sighting.from === port).at(-1);
      const callId = goodbye?.message.header('Call-ID');
      const cseq = goodbye?.message.header('CSeq');
      const answer = messages.find(
        ({ message }) =>
          message.status === 200 && message.header('Call-ID') === callId && message.header('CSeq') === cseq,
      );
      expect(answer, `Kamailio let the station at ${port} go`).toBeDefined();
      expect(answer?.message.headers('Contact'), 'no contact is left').toEqual([]);
    }
  });

  it('says so when the password is wrong, and registers with the right one', async () => {
    const kamailio = rig.use(await Kamailio.start());
    const localPort = await portBlock();
    const good = userA(kamailio.port, localPort);
    const wrong = { ...good, extensions: good.extensions.map((each) => ({ ...each, password: 'guess' })) };
    const { control } = rig.use(await Station.start({ profile: wrong }));

    const failed = await control.until('both failed', ({ extensions }) =>
      extensions.length === 2 && extensions.every(({ registration }) => registration === 'failed')
        ? extensions
        : null,
    );
    expect(failed.map(({ reasonCode }) => reasonCode)).toEqual(['wrong-password', 'wrong-password']);
    expect(failed[0]?.reason).toMatch(/password.*\.$/);
    await expect(control.command('dial', { lineKey: 1, number: '5051' })).rejects.toMatchObject({
      code: 'line-not-registered',
    });

    await control.command('connect', { profile: good });
    await control.registered();
  });

  it('says so when the PBX does not answer, and registers when it does', async () => {
    const pbxPort = await portBlock();
    const { station } = await stationAt(pbxPort);
    const failed = await station.control.until(
      'the registration has failed',
      ({ extensions }) => extensions.find(({ registration }) => registration === 'failed'),
      50_000,
    );
    expect(failed.reasonCode).toBe('pbx-unreachable');
    expect(failed.reason).toContain(`${loopback}:${pbxPort}`);

    rig.use(await Kamailio.start(pbxPort));
    await station.control.command('retry', { extension: 1 });
    await station.control.command('retry', { extension: 2 });
    await station.control.registered();
  });

  it('takes the next port and says so when its own is taken', async () => {
    const kamailio = rig.use(await Kamailio.start());
    const localPort = await portBlock();
    const squatter = createSocket('udp4').bind(localPort, loopback);
    await once(squatter, 'listening');
    rig.use({ stop: async () => void squatter.close() });
    const { control } = rig.use(await Station.start({ profile: userA(kamailio.port, localPort) }));

    await control.registered();
    const problem = control.snapshot.problems.find(({ code }) => code === 'port-taken');
    const used = control.snapshot.extensions[0]?.localPort;
    expect(used).not.toBe(localPort);
    expect(problem?.sentence).toContain(String(localPort));
    expect(problem?.sentence).toContain(String(used));
    expect(new Set(control.snapshot.extensions.map((each) => each.localPort)).size).toBe(2);
  });

  it.each([
    { what: 'not JSON', profile: '{ "pbx": ' },
    { what: 'the wrong shape', profile: '{ "pbx": { "address": "127.0.0.1" }, "extensions": [] }' },
    { what: 'a line key of no extension', profile: JSON.stringify(withStrayKey()) },
  ])('lives on with a profile that is $what, and takes a good one', async ({ profile }) => {
    const kamailio = rig.use(await Kamailio.start());
    const { control } = rig.use(await Station.start({ profile }));

    const problem = await control.until('the problem', ({ problems }) =>
      problems.find(({ code }) => code === 'profile-malformed'),
    );
    expect(problem.sentence).toContain('profile.json');
    expect(control.snapshot.phase).toBe('first-run');
    await expect(control.command('dial', { lineKey: 1, number: '5051' })).rejects.toMatchObject({
      code: 'not-set-up',
    });

    await control.command('connect', { profile: userA(kamailio.port, await portBlock()) });
    await control.registered();
    expect(control.snapshot.problems).toEqual([]);
  });
});

function withStrayKey() {
  const profile = userA(6060, 5060);
  return { ...profile, lineKeys: [...profile.lineKeys, { extension: 7, label: 'stray' }] };
}
