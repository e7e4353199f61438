type Render = (rate: number) => Float32Array<ArrayBuffer>;

/** From one gain to another, of full scale. */
export interface Loudness {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
}

interface Playing {
  readonly name: string;
  readonly source: AudioBufferSourceNode;
  readonly gain: GainNode;
  readonly ended: (() => void) | null;
}

/** Plays one sound at a time on one output, in a loop or once. The audio hardware runs only while something sounds. */
export class LoopPlayer {
  readonly #context = new AudioContext({ latencyHint: 'interactive' });
  readonly #volume = this.#context.createGain();
  readonly #buffers = new Map<string, AudioBuffer>();
  #output = '';
  #playing: Playing | null = null;

  constructor() {
    this.#volume.connect(this.#context.destination);
    void this.#context.suspend();
  }

  /** Empty: the system's default. */
  setOutput(id: string): void {
    if (id === this.#output) return;
    this.#output = id;
    route(this.#context, id).catch(() => route(this.#context, '').catch(() => {}));
  }

  /** Of full scale; heard at once. */
  setVolume(volume: number): void {
    this.#volume.gain.value = volume;
  }

  /** Plays `name` until told otherwise; `render` makes its samples the first time. */
  play(name: string, render: Render, loudness: Loudness): void {
    if (this.#playing?.name !== name) this.#start(name, render, loudness, null);
  }

  /** Plays it once; `ended` is called then, and also when something else sounds before. */
  playOnce(name: string, render: Render, loudness: Loudness, ended: () => void): void {
    const source = this.#start(`${name}, once`, render, loudness, ended);
    source.addEventListener('ended', () => {
      if (this.#playing?.source === source) this.stop();
    });
  }

  /** `ended` null: in a loop. */
  #start(
    name: string,
    render: Render,
    loudness: Loudness,
    ended: (() => void) | null,
  ): AudioBufferSourceNode {
    const { from, to, seconds } = loudness;
    this.#silence();
    const source = this.#context.createBufferSource();
    source.buffer = this.#buffer(name, render);
    source.loop = ended === null;
    const gain = this.#context.createGain();
    const now = this.#context.currentTime;
    gain.gain.setValueAtTime(from, now);
    gain.gain.linearRampToValueAtTime(to, now + seconds);
    source.connect(gain).connect(this.#volume);
    source.start();
    this.#playing = { name, source, gain, ended };
    void this.#context.resume();
    return source;
  }

  stop(): void {
    if (!this.#playing) return;
    this.#silence();
    void this.#context.suspend();
  }

  close(): void {
    this.#silence();
    void this.#context.close();
  }

  #silence(): void {
    const playing = this.#playing;
    this.#playing = null;
    playing?.source.stop();
    playing?.gain.disconnect();
    // Not by the source's own event: it waits for hardware that may be at rest by then.
    playing?.ended?.();
  }

  #buffer(name: string, render: Render): AudioBuffer {
    const known = this.#buffers.get(name);
    if (known) return known;
    const samples = render(this.#context.sampleRate);
    const buffer = this.#context.createBuffer(1, samples.length, this.#context.sampleRate);
    buffer.copyToChannel(samples, 0);
    this.#buffers.set(name, buffer);
    return buffer;
  }
}

/** Not in TypeScript's DOM yet, though in Chromium since 110. */
async function route(
  context: AudioContext & { setSinkId?(id: string): Promise<void> },
  id: string,
): Promise<void> {
  await context.setSinkId?.(id);
}
