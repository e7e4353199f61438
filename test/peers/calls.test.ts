import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Baresip, type BaresipOptions } from '../support/baresip.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { isAudible, type RtpPacket, streamQuality, streamTo, toneEvents } from '../support/rtp.ts';
import { nameAddr } from '../support/sip-message.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';
import { Station } from '../support/station.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const packetsPerSecond = 50;
const enough = 0.9;

/** A headless station and a foreign phone (5051) on one PBX, and all that passes between them. */
async function twoPhones(answers: BaresipOptions['answers'] = 'auto') {
  const folder = await rig.folder();
  const said = {
    byStation: await speak(sentences.caller, folder, 'station', { muLaw: true }),
    byBaresip: await speak(sentences.callee, folder, 'baresip'),
  };
  const kamailio = rig.use(await Kamailio.start());
  const wire = rig.use(await Wire.start());
  const baresip = rig.use(
    await Baresip.start({ user: '5051', pbxPort: kamailio.port, says: said.byBaresip, answers }),
  );
  const localPort = await portBlock();
  const station = rig.use(
    await Station.start({ profile: userA(kamailio.port, localPort), says: said.byStation }),
  );
  await station.control.registered();
  const longest = Math.max(await secondsOf(said.byStation), await secondsOf(said.byBaresip));
  return { said, wire, baresip, station, control: station.control, localPort, longest };
}

type Phones = Awaited<ReturnType<typeof twoPhones>>;

/** Where the station and baresip want their sound. */
const audioPorts = async ({ wire, localPort, baresip }: Phones) => ({
  station: await wire.audioPortOf(localPort, localPort + 1),
  baresip: await wire.audioPortOf(baresip.port),
});

/** Waits until both have said all they have to say. */
async function conversation(phones: Phones): Promise<void> {
  const { station, baresip } = await audioPorts(phones);
  const packets = (phones.longest + 0.5) * packetsPerSecond;
  await phones.wire.rtpUntil(
    'the whole conversation',
    (seen) => streamTo(seen, station).length > packets && streamTo(seen, baresip).length > packets,
    40_000,
  );
}

/** How well each understood the other; the station's file is complete when it has left. */
async function understood({ station, said, baresip }: Phones, label: string) {
  await station.leave();
  const byBaresip = await intelligibility(said.byStation, await baresip.heard());
  const byStation = await intelligibility(said.byBaresip, station.heard);
  console.log(
    `${label}: STOI station to baresip ${byBaresip.toFixed(3)}, baresip to station ${byStation.toFixed(3)}`,
  );
  return { byBaresip, byStation };
}

