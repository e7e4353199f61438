/** Plays one looped sound at a time on one output. The audio hardware runs only while something sounds. */
export class LoopPlayer {
  readonly #context = new AudioContext({ latencyHint: 'interactive' });
  readonly #volume = this.#context.createGain();
  readonly #buffers = new Map<string, AudioBuffer>();
  #output = '';
  #playing: { name: string; source: AudioBufferSourceNode; gain: GainNode } | null = null;

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

  /** Plays `name` until told otherwise; `render` makes its samples the first time. Gains are of full scale. */
  play(
    name: string,
    render: (rate: number) => Float32Array<ArrayBuffer>,
    { from, to, seconds }: { from: number; to: number; seconds: number },
  ): void {
    if (this.#playing?.name === name) return;
    this.#silence();
    const source = this.#context.createBufferSource();
    source.buffer = this.#buffer(name, render);
    source.loop = true;
    const gain = this.#context.createGain();
    const now = this.#context.currentTime;
    gain.gain.setValueAtTime(from, now);
    gain.gain.linearRampToValueAtTime(to, now + seconds);
    source.connect(gain).connect(this.#volume);
    source.start();
    this.#playing = { name, source, gain };
    void this.#context.resume();
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
    this.#playing?.source.stop();
    this.#playing?.gain.disconnect();
    this.#playing = null;
  }

  #buffer(name: string, render: (rate: number) => Float32Array<ArrayBuffer>): AudioBuffer {
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
