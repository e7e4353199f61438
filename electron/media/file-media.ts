import { join, parse } from 'node:path';
import type { Log, MediaPort } from '../phone/ports.ts';
import { silentLog } from '../phone/ports.ts';
import { AsPcmu } from './codecs/as-pcmu.ts';
import type { SampledChunk } from './codecs/codec.ts';
import { silence } from './codecs/g711.ts';
import { MixStream } from './conversation/mix-stream.ts';
import { createMediaPort } from './media-port.ts';
import { PlainLeg } from './plain-leg.ts';
import { random32 } from './random.ts';
import { defaultPortRange, type PortRange } from './rtp/port-pair.ts';
import { type AudioPacket, Rewriter } from './rtp/rewriter.ts';
import { MulawRecorder, readMulawFile } from './wav-file.ts';

export interface FileMediaOptions {
  /** The WAV file (8 kHz mu-law) that every call hears from its beginning, then silence; or one for each call. */
  readonly audioIn?: string | ((call: string) => string | null);
  /** Where what the far end says is written; the second call's goes to NAME-2.wav, the third's to NAME-3.wav. */
  readonly audioOut?: string;
  /** Sends back what it hears. */
  readonly echo?: boolean;
  /** Begins the file anew at its end. */
  readonly loop?: boolean;
  readonly portRange?: PortRange;
  readonly log?: Log;
}

/**
 * The media side of a station without a window: plain legs joined to files. A call's file begins to play when its
 * plain leg may first send.
 * @throws Error with a sentence when `audioIn` names a file that is not 8 kHz mu-law WAV.
 */
export function createFileMedia(options: FileMediaOptions = {}): MediaPort {
  const {
    audioIn,
    audioOut,
    echo = false,
    loop = false,
    portRange = defaultPortRange,
    log = silentLog,
  } = options;
  const readFile = rememberFiles();
  if (typeof audioIn === 'string') readFile(audioIn);
  let recordings = 0;

  return createMediaPort(async (call, localAddress, emit) => {
    const path = typeof audioIn === 'function' ? audioIn(call) : audioIn;
    const idleSource = path ? playback(readFile(path), loop) : silence;
    const recording = audioOut === undefined ? null : new Recording(numberedPath(audioOut, ++recordings));
    const plain: PlainLeg = await PlainLeg.open({
      localAddress,
      portRange,
      random: random32,
      log,
      idleSource: (samples) => idleSource(samples),
      onFirstRtp: () => emit({ type: 'first-rtp', call }),
      onQuality: (quality) => emit({ type: 'quality', call, quality }),
      onAudio: (packet) => {
        recording?.write(packet);
        if (echo) plain.push(packet);
      },
      onMix: (chunk) => recording?.mix(chunk),
    }).catch((error: unknown) => {
      recording?.close();
      throw error;
    });
    return {
      plain,
      attachWeb: () => Promise.reject(new Error('this station has no window: its sound comes from files')),
      close() {
        plain.close();
        recording?.close();
      },
    };
  });
}

/** Files are read once and stay in memory: a minute is half a megabyte. */
function rememberFiles(): (path: string) => Buffer {
  const files = new Map<string, Buffer>();
  return (path) => {
    const audio = files.get(path) ?? readMulawFile(path);
    files.set(path, audio);
    return audio;
  };
}

function playback(audio: Buffer, loop: boolean): (samples: number) => Buffer {
  let position = 0;
  return (samples) => {
    const frame = silence(samples);
    audio.copy(frame, 0, Math.min(position, audio.length));
    position += samples;
    if (loop && position >= audio.length) position = 0;
    return frame;
  };
}

function numberedPath(path: string, number: number): string {
  const { dir, name, ext } = parse(path);
  return number === 1 ? path : join(dir, `${name}-${number}${ext}`);
}

/** Writes a far end's audio where its timestamps say, so that loss and pauses are heard as silence of their length. */
class Recording {
  readonly #recorder: MulawRecorder;
  readonly #asPcmu = new AsPcmu();
  readonly #mix = new MixStream('PCMU');
  readonly #rewriter = new Rewriter(0);

  constructor(path: string) {
    this.#recorder = new MulawRecorder(path);
  }

  write(packet: AudioPacket): void {
    const audio = this.#asPcmu.take(packet);
    if (audio) this.#put(audio);
  }

  /** A conversation's sound: 20 ms after 20 ms. */
  mix(chunk: SampledChunk): void {
    this.#put(this.#mix.next(chunk));
  }

  #put(audio: AudioPacket): void {
    const { timestamp, payload } = this.#rewriter.rewrite(audio, performance.now());
    // The rewriter begins at 0; what was sent before the first packet that came lies before that and is left out.
    this.#recorder.write(timestamp | 0, payload);
  }

  close(): void {
    this.#recorder.close();
  }
}
