import { afterAll, describe, expect, it } from 'vitest';
import { bestLag } from '../support/fourier.ts';
import { baresipPhone, type MeasuredPhone, ourPhone } from '../support/measured-phone.ts';
import type { Impairment } from '../support/measuring-end.ts';
import { pause } from '../support/pause.ts';
import { type MakePhone, onBench, type PhoneBench } from '../support/phone-bench.ts';
import { earRate } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { isRtp, type RtpPacket, rtpPacket } from '../support/rtp.ts';
import { endlessSpeech, sentences, speak } from '../support/speech.ts';
import { understanding } from '../support/understanding.ts';
import { Wire } from '../support/wire.ts';

/** What one phone measured, by the name of the measure. */
type Figures = Map<string, number>;
const figures = { ours: new Map() as Figures, theirs: new Map() as Figures };
const rig = new Rig();
afterAll(async () => {
  const rows = [...figures.ours].map(([measure, ours]) => {
    const baresip = figures.theirs.get(measure);
    return {
      measure,
      ours: round(ours),
      baresip: baresip === undefined ? '' : round(baresip),
      ratio: baresip === undefined ? '' : round(ours / baresip),
    };
  });
  console.table(rows);
  await rig.stop();
});

const round = (value: number): number => Number(value.toPrecision(3));
const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN;
const median = (values: readonly number[]): number => percentile(values, 0.5);

interface Bench extends PhoneBench {
  readonly into: Figures;
}

function both(
  name: string,
  measure: (bench: Bench) => Promise<void>,
  baresip: Parameters<typeof baresipPhone>[3] = {},
): void {
  const theirPhone: MakePhone = (...on) => baresipPhone(...on, baresip);
  describe(name, () => {
    it('Partyline', () => onBench(ourPhone, (bench) => measure({ ...bench, into: figures.ours })));
    it('baresip', () => onBench(theirPhone, (bench) => measure({ ...bench, into: figures.theirs })));
  });
}

both('call set-up', async ({ phone, far, into }) => {
  const [toInvite, toAudio]: [number[], number[]] = [[], []];
  for (let round = 0; round < 6; round += 1) {
    const coming = far.answerCall();
    const pressed = await phone.dial();
    toInvite.push((await coming) - pressed);
    while (far.heardAt.length === 0) await pause(5);
    toAudio.push((far.heardAt[0] ?? Number.NaN) - far.answeredAt);
    await pause(300);
    await phone.hangUp();
    await pause(300);
  }
  into.set('press to INVITE, ms', median(toInvite));
  into.set('answer to first sound sent, ms', median(toAudio));
});

both('ringing', async ({ phone, far, pulse, into }) => {
  const ear = phone.name === 'baresip' ? null : pulse.listen();
  const [told, heard]: [number[], number[]] = [[], []];
  for (let round = 0; round < 4; round += 1) {
    const { sent, ringing } = await far.call(phone.port, phone.user);
    told.push(ringing - sent);
    if (ear) heard.push((await ear.soundAfter(sent)) - sent);
    far.cancel();
    await pause(1500);
  }
  into.set('INVITE to 180, ms', median(told));
  if (ear) into.set('INVITE to ring heard at the speaker, ms', median(heard));
});

both('mouth to ear', async ({ phone, far, pulse, folder, into }) => {
  far.echo();
  const coming = far.answerCall();
  await phone.dial();
  await coming;
  const [mouth, ear] = [await pulse.takeDown('microphone'), await pulse.takeDown('speaker')];
  // Once for the jitter buffer to find its length.
  const says = await speak(sentences.caller, folder, 'mouth', { rate: 48_000, lead: 0.2 });
  await pulse.speak(says);
  const from = Date.now() - 200;
  await pulse.speak(says);
  await pause(1000);
  const [said, heard] = [mouth.since(from), ear.since(from)];
  into.set('mouth to ear and back by an echo, ms', (1000 * bestLag(said, heard)) / earRate);
  await phone.hangUp();
});

/** Per cent of a core over ten seconds, once all has settled. */
async function perCent(phone: MeasuredPhone): Promise<number> {
  await pause(2000);
  const [began, used] = [performance.now(), phone.cpu()];
  await pause(10_000);
  return (100 * 1000 * (phone.cpu() - used)) / (performance.now() - began);
}

const talk = async ({ pulse, folder, far }: Bench): Promise<void> => {
  far.echo();
  rig.use(pulse.play(await endlessSpeech(sentences.caller, folder, 'talk', { rate: 48_000 })));
};

both('processor time', async (bench) => {
  const { phone, far, into } = bench;
  await talk(bench);
  into.set('idle, % of a core', await perCent(phone));
  for (let calls = 1; calls <= 6; calls += 1) {
    const coming = far.answerCall();
    await phone.dial();
    await coming;
    if (calls === 1) into.set('in one call (PCMU), % of a core', await perCent(phone));
    await pause(500);
  }
  into.set('one call and five on hold, % of a core', await perCent(phone));
  await phone.hangUp();
});

