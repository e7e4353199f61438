import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silence } from '../../electron/media/codecs/g711.ts';
import { createFileMedia, type FileMediaOptions } from '../../electron/media/file-media.ts';
import { MulawRecorder, readMulawFile } from '../../electron/media/wav-file.ts';
import type { MediaPort, PlainLegParams } from '../../electron/phone/ports.ts';
import { FarEnd, until } from './media-window.ts';

let folder: string;
let farEnd: FarEnd;
let media: MediaPort;

const params = (over: Partial<PlainLegParams> = {}): PlainLegParams => ({
  remote: { address: '127.0.0.1', port: farEnd.port },
  codec: { name: 'PCMU', payloadType: 0 },
  dtmfPayloadType: 101,
  ptime: 20,
  direction: 'sendrecv',
  ...over,
});

async function station(options: FileMediaOptions): Promise<MediaPort> {
  media = createFileMedia({ portRange: [22400, 22599], ...options });
  return media;
}

/** Half a second of sound whose samples count up, so that any slip shows. */
const sound = Buffer.from(Array.from({ length: 4000 }, (_, index) => 0x80 + (index % 100)));

function wavOf(name: string, samples: Buffer): string {
  const path = join(folder, name);
  const recorder = new MulawRecorder(path);
  recorder.write(0, samples);
  recorder.close();
  return path;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partyline-files-'));
  farEnd = await FarEnd.open(22320);
});

afterEach(async () => {
  farEnd.close();
  await media.close();
  await rm(folder, { recursive: true });
});

const soundHeard = () => Buffer.concat(farEnd.heard.map(({ payload }) => payload));

describe('a station whose sound is in files', () => {
  it('plays its file from the beginning, then silence', async () => {
    await station({ audioIn: wavOf('in.wav', sound) });
    await media.allocate('c1', '127.0.0.1');
    await media.configure('c1', params());
    await until(() => (soundHeard().length >= 4800 ? true : undefined));
    expect(soundHeard().subarray(0, 4000)).toEqual(sound);
    expect(soundHeard().subarray(4000, 4800)).toEqual(silence(800));
  });

  it('plays it again and again when asked to, and for each call the file that was chosen', async () => {
    const files: Record<string, string> = { c1: wavOf('one.wav', sound.subarray(0, 160)) };
    await station({ audioIn: (call) => files[call] ?? null, loop: true });
    await media.allocate('c1', '127.0.0.1');
    await media.configure('c1', params());
    await until(() => (soundHeard().length >= 800 ? true : undefined));
    expect(soundHeard().subarray(640, 800)).toEqual(sound.subarray(0, 160));

    const other = await FarEnd.open(22322);
    await media.allocate('c2', '127.0.0.1');
    await media.configure('c2', params({ remote: { address: '127.0.0.1', port: other.port } }));
    expect((await other.hears(() => true)).payload).toEqual(silence(160));
    other.close();
  });

  it('writes down what it hears, a long loss as silence, and each call into a file of its own', async () => {
    const audioOut = join(folder, 'out.wav');
    await station({ audioOut });
    for (const [call, name] of [
      ['c1', 'out.wav'],
      ['c2', 'out-2.wav'],
    ] as const) {
      const { rtpPort } = await media.allocate(call, '127.0.0.1');
      await media.configure(call, params());
      const packets = [0, 160, 320, 480, 640, 800].map((start) =>
        farEnd.packet(0, sound.subarray(start, start + 160)),
      );
      for (const [index, packet] of packets.entries())
        if (index < 1 || index > 4) farEnd.send(packet, rtpPort);
      await until(() => (readMulawFile(join(folder, name)).length === 0 ? true : undefined));
      await farEnd.hears(() => true);
      media.release(call);
      const recorded = await until(() => {
        const samples = readMulawFile(join(folder, name));
        return samples.length === 960 ? samples : undefined;
      });
      expect(recorded.subarray(0, 160)).toEqual(sound.subarray(0, 160));
      expect(recorded.subarray(160, 800)).toEqual(silence(640));
      expect(recorded.subarray(800)).toEqual(sound.subarray(800, 960));
    }
  });

  it('sends back what it hears as an echo, in the law of the far end', async () => {
    await station({ echo: true });
    const { rtpPort } = await media.allocate('c1', '127.0.0.1');
    await media.configure('c1', params({ codec: { name: 'PCMA', payloadType: 8 } }));
    farEnd.speak(0xb2, 8, rtpPort);
    const packet = await farEnd.hears(({ payload }) => payload[0] === 0xb2);
    expect(packet.payloadType).toBe(8);
  });

  it('has no window and says so; refuses a file that is no mu-law', async () => {
    await station({});
    await media.allocate('c1', '127.0.0.1');
    await expect(media.attachWeb('c1', 'v=0')).rejects.toThrow(/no window/);
    expect(() => createFileMedia({ audioIn: join(folder, 'absent.wav') })).toThrow(/cannot be read/);
    const unwritable = createFileMedia({
      audioOut: join(folder, 'no', 'out.wav'),
      portRange: [22600, 22601],
    });
    await expect(unwritable.allocate('c1', '127.0.0.1')).rejects.toThrow(/cannot be written/);
  });
});
