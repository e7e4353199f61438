import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { createFileMedia } from '../../electron/media/file-media.ts';
import type { MediaEvent, MediaPort } from '../../electron/phone/ports.ts';
import { run } from '../support/child.ts';
import { intelligibility } from '../support/intelligibility.ts';
import { loopback } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { secondsOf, sentences, speak } from '../support/speech.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const params = {
  codec: { name: 'PCMU', payloadType: 0 },
  dtmfPayloadType: 101,
  ptime: 20,
  direction: 'sendrecv',
} as const;

function speaker(audioIn: string): MediaPort {
  const media = createFileMedia({ audioIn, portRange: [26_400, 26_499] });
  rig.use({ stop: () => media.close() });
  return media;
}

const told = (media: MediaPort, type: MediaEvent['type']) =>
  new Promise<MediaEvent>((resolve) => media.on((event) => event.type === type && resolve(event)));

it('a recording of two who talk is as good to understand as what they said', async () => {
  const folder = await rig.folder();
  const said = {
    here: await speak(sentences.caller, folder, 'here', { muLaw: true, lead: 1 }),
    there: await speak(sentences.callee, folder, 'there', { muLaw: true, lead: 1 }),
  };
  const [here, there] = [speaker(said.here), speaker(said.there)];
  const ports = [await here.allocate('call', loopback), await there.allocate('call', loopback)] as const;
  const recording = told(here, 'recording');
  here.record('call', { file: join(folder, 'Call.wav'), tone: false });
  await recording;
  const heard = told(here, 'first-rtp');
  await Promise.all([
    here.configure('call', { ...params, remote: { address: loopback, port: ports[1].rtpPort } }),
    there.configure('call', { ...params, remote: { address: loopback, port: ports[0].rtpPort } }),
  ]);
  await heard;
  const seconds = Math.max(await secondsOf(said.here), await secondsOf(said.there)) + 0.5;
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  here.release('call');
  await here.close();

  const channel = async (number: 1 | 2) => {
    const file = join(folder, `channel${number}.wav`);
    await run('sox', [join(folder, 'Call.wav'), file, 'remix', `${number}`]);
    return file;
  };
  const [left, right] = [
    await intelligibility(said.here, await channel(1)),
    await intelligibility(said.there, await channel(2)),
  ];
  console.log(`recording: STOI our user ${left.toFixed(3)}, far end ${right.toFixed(3)}`);
  expect(left).toBeGreaterThanOrEqual(0.95);
  expect(right).toBeGreaterThanOrEqual(0.95);
});