describe('calls with a foreign phone through a foreign PBX', () => {
  it('calls, talks, holds, resumes, sends tones and hangs up', async () => {
    const phones = await twoPhones();
    const { control, baresip, wire, localPort } = phones;

    const { call } = await control.command('dial', { lineKey: 1, number: '5051' });
    const active = await control.call('active');
    expect(active).toMatchObject({ id: call, lineKey: 1, direction: 'outgoing', remote: { number: '5051' } });
    expect(active.connectedSince).not.toBeNull();
    await conversation(phones);
    const ports = await audioPorts(phones);

    await control.command('hold', { call });
    await control.key(1, 'local-held');
    const hold = (await wire.sip()).filter(
      ({ from, message }) => from === localPort && message.method === 'INVITE',
    );
    expect(hold.at(-1)?.message.body).toMatch(/^a=(sendonly|inactive)\r$/m);
    const beforeHold = streamTo(await wire.rtp(), ports.station).length;

    await control.command('resume', { call });
    await control.key(1, 'local-active');
    await wire.rtpUntil(
      'sound after the hold',
      (seen) => streamTo(seen, ports.station).length > beforeHold + 25,
    );

    await control.command('sendDtmf', { call, tones: '159#' });
    const tones = await wire.rtpUntil(
      'four tones',
      (seen) => toneEvents(toBaresip(seen, ports.baresip), 101).filter(({ ends }) => ends >= 3).length === 4,
    );
    const events = toneEvents(toBaresip(tones, ports.baresip), 101);
    expect(events.map(({ tone }) => tone).join('')).toBe('159#');
    for (const { ends, duration, marked } of events) {
      expect({ ends, marked }).toEqual({ ends: 3, marked: true });
      expect(duration).toBeGreaterThanOrEqual(800);
    }

    await control.command('hangUp', { call });
    await baresip.until('CALL_CLOSED');
    await control.key(1, 'idle');
    expect(control.snapshot.calls).toEqual([]);

    const quality = streamQuality(toBaresip(await wire.rtp(), ports.baresip));
    console.log('calls: station to baresip', JSON.stringify(quality));
    expect(quality.lost).toBe(0);
    const { byBaresip, byStation } = await understood(phones, 'calls, outgoing');
    expect(byBaresip).toBeGreaterThanOrEqual(enough);
    expect(byStation).toBeGreaterThanOrEqual(enough);
  });

  it.each([
    { number: '5031', key: 1, atRest: 'idle' },
    // A PBX without an appearance agent tells nothing of a shared line.
    { number: '5041', key: 2, atRest: 'remote-undefined' },
  ] as const)(
    'is called on $number, answers on line key $key and is understood',
    async ({ number, key, atRest }) => {
      const phones = await twoPhones();
      const { control, baresip } = phones;

      await baresip.dial(number);
      const ringing = await control.key(key, 'local-ringing');
      expect(ringing.who).toBe('5051');
      const { id, remote, direction } = await control.call('incoming');
      expect({ direction, number: remote.number }).toEqual({ direction: 'incoming', number: '5051' });
      expect(control.snapshot.sound.ring).toBe(id);

      await control.command('answer', { call: id });
      await control.key(key, 'local-active');
      await baresip.until('CALL_ESTABLISHED');
      await conversation(phones);
      await baresip.hangUp();
      await control.until('the call is over', ({ calls }) => calls.length === 0);
      await control.key(key, atRest);

      const { byBaresip, byStation } = await understood(phones, `calls, incoming on ${number}`);
      expect(byBaresip).toBeGreaterThanOrEqual(enough);
      expect(byStation).toBeGreaterThanOrEqual(enough);
    },
  );

  it('calls out on the shared line where no agent grants it', async () => {
    const { control, wire, localPort } = await twoPhones();
    const { call } = await control.command('dial', { lineKey: 2, number: '5051' });
    await control.key(2, 'local-active');
    const invite = await wire.sees('INVITE', ({ from, message }) => {
      return from === localPort + 1 && message.method === 'INVITE';
    });
    expect(nameAddr(invite.message.header('Contact')).user).toBe('5041');
    await control.command('hangUp', { call });
    await control.until('the call is over', ({ calls }) => calls.length === 0);
  });

  it('sends silence while muted', async () => {
    const phones = await twoPhones();
    const { control, wire } = phones;
    const { call } = await control.command('dial', { lineKey: 1, number: '5051' });
    await control.call('active');
    const { baresip } = await audioPorts(phones);
    await wire.rtpUntil(
      'speech',
      (seen) => streamTo(seen, baresip).filter(isAudible).length > packetsPerSecond,
    );

    await control.command('mute', { call, on: true });
    const atMute = Date.now();
    const later = await wire.rtpUntil(
      'a second of the muted call',
      (seen) => streamTo(seen, baresip).filter(({ time }) => time > atMute + 200).length > packetsPerSecond,
    );
    const muted = streamTo(later, baresip).filter(({ time }) => time > atMute + 200);
    expect(muted.filter(isAudible)).toEqual([]);

    await control.command('mute', { call, on: false });
    const atUnmute = Date.now();
    await wire.rtpUntil('speech again', (seen) =>
      streamTo(seen, baresip).some((packet) => packet.time > atUnmute && isAudible(packet)),
    );
  });

  it('is put on hold and taken off it', async () => {
    const { control, baresip } = await twoPhones();
    await control.command('dial', { lineKey: 1, number: '5051' });
    await control.call('active');
    await baresip.hold();
    await control.until('held by the far end', ({ calls }) => calls[0]?.heldByRemote);
    await baresip.resume();
    await control.until('no more', ({ calls }) => calls[0]?.heldByRemote === false);
  });

  it('rejects a call', async () => {
    const { control, baresip, wire } = await twoPhones();
    await baresip.dial('5031');
    const { id } = await control.call('incoming');
    await control.command('reject', { call: id });
    await baresip.until('CALL_CLOSED');
    await wire.sees('the refusal', ({ to, message }) => {
      return (
        to === baresip.port &&
        message.transaction === 'INVITE' &&
        [480, 486, 603].includes(message.status ?? 0)
      );
    });
    await control.key(1, 'idle');
  });

  it('gives up a call that nobody answers', async () => {
    const { control, baresip, wire } = await twoPhones('manual');
    const { call } = await control.command('dial', { lineKey: 1, number: '5051' });
    await control.call('ringing');
    expect(control.snapshot.sound.tone).toBe('ringback');
    await control.command('hangUp', { call });
    await baresip.until('CALL_CLOSED');
    await wire.sees('CANCEL', ({ to, message }) => to === baresip.port && message.method === 'CANCEL');
    await control.key(1, 'idle');
  });

  it('stops ringing when the caller gives up', async () => {
    const { control, baresip } = await twoPhones();
    await baresip.dial('5031');
    await control.call('incoming');
    await baresip.hangUp();
    await control.key(1, 'idle');
    expect(control.snapshot.sound.ring).toBeNull();
  });

  it.each([
    { number: '5099', code: 'not-found' },
    { number: '5061', code: 'not-found' },
  ])('explains why $number was not reached', async ({ number, code }) => {
    const { control } = await twoPhones();
    await control.command('dial', { lineKey: 1, number });
    const notice = await control.until('a notice', ({ notices }) =>
      notices.find((each) => each.code === code),
    );
    expect(notice.sentence).toMatch(/\.$/);
    await control.key(1, 'idle');
  });
});

const toBaresip = (packets: readonly RtpPacket[], port: number): RtpPacket[] =>
  packets.filter(({ to }) => to === port);
