import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { samplesPerMs, silence } from './codecs/g711.ts';

/** WAV files (RIFF) of G.711 mu-law, 8 kHz, one channel: the sound of a station without a window, as it is on the wire. */

/** WAVE_FORMAT_MULAW (RFC 2361, A.4). */
const mulaw = 7;
const sampleRate = 8000;
const preamble = 12;
/** RIFF, an 18-octet `fmt ` with an empty extension, `fact` and the head of `data`. */
const headerLength = 58;

/**
 * The samples of a file.
 * @throws Error with a sentence that says what is wrong and how to make a good one.
 */
export function readMulawFile(path: string): Buffer {
  const file = read(path);
  const name = basename(path);
  if (
    file.length < preamble ||
    file.toString('latin1', 0, 4) !== 'RIFF' ||
    file.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    throw new Error(`${name} is not a WAV file. ${recipe}`);
  }
  const chunks = chunksOf(file);
  const format = chunks.get('fmt ');
  const data = chunks.get('data');
  if (!format || format.length < 16 || !data)
    throw new Error(`${name} is a WAV file without sound. ${recipe}`);

  const [tag, channels, rate] = [format.readUInt16LE(0), format.readUInt16LE(2), format.readUInt32LE(4)];
  if (tag !== mulaw || channels !== 1 || rate !== sampleRate) {
    throw new Error(
      `${name} has format ${tag}, ${channels} channel(s), ${rate} Hz, not 8000 Hz mu-law mono. ${recipe}`,
    );
  }
  return data;
}

const recipe = 'Make one with: sox IN.wav -r 8000 -c 1 -e mu-law OUT.wav';

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`The sound file cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** The chunks by name; a length beyond the end of the file (a recording that was cut off) is cut. */
function chunksOf(file: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let start = preamble; start + 8 <= file.length; ) {
    const length = file.readUInt32LE(start + 4);
    chunks.set(file.toString('latin1', start, start + 4), file.subarray(start + 8, start + 8 + length));
    start += 8 + length + (length % 2);
  }
  return chunks;
}

function header(samples: number): Buffer {
  const buffer = Buffer.alloc(headerLength);
  buffer.write('RIFF', 0, 'latin1');
  buffer.writeUInt32LE(headerLength - 8 + samples + (samples % 2), 4);
  buffer.write('WAVEfmt ', 8, 'latin1');
  buffer.writeUInt32LE(18, 16);
  buffer.writeUInt16LE(mulaw, 20);
  buffer.writeUInt16LE(1, 22);
  buffer.writeUInt32LE(sampleRate, 24);
  buffer.writeUInt32LE(sampleRate, 28);
  buffer.writeUInt16LE(1, 32);
  buffer.writeUInt16LE(8, 34);
  buffer.write('fact', 38, 'latin1');
  buffer.writeUInt32LE(4, 42);
  buffer.writeUInt32LE(samples, 46);
  buffer.write('data', 50, 'latin1');
  buffer.writeUInt32LE(samples, 54);
  return buffer;
}

/** The header is brought up to date whenever so much was written, so that the file can always be played. */
const headerEvery = 500 * samplesPerMs;

/** Writes a mu-law WAV file sample by sample; what was never written is silence. */
export class MulawRecorder {
  readonly #file: number;
  #samples = 0;
  #headerAt = 0;

  /** Replaces the file. @throws Error with a sentence when it cannot be written. */
  constructor(path: string) {
    try {
      this.#file = openSync(path, 'w');
      writeSync(this.#file, header(0), 0, headerLength, 0);
    } catch (error) {
      throw new Error(`The recording cannot be written: ${error instanceof Error ? error.message : error}`);
    }
  }

  get samples(): number {
    return this.#samples;
  }

  /** Puts audio at its place, counted in samples from the beginning. */
  write(position: number, audio: Buffer): void {
    if (position < 0) return;
    if (position > this.#samples) this.#put(this.#samples, silence(position - this.#samples));
    this.#put(position, audio);
    if (this.#samples - this.#headerAt >= headerEvery) this.#writeHeader();
  }

  close(): void {
    this.#writeHeader();
    // The data chunk is padded to an even length (RIFF).
    ftruncateSync(this.#file, headerLength + this.#samples + (this.#samples % 2));
    closeSync(this.#file);
  }

  #put(position: number, audio: Buffer): void {
    writeSync(this.#file, audio, 0, audio.length, headerLength + position);
    this.#samples = Math.max(this.#samples, position + audio.length);
  }

  #writeHeader(): void {
    writeSync(this.#file, header(this.#samples), 0, headerLength, 0);
    this.#headerAt = this.#samples;
  }
}
