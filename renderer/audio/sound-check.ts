import { meterLevel } from './level.ts';
import type { SoundPreferences } from './sound-preferences.ts';

/** A call to oneself: a few seconds of the microphone, then the same from the speaker. */
export type SoundCheckStage = 'listening' | 'playing' | 'done' | 'failed';

export interface SoundCheckOptions {
  readonly microphone: string;
  readonly speaker: string;
  readonly treatment: Pick<SoundPreferences, 'echoCancellation' | 'noiseSuppression' | 'autoGainControl'>;
  readonly volume: number;
  readonly onStage: (stage: SoundCheckStage) => void;
  /** Of what is said and of what is played, 0 to 1. */
  readonly onLevel: (level: number) => void;
}

const listensFor = 3500;

/** Begins at once; returns how to stop. */
export function checkSound(options: SoundCheckOptions): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  run(options, signal).then(
    () => options.onStage('done'),
    () => options.onStage(signal.aborted ? 'done' : 'failed'),
  );
  return () => ending.abort();
}

async function run(options: SoundCheckOptions, signal: AbortSignal): Promise<void> {
  const { microphone, treatment, onStage, onLevel } = options;
  const device = microphone === '' ? {} : { deviceId: { exact: microphone } };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { ...treatment, ...device } });
  const said = await listen(stream, options, signal).finally(() => {
    for (const track of stream.getTracks()) track.stop();
    onLevel(0);
  });
  signal.throwIfAborted();
  onStage('playing');
  await play(said, options, signal).finally(() => onLevel(0));
}

async function listen(
  stream: MediaStream,
  { onStage, onLevel }: SoundCheckOptions,
  signal: AbortSignal,
): Promise<Blob> {
  const [track] = stream.getAudioTracks();
  if (!track) throw new Error('a microphone without sound');
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  const meter = meterLevel(track, onLevel);
  try {
    onStage('listening');
    recorder.start();
    await pause(listensFor, signal);
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
    recorder.stop();
    await stopped;
    return new Blob(parts);
  } finally {
    meter.close();
  }
}

/** Through an element, as a call is, so that it is the same speaker that is tried. */
async function play(
  said: Blob,
  { speaker, volume, onLevel }: SoundCheckOptions,
  signal: AbortSignal,
): Promise<void> {
  const context = new AudioContext();
  const player = new Audio();
  try {
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(await said.arrayBuffer());
    const output = context.createMediaStreamDestination();
    source.connect(output);
    const [track] = output.stream.getAudioTracks();
    const meter = track && meterLevel(track, onLevel);
    player.srcObject = output.stream;
    player.volume = volume;
    await player.setSinkId(speaker).catch(() => {});
    await player.play();
    source.start();
    await pause(source.buffer.duration * 1000, signal).finally(() => meter?.close());
  } finally {
    player.srcObject = null;
    void context.close();
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      window.clearTimeout(timer);
      reject(signal.reason);
    });
  });
