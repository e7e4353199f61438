import { createSocket } from 'node:dgram';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { Baresip, type BaresipOptions } from '../support/baresip.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { isRtp, streamTo } from '../support/rtp.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Station } from '../support/station.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const enough = 0.9;
const packetsPerSecond = 50;
/** Of G.711 and 20 ms with a tag of 80 bits. */
const encryptedLength = 160 + 10;

type Srtp = NonNullable<ProfileInput['calls']>['srtp'];

async function twoPhones(srtp: Srtp, encrypts: BaresipOptions['encrypts']) {
  const folder = await rig.folder();
  const said = {
    byStation: await speak(sentences.caller, folder, 'station', { muLaw: true }),
    byBaresip: await speak(sentences.callee, folder, 'baresip'),
  };
  const kamailio = rig.use(await Kamailio.start());
  const wire = rig.use(await Wire.start());
  const pbxPort = kamailio.port;
  const baresip = rig.use(
    await Baresip.start({ user: '5051', pbxPort, says: said.byBaresip, ...(encrypts && { encrypts }) }),
  );
  const localPort = await portBlock();
  const profile = { ...userA(pbxPort, localPort), calls: { codecs: ['PCMU' as const], srtp } };
  const station = rig.use(await Station.start({ profile, says: said.byStation }));
  await station.control.registered();
  const longest = Math.max(await secondsOf(said.byStation), await secondsOf(said.byBaresip));
  return { said, wire, baresip, station, control: station.control, localPort, longest };
}

type Phones = Awaited<ReturnType<typeof twoPhones>>;

/** Waits until both have said all, ends the call, and tells how well each understood the other. */
async function talk({ said, wire, baresip, station, localPort, longest }: Phones) {
  const ports = {
    station: await wire.audioPortOf(localPort, localPort + 1),
    baresip: await wire.audioPortOf(baresip.port),
  };
  const packets = await wire.rtpUntil(
    'the whole conversation',
    (seen) =>
      [ports.station, ports.baresip].every(
        (port) => streamTo(seen, port).length > (longest + 0.5) * packetsPerSecond,
      ),
    40_000,
  );
  await baresip.hangUp();
  await baresip.until('CALL_CLOSED');
  await station.leave();
  const lengths = [ports.station, ports.baresip].map((port) => [
    ...new Set(streamTo(packets, port).map(({ payload }) => payload.length)),
  ]);
  return {
    lengths,
    byBaresip: await intelligibility(said.byStation, await baresip.heard()),
    byStation: await intelligibility(said.byBaresip, station.heard),
  };
}

async function keysOnTheWire({ wire }: Phones) {
  const bodies = (await wire.sip()).map(({ message }) => message.body);
  return {
    protocols: new Set(bodies.flatMap((body) => /^m=audio \d+ (\S+)/m.exec(body)?.[1] ?? [])),
    keys: bodies.flatMap((body) => body.match(/inline:\S+/g) ?? []).map((key) => key.slice('inline:'.length)),
  };
}

const forged = 50;

/** One bit of its sound is another. */
function tampered(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt8(copy.readUInt8(20) ^ 1, 20);
  return copy;
}

/** With a number that has not been: what it takes to be heard, were it not for the tag. */
function renumbered(packet: Buffer): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE((copy.readUInt16BE(2) + 5_000) & 0xffff, 2);
  return copy;
}

/** From the far end's address; whose port it is does not matter to encrypted sound, which is judged before. */
async function inject(port: number, packets: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const packet of packets) {
    await new Promise((sent) => socket.send(packet, port, loopback, sent));
  }
  socket.close();
}

