import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, format, join, parse } from 'node:path';
import type { RecordingTrouble } from '../../contract/reasons.ts';
import type { Rate } from '../codecs/codec.ts';

/** A WAV file (RIFF) that grows: two channels of linear PCM, 8 or 16 kHz, 16 bits. */

const channels = 2;
const octets = 2;
const headerLength = 44;
/** WAVE_FORMAT_PCM (RFC 2361, A.1). */
const pcm = 1;
/** So many milliseconds are gathered and then written, and the header after them: more is never lost. */
const pieceMs = 500;
/** A disk that is so many pieces behind does not keep up. */
const maxBehind = 60;
const maxNumber = 999;

/** What a name may not hold on one system or another. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are some of it
const unfit = /[<>:"/\\|?*\u0000-\u001f]/g;
const longestName = 120;

/** The file of a recording that is to have this name; it stays in the folder, whatever a caller is called. */
export function recordingPath(folder: string, name: string): string {
  const bare = name
    .replace(/\.wav$/i, '')
    .replace(unfit, '-')
    .slice(0, longestName);
  const fit = bare.replace(/^[. ]+|[. ]+$/g, '');
  return join(folder, `${fit || 'Recording'}.wav`);
}

export function recordingHeader(dataLength: number, rate: Rate): Buffer {
  const sampleRate = 1000 * rate;
  const header = Buffer.alloc(headerLength);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(headerLength - 8 + dataLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(pcm, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * octets, 28);
  header.writeUInt16LE(channels * octets, 32);
  header.writeUInt16LE(8 * octets, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataLength, 40);
  return header;
}

/** It cannot be written; `message` is as the system has it. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';

  constructor(
    readonly trouble: RecordingTrouble,
    message: string,
  ) {
    super(message);
  }
}

export class RecordingFile {
  readonly path: string;
  readonly rate: Rate;
  readonly #handle: FileHandle;
  readonly #onFailed: (error: RecordingError) => void;
  readonly #pieceLength: number;
  #piece: Buffer;
  #filled = 0;
  #written = 0;
  #behind = 0;
  #failed = false;
  #writing = Promise.resolve();

  /**
   * Opens a new file, which only its owner can read: `wanted`, or where that is there already, the same with a number.
   * `onFailed`: it can no longer be written, and is closed; once.
   * @throws RecordingError
   */
  static async open(
    wanted: string,
    rate: Rate,
    onFailed: (error: RecordingError) => void,
  ): Promise<RecordingFile> {
    try {
      await mkdir(dirname(wanted), { recursive: true, mode: 0o700 });
      const { path, handle } = await create(wanted);
      await handle.write(recordingHeader(0, rate), 0, headerLength, 0);
      return new RecordingFile(path, handle, rate, onFailed);
    } catch (error) {
      throw recordingError(error);
    }
  }

  private constructor(
    path: string,
    handle: FileHandle,
    rate: Rate,
    onFailed: (error: RecordingError) => void,
  ) {
    this.path = path;
    this.rate = rate;
    this.#handle = handle;
    this.#pieceLength = pieceMs * rate * channels * octets;
    this.#piece = Buffer.allocUnsafe(this.#pieceLength);
    this.#onFailed = onFailed;
  }

  /** As many samples of each. */
  append(left: Int16Array, right: Int16Array): void {
    for (let index = 0; index < left.length; index += 1) {
      this.#filled = this.#piece.writeInt16LE(left[index] ?? 0, this.#filled);
      this.#filled = this.#piece.writeInt16LE(right[index] ?? 0, this.#filled);
      if (this.#filled === this.#pieceLength) this.#flush();
    }
  }

  /** Resolves when all of it is in the file. */
  async close(): Promise<void> {
    this.#flush();
    await this.#writing;
    if (!this.#failed) await this.#handle.close().catch(() => {});
  }

  #flush(): void {
    const piece = this.#piece.subarray(0, this.#filled);
    this.#piece = Buffer.allocUnsafe(this.#pieceLength);
    this.#filled = 0;
    if (piece.length === 0 || this.#failed) return;
    this.#behind += 1;
    this.#writing = this.#writing.then(() => this.#write(piece)).catch((error: unknown) => this.#fail(error));
  }

  async #write(piece: Buffer): Promise<void> {
    if (this.#failed) return;
    if (this.#behind > maxBehind) throw new RecordingError('slow-disk', 'the disk does not keep up');
    this.#behind -= 1;
    await writeAll(this.#handle, piece, headerLength + this.#written);
    this.#written += piece.length;
    await writeAll(this.#handle, recordingHeader(this.#written, this.rate), 0);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    void this.#handle.close().catch(() => {});
    this.#onFailed(recordingError(error));
  }
}

/** `NAME.wav`, `NAME (2).wav` and so on: the first that is not there. */
async function create(wanted: string): Promise<{ path: string; handle: FileHandle }> {
  const { dir, name, ext } = parse(wanted);
  for (let number = 1; ; number += 1) {
    const path = number === 1 ? wanted : format({ dir, name: `${name} (${number})`, ext });
    try {
      return { path, handle: await open(path, 'wx', 0o600) };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || number === maxNumber) throw error;
    }
  }
}

/** A disk that is nearly full takes a part. */
async function writeAll(handle: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const { bytesWritten } = await handle.write(data, done, data.length - done, position + done);
    done += bytesWritten;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : null);

const troubles = new Map<unknown, RecordingTrouble>([
  ['ENOSPC', 'disk-full'],
  ['EDQUOT', 'disk-full'],
  ['EACCES', 'not-allowed'],
  ['EPERM', 'not-allowed'],
  ['EROFS', 'not-allowed'],
  ['ENOTDIR', 'not-a-folder'],
  ['EEXIST', 'not-a-folder'],
]);

/** What went wrong, whatever was thrown. */
export const recordingError = (error: unknown): RecordingError =>
  error instanceof RecordingError
    ? error
    : new RecordingError(
        troubles.get(codeOf(error)) ?? 'other',
        error instanceof Error ? error.message : String(error),
      );
