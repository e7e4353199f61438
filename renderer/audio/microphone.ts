import type { DeviceState } from '../../electron/contract/snapshot.ts';
import type { SoundPreferences } from './sound-preferences.ts';

export interface MicrophoneSource
  extends Pick<SoundPreferences, 'echoCancellation' | 'noiseSuppression' | 'autoGainControl'> {
  /** Empty: the system's default... */
  readonly id: string;
  /** ...which is this one now. Chromium stays with the device that was the default when it was opened. */
  readonly name: string;
}

const isSame = (one: MicrophoneSource, other: MicrophoneSource | null): boolean =>
  other !== null && JSON.stringify(one) === JSON.stringify(other);

/**
 * The one microphone that all calls share. Open while it is wanted; without one, or without leave to use it, its
 * track is silence, so that a call is set up all the same and only the far end hears nothing.
 */
export class Microphone {
  readonly #media: MediaDevices;
  readonly #onChange: () => void;
  #wanted = false;
  #source: MicrophoneSource | null = null;
  #track: MediaStreamTrack | null = null;
  #silence: Silence | null = null;
  #opening = 0;
  #state: DeviceState = 'unknown';

  /** `onChange`: the track or the state is another now. */
  constructor(media: MediaDevices, onChange: () => void) {
    this.#media = media;
    this.#onChange = onChange;
  }

  get state(): DeviceState {
    return this.#state;
  }

  /** What a call sends; null until it was asked for. */
  get track(): MediaStreamTrack | null {
    return this.#track ?? this.#silence?.track ?? null;
  }

  /** Opens this microphone and keeps it open; opens it anew when any of this has changed. */
  open(source: MicrophoneSource): void {
    if (this.#wanted && isSame(source, this.#source)) return;
    this.#wanted = true;
    this.#source = source;
    void this.#acquire();
  }

  /** Devices have come or gone: tries again if it has none now. */
  retry(): void {
    if (this.#wanted && this.#track?.readyState !== 'live') void this.#acquire();
  }

  close(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#opening += 1;
    this.#use(null);
    this.#silence?.close();
    this.#silence = null;
  }

  async #acquire(): Promise<void> {
    this.#opening += 1;
    const opening = this.#opening;
    let state: DeviceState = 'ready';
    let track: MediaStreamTrack | null = null;
    try {
      track = await this.#request();
    } catch (error) {
      state = stateAfter(error);
    }
    if (opening !== this.#opening) return track?.stop();
    this.#use(track);
    if (!track) this.#silence ??= new Silence();
    track?.addEventListener('ended', () => this.#lose(track));
    this.#state = state;
    this.#onChange();
  }

  async #request(): Promise<MediaStreamTrack | null> {
    const { id = '', echoCancellation, noiseSuppression, autoGainControl } = this.#source ?? {};
    const audio: MediaTrackConstraints = {
      ...{ echoCancellation, noiseSuppression, autoGainControl },
      ...(id === '' ? {} : { deviceId: { exact: id } }),
    };
    const stream = await this.#media.getUserMedia({ audio, video: false });
    return stream.getAudioTracks()[0] ?? null;
  }

  #use(track: MediaStreamTrack | null): void {
    this.#track?.stop();
    this.#track = track;
  }

  #lose(track: MediaStreamTrack): void {
    if (track === this.#track && this.#wanted) void this.#acquire();
  }
}

function stateAfter(error: unknown): DeviceState {
  return error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing';
}

/** A track of silence, so that packets flow without a microphone. */
class Silence {
  readonly #context = new AudioContext();
  readonly track: MediaStreamTrack | null;

  constructor() {
    const destination = this.#context.createMediaStreamDestination();
    // A destination that nothing feeds sends nothing at all.
    const nothing = new ConstantSourceNode(this.#context, { offset: 0 });
    nothing.connect(destination);
    nothing.start();
    this.track = destination.stream.getAudioTracks()[0] ?? null;
  }

  close(): void {
    this.track?.stop();
    void this.#context.close();
  }
}