describe('encrypted calls with a foreign phone', () => {
  it.each([
    ['optional', 'srtp', 'RTP/AVP'],
    ['required', 'srtp-mand', 'RTP/SAVP'],
  ] as const)('%s, %s: called by us, both understand each other', async (srtp, encrypts, protocol) => {
    const phones = await twoPhones(srtp, encrypts);
    await phones.control.command('dial', { lineKey: 1, number: '5051' });
    await phones.control.call('active');
    const { lengths, byBaresip, byStation } = await talk(phones);
    console.log(
      `SRTP ${srtp}, outgoing: STOI to baresip ${byBaresip.toFixed(3)}, from ${byStation.toFixed(3)}`,
    );
    expect((await keysOnTheWire(phones)).protocols).toEqual(new Set([protocol]));
    expect(lengths).toEqual([[encryptedLength], [encryptedLength]]);
    expect(byBaresip).toBeGreaterThanOrEqual(enough);
    expect(byStation).toBeGreaterThanOrEqual(enough);
    // Its first RTCP packet leaves before it has our key.
    expect(phones.station.child.output).not.toMatch(/"foreign":([2-9]|1\d)|"replayed":[1-9]/);
    for (const key of (await keysOnTheWire(phones)).keys)
      expect(phones.station.child.output).not.toContain(key);
  });

  it.each([
    ['optional', 'srtp'],
    ['optional', 'srtp-mand'],
    ['required', 'srtp-mand'],
    ['optional', 'srtp-mandf'],
    ['required', 'srtp-mandf'],
  ] as const)('%s, %s: calls us, held and resumed in between', async (srtp, encrypts) => {
    const phones = await twoPhones(srtp, encrypts);
    const { control, baresip } = phones;
    await baresip.dial('5031');
    const { id: call } = await control.call('incoming');
    await control.command('answer', { call });
    await control.key(1, 'local-active');
    await control.command('hold', { call });
    await control.key(1, 'local-held');
    await control.command('resume', { call });
    await control.key(1, 'local-active');
    const { trace } = { trace: await control.command('trace', {}) };
    const { lengths, byStation } = await talk(phones);
    expect(lengths).toEqual([[encryptedLength], [encryptedLength]]);
    expect(byStation).toBeGreaterThanOrEqual(0.8);
    const { protocols } = await keysOnTheWire(phones);
    if (encrypts === 'srtp-mandf') expect(protocols).toEqual(new Set(['RTP/SAVPF']));
    const told = JSON.stringify(trace);
    expect(told).toContain('inline:');
    for (const key of (await keysOnTheWire(phones)).keys) expect(told).not.toContain(key);
  });

  it('drops its packets when they come again or were tampered with, and hears the rest', async () => {
    const phones = await twoPhones('required', 'srtp-mand');
    const { control, wire, localPort, station } = phones;
    await control.command('dial', { lineKey: 1, number: '5051' });
    await control.call('active');
    const audio = await wire.audioPortOf(localPort, localPort + 1);
    await wire.rtpUntil('two seconds', (seen) => streamTo(seen, audio).length > 2 * packetsPerSecond);
    const genuine = wire.datagrams.filter(({ to, payload }) => to === audio && isRtp(payload)).slice(-forged);
    await inject(audio, [
      ...genuine.map(({ payload }) => payload),
      ...genuine.map(({ payload }) => tampered(payload)),
      ...genuine.map(({ payload }) => renumbered(payload)),
    ]);
    const { byBaresip, byStation } = await talk(phones);
    const told = [...station.child.output.matchAll(/"foreign":(\d+),"replayed":(\d+)/g)].at(-1) ?? [];
    const [foreign, replayed] = told.slice(1).map(Number);
    console.log(
      `SRTP, ${forged} packets replayed, ${forged} tampered with, ${forged} renumbered: dropped as replayed ${replayed}, ` +
        `as foreign ${foreign}; STOI to baresip ${byBaresip.toFixed(3)}, from ${byStation.toFixed(3)}`,
    );
    // What was tampered with keeps its number, which has been: it is dropped for that.
    expect(replayed).toBe(2 * forged);
    // Its first RTCP packet leaves before it has our key.
    expect([forged, forged + 1]).toContain(foreign);
    expect(byBaresip).toBeGreaterThanOrEqual(enough);
    expect(byStation).toBeGreaterThanOrEqual(enough);
  });

  it('goes plain with a phone that has no keys where that may be, and not where it may not', async () => {
    const plain = await twoPhones('optional', undefined);
    await plain.control.command('dial', { lineKey: 1, number: '5051' });
    await plain.control.call('active');
    const { lengths, byBaresip } = await talk(plain);
    expect(lengths).toEqual([[160], [160]]);
    expect(byBaresip).toBeGreaterThanOrEqual(enough);
  });

  it('does not talk to one without keys where encryption is required', async () => {
    const { control, baresip } = await twoPhones('required', undefined);
    await baresip.dial('5031');
    const closed = await baresip.until('CALL_CLOSED');
    expect(closed.param).toMatch(/488/);
    // It is refused before it rings: nobody could have answered it.
    expect(control.snapshot.history).toEqual([]);
    await control.command('dial', { lineKey: 1, number: '5051' });
    const notice = await control.until('a notice', ({ notices }) => notices.at(-1));
    expect(notice.sentence).toMatch(/\.$/);
    await control.key(1, 'idle');
  });
});