// Ours takes noise and echo out of the microphone as it comes: so the other does what it can of that.
both(
  'processor time for the same work: Opus, a clean microphone',
  async (bench) => {
    const { phone, far, into } = bench;
    far.codec = 'opus';
    await talk(bench);
    const coming = far.answerCall();
    await phone.dial();
    await coming;
    into.set('in one call (Opus, clean microphone), % of a core', await perCent(phone));
    await phone.hangUp();
  },
  { codec: 'opus', cleans: true },
);

describe('the relay', () => {
  it('passes packets on', () =>
    onBench(ourPhone, async ({ phone, far, pulse, folder }) => {
      const wire = rig.use(await Wire.start('udp'));
      far.echo();
      rig.use(pulse.play(await endlessSpeech(sentences.caller, folder, 'talk', { rate: 48_000 })));
      const coming = far.answerCall();
      await phone.dial();
      await coming;
      await pause(12_000);
      await phone.hangUp();
      await wire.rtp();
      const rtp = wire.datagrams.filter(({ payload }) => isRtp(payload)).map(rtpPacket);
      const out = rtp.filter(({ to }) => to === far.rtpPort);
      const inbound = rtp.filter(({ from, to }) => from === far.rtpPort && to === out[0]?.from);
      const web = wire.datagrams.find(({ payload }) => isBindingRequest(payload))?.to;
      const fromWindow = rtp.filter(({ to }) => to === web);
      const toWindow = rtp.filter(({ from }) => from === web);
      // Whatever comes before DTLS is up has no way to the window.
      const up = toWindow[0]?.time ?? Number.NaN;
      figures.ours.set(
        'first packet of the far end to the leg being up, ms',
        up - (inbound[0]?.time ?? Number.NaN),
      );
      const toPlain = latencies(fromWindow, out);
      figures.ours.set('relay, window to wire p50, ms', percentile(toPlain, 0.5));
      figures.ours.set('relay, window to wire p99, ms', percentile(toPlain, 0.99));
      const toWeb = latencies(
        inbound.filter(({ time }) => time >= up - 1),
        toWindow,
      );
      figures.ours.set('relay, wire to window p50, ms', percentile(toWeb, 0.5));
      figures.ours.set('relay, wire to window p99, ms', percentile(toWeb, 0.99));
      expect(toPlain.length).toBeGreaterThan(300);
    }));
});

/** Only the window sends these: the relay is ICE-lite (RFC 8445, 2.5; RFC 8489, 5). */
const isBindingRequest = (payload: Buffer): boolean =>
  payload.length >= 20 && payload.readUInt16BE(0) === 1 && payload.readUInt32BE(4) === 0x2112_a442;

/**
 * Of each packet that comes in, how long until it leaves, in ms. The relay numbers anew, but one for one: the distance
 * stays, until a packet of its own (silence, while nothing came) makes it one more.
 */
function latencies(incoming: readonly RtpPacket[], outgoing: readonly RtpPacket[]): number[] {
  const bySequence = new Map(outgoing.map((packet) => [packet.sequence, packet]));
  let distance = 0;
  return incoming.flatMap(({ time, sequence }) => {
    const follows = bySequence.get((sequence + distance) & 0xffff);
    const same = follows && follows.time > time ? follows : outgoing.find((packet) => packet.time > time);
    if (!same) return [];
    distance = (same.sequence - sequence) & 0xffff;
    return [same.time - time];
  });
}

const networks = [0, 0.05, 0.1].flatMap((loss) => [0, 40].map((jitterMs) => ({ loss, jitterMs })));
const channels = [
  ...networks.map((network) => ({ codec: 'PCMU' as const, ...network })),
  ...(['G722', 'opus'] as const).map((codec) => ({ codec, loss: 0.05, jitterMs: 40 })),
  { codec: 'PCMU' as const, loss: 0.05, jitterMs: 40, overtaken: 0.02 },
  { codec: 'PCMU' as const, loss: 0.05, jitterMs: 40, doubled: 0.03 },
  { codec: 'PCMU' as const, loss: 0.05, jitterMs: 0, runs: [3, 6] as const },
];

for (const { codec, ...network } of channels) {
  const { loss, jitterMs, runs = [1, 1], overtaken = 0, doubled = 0 }: Impairment = network;
  const measure =
    `intelligibility (STOI), ${codec}, ${100 * loss} % loss in runs of ${runs.join('-')}, ${jitterMs} ms jitter, ` +
    `${100 * overtaken} % overtaken, ${100 * doubled} % doubled`;
  both(
    measure,
    async (bench) => {
      bench.far.codec = codec;
      const heard: number[] = [];
      for (const seed of [2026, 5061, 4733]) heard.push((await understanding(bench, network, seed)).stoi);
      bench.into.set(measure, heard.reduce((sum, stoi) => sum + stoi) / heard.length);
    },
    { codec },
  );
}
