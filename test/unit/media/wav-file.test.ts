import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MulawRecorder, readMulawFile } from '../../../electron/media/wav-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'partyline-wav-'));
afterAll(() => rmSync(folder, { recursive: true }));

const chunk = (name: string, body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(name), length, body, Buffer.alloc(body.length % 2)]);
};
const format = (tag: number, channels: number, rate: number) => {
  const body = Buffer.alloc(18);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  return chunk('fmt ', body);
};
function wav(...chunks: Buffer[]): string {
  const path = join(folder, 'in.wav');
  const body = Buffer.concat(chunks);
  writeFileSync(path, Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), body]));
  return path;
}
const sound = Buffer.from([1, 2, 3]);

describe('reading a mu-law WAV file', () => {
  it('finds the samples among other chunks, odd ones padded', () => {
    const path = wav(
      chunk('LIST', Buffer.alloc(5)),
      format(7, 1, 8000),
      chunk('fact', Buffer.alloc(4)),
      chunk('data', sound),
    );
    expect(readMulawFile(path)).toEqual(sound);
  });

  it('reads a recording that was cut off, as far as it goes', () => {
    const path = wav(format(7, 1, 8000), chunk('data', Buffer.alloc(100, 5)).subarray(0, 58));
    expect(readMulawFile(path)).toEqual(Buffer.alloc(50, 5));
  });

  it.each([
    ['PCM', [format(1, 1, 8000), chunk('data', sound)], /format 1, 1 channel\(s\), 8000 Hz/],
    ['stereo', [format(7, 2, 8000), chunk('data', sound)], /2 channel/],
    ['16 kHz', [format(7, 1, 16000), chunk('data', sound)], /16000 Hz/],
    ['no data', [format(7, 1, 8000)], /without sound/],
    ['a short format', [chunk('fmt ', Buffer.alloc(4)), chunk('data', sound)], /without sound/],
  ])('says what is wrong with %s, and how to mend it', (_, chunks, sentence) => {
    const path = wav(...chunks);
    expect(() => readMulawFile(path)).toThrow(sentence);
    expect(() => readMulawFile(path)).toThrow(/sox IN\.wav/);
  });

  it('says so when the file is none, or not there', () => {
    const text = join(folder, 'text.wav');
    writeFileSync(text, 'hello');
    expect(() => readMulawFile(text)).toThrow(/text\.wav is not a WAV file/);
    expect(() => readMulawFile(join(folder, 'nowhere.wav'))).toThrow(/cannot be read.*nowhere\.wav/);
  });
});

describe('recording a mu-law WAV file', () => {
  it('writes what can be read back, silence where nothing was written, late packets in their place', () => {
    const path = join(folder, 'out.wav');
    const recorder = new MulawRecorder(path);
    recorder.write(0, Buffer.from([1, 2]));
    recorder.write(6, Buffer.from([7, 8, 9]));
    recorder.write(4, Buffer.from([5]));
    recorder.write(-3, Buffer.from([0]));
    recorder.close();
    expect(readMulawFile(path)).toEqual(Buffer.from([1, 2, 0xff, 0xff, 5, 0xff, 7, 8, 9]));
    expect(readFileSync(path).length % 2).toBe(0);
  });

  it('can be played while it is being written', () => {
    const path = join(folder, 'live.wav');
    const recorder = new MulawRecorder(path);
    for (let position = 0; position < 8000; position += 160) recorder.write(position, Buffer.alloc(160, 3));
    expect(readMulawFile(path).length).toBeGreaterThanOrEqual(4000);
    recorder.close();
    expect(readMulawFile(path)).toEqual(Buffer.alloc(8000, 3));
  });

  it('says so where it cannot write', () => {
    expect(() => new MulawRecorder(join(folder, 'no', 'such.wav'))).toThrow(/recording cannot be written/);
  });
});
