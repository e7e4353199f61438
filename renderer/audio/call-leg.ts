export interface CallLegOptions {
  /** Our offer to the relay, its answer back. */
  readonly attach: (offer: string) => Promise<{ readonly answer: string }>;
  readonly track: MediaStreamTrack | null;
  /** Empty: the system's default. */
  readonly speaker: string;
  /** Of full scale. */
  readonly volume: number;
}

/** Milliseconds before each further attempt; the last one repeats. */
const backOff = [150, 300, 600, 1000, 2000];
/** Milliseconds that a connection may be interrupted before it is made anew. */
const interrupted = 1500;

/**
 * One call's web leg: a peer connection to the relay on this computer and the element that plays the far end. While
 * the call lasts it connects, and connects again whenever that fails.
 */
export class CallLeg {
  readonly #options: CallLegOptions;
  /** The far end is played by an element, not by WebAudio: so Chromium cancels its echo on every speaker. */
  readonly #player = new Audio();
  #peer: RTCPeerConnection | null = null;
  #track: MediaStreamTrack | null;
  #failures = 0;
  #timer: number | undefined;

  constructor(options: CallLegOptions) {
    this.#options = options;
    this.#track = options.track;
    this.#player.autoplay = true;
    this.#player.muted = true;
    this.#player.volume = options.volume;
    this.setSpeaker(options.speaker);
    void this.#connect();
  }

  /** Whether the far end is heard. */
  setAudible(audible: boolean): void {
    this.#player.muted = !audible;
  }

  setSpeaker(id: string): void {
    this.#player.setSinkId(id).catch(() => this.#player.setSinkId('').catch(() => {}));
  }

  setVolume(volume: number): void {
    this.#player.volume = volume;
  }

  setTrack(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    const [sender] = this.#peer?.getSenders() ?? [];
    sender?.replaceTrack(track).catch(() => {});
  }

  close(): void {
    window.clearTimeout(this.#timer);
    this.#drop();
    this.#player.srcObject = null;
  }

  async #connect(): Promise<void> {
    this.#drop();
    const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    this.#peer = peer;
    peer.addEventListener('track', ({ track }) => this.#play(track));
    peer.addEventListener('connectionstatechange', () => this.#follow(peer));
    try {
      const transceiver = peer.addTransceiver(this.#track ?? 'audio', { direction: 'sendrecv' });
      transceiver.setCodecPreferences(pcmu());
      await peer.setLocalDescription();
      const { answer } = await this.#options.attach(peer.localDescription?.sdp ?? '');
      if (peer === this.#peer) await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    } catch {
      this.#retry(peer);
    }
  }

  #play(track: MediaStreamTrack): void {
    this.#player.srcObject = new MediaStream([track]);
    // Starting may be refused until the page was used; the element tries again when it is given something to play.
    this.#player.play().catch(() => {});
  }

  #follow(peer: RTCPeerConnection): void {
    if (peer !== this.#peer) return;
    window.clearTimeout(this.#timer);
    if (peer.connectionState === 'connected') this.#failures = 0;
    if (peer.connectionState === 'failed') this.#retry(peer);
    if (peer.connectionState === 'disconnected') this.#reconnectAfter(interrupted);
  }

  #retry(peer: RTCPeerConnection): void {
    if (peer !== this.#peer) return;
    const delay = backOff[Math.min(this.#failures, backOff.length - 1)] ?? 0;
    this.#failures += 1;
    this.#drop();
    this.#reconnectAfter(delay);
  }

  #reconnectAfter(ms: number): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#connect(), ms);
  }

  #drop(): void {
    const peer = this.#peer;
    this.#peer = null;
    peer?.close();
  }
}

/** The relay speaks PCMU and nothing else: whatever the far end's codec is, this leg never renegotiates. */
const pcmu = (): RTCRtpCodec[] =>
  (RTCRtpReceiver.getCapabilities('audio')?.codecs ?? []).filter(({ mimeType }) => mimeType === 'audio/PCMU');
