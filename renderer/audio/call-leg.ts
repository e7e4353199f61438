import type { PlayoutReport } from '../../electron/contract/commands.ts';
import { type CallFormat, isSameFormat, preferFormat } from './call-format.ts';
import { PlayoutWatch } from './playout-watch.ts';

export interface CallLegOptions {
  readonly call: string;
  /** Our offer to the relay, its answer back. */
  readonly attach: (offer: string) => Promise<{ readonly answer: string }>;
  readonly track: MediaStreamTrack | null;
  /** What the call has agreed on; null before. */
  readonly format: CallFormat | null;
  /** Empty: the system's default. */
  readonly speaker: string;
  /** Of full scale. */
  readonly volume: number;
  /** Called once a second while the far end is heard. */
  readonly report: (report: PlayoutReport) => void;
}

/** Milliseconds before each further attempt; the last one repeats. */
const backOff = [150, 300, 600, 1000, 2000];
/**
 * Milliseconds of sound that wait to be played, at least. Left alone Chromium begins with one packet and learns of a
 * network's jitter by gaps in the first words; a second packet costs no one a word.
 */
const leastBuffer = 40;
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
  readonly #watch: PlayoutWatch;
  #peer: RTCPeerConnection | null = null;
  #track: MediaStreamTrack | null;
  #format: CallFormat | null;
  /** The relay's answer, while it holds. */
  #answer: string | null = null;
  #isNegotiating = false;
  #failures = 0;
  #timer: number | undefined;

  constructor(options: CallLegOptions) {
    this.#options = options;
    this.#track = options.track;
    this.#format = options.format;
    const stats = async (): Promise<RTCStatsReport | null> => (await this.#peer?.getStats()) ?? null;
    this.#watch = new PlayoutWatch(options.call, stats, options.report);
    this.#player.autoplay = true;
    this.#player.muted = true;
    this.#player.volume = options.volume;
    this.setSpeaker(options.speaker);
    void this.#connect();
  }

  /** Whether the far end is heard. */
  setAudible(audible: boolean): void {
    this.#player.muted = !audible;
    this.#watch.listen(audible);
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

  /** The call has agreed on something else: the microphone is coded anew, over the same connection. */
  setFormat(format: CallFormat | null): void {
    if (isSameFormat(format, this.#format)) return;
    this.#format = format;
    void this.#renegotiate();
  }

  close(): void {
    window.clearTimeout(this.#timer);
    this.#watch.listen(false);
    this.#drop();
    this.#player.srcObject = null;
  }

  async #connect(): Promise<void> {
    this.#drop();
    const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' });
    this.#peer = peer;
    peer.addEventListener('track', ({ track, receiver }) => {
      receiver.jitterBufferTarget = leastBuffer;
      this.#play(track);
    });
    peer.addEventListener('connectionstatechange', () => this.#follow(peer));
    try {
      const transceiver = peer.addTransceiver(this.#track ?? 'audio', { direction: 'sendrecv' });
      transceiver.setCodecPreferences(codecsOfCalls());
      await peer.setLocalDescription();
      const { answer } = await this.#options.attach(peer.localDescription?.sdp ?? '');
      if (peer !== this.#peer) return;
      this.#answer = answer;
      await this.#accept(peer, answer);
    } catch {
      this.#retry(peer);
    }
  }

  /** Offer and answer without the relay, which takes all codecs at any time: a matter of milliseconds. */
  async #renegotiate(): Promise<void> {
    const [peer, answer] = [this.#peer, this.#answer];
    // While an answer is awaited or taken, the format of then counts.
    if (!peer || answer === null || this.#isNegotiating) return;
    this.#isNegotiating = true;
    try {
      await peer.setLocalDescription();
      await this.#accept(peer, answer);
    } catch {
      this.#retry(peer);
    }
  }

  async #accept(peer: RTCPeerConnection, answer: string): Promise<void> {
    this.#isNegotiating = true;
    const format = this.#format;
    const sdp = format ? preferFormat(answer, format) : answer;
    await peer.setRemoteDescription({ type: 'answer', sdp });
    if (peer !== this.#peer) return;
    this.#isNegotiating = false;
    if (!isSameFormat(format, this.#format)) await this.#renegotiate();
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
    this.#answer = null;
    this.#isNegotiating = false;
    peer?.close();
  }
}

/** What calls are made of; A-law becomes mu-law in the relay. No comfort noise, no events, no redundancy. */
const mimeTypes = new Set(['audio/PCMU', 'audio/G722', 'audio/opus']);
const codecsOfCalls = (): RTCRtpCodec[] =>
  (RTCRtpReceiver.getCapabilities('audio')?.codecs ?? []).filter(({ mimeType }) => mimeTypes.has(mimeType));
