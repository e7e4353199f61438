import type { OpusWishes } from '../contract/opus-wishes.ts';
import type { CodecName } from '../contract/profile.ts';
import type { SipEffect } from './effects.ts';
import type { RecordingEvent, SipEvent } from './events.ts';
import type { LegQuality } from './quality/leg-quality.ts';

export type { LegQuality } from './quality/leg-quality.ts';

/** The SIP side as the core's interpreter sees it (electron/sip/sip-station.ts). */
export interface SipPort {
  /** Binds a socket per extension and begins to register; resolves when all are bound. Never throws for the network's sake: what fails comes as an event. */
  start(): Promise<void>;
  perform(effect: SipEffect): void;
  /** The machine has slept: looks at once what is left (it would find out within a second). */
  woken(): void;
  /** Ends calls, unregisters (waits at most two seconds), closes the sockets. */
  stop(): Promise<void>;
}
export type SipEventSink = (event: SipEvent) => void;

export interface SrtpKeys {
  readonly suite:
    | 'AES_CM_128_HMAC_SHA1_80'
    | 'AES_CM_128_HMAC_SHA1_32'
    | 'AES_256_CM_HMAC_SHA1_80'
    | 'AES_256_CM_HMAC_SHA1_32';
  /** Base64, as in `a=crypto` (RFC 4568, 9.2 `inline`). */
  readonly local: string;
  readonly remote: string;
  /** What packets of either side carry to name their key, as in `a=crypto`: `1:4`; nothing when absent. */
  readonly localMki?: string;
  readonly remoteMki?: string;
  /** Our RTCP is signed, but not encrypted (RFC 4568, 6.3.2). */
  readonly unencryptedSrtcp?: boolean;
}

/** The plain leg after an offer/answer (RFC 3264), from our side. */
export interface PlainLegParams {
  /** Where the far end wants RTP; null while unknown or when it holds with c=0.0.0.0. */
  readonly remote: { readonly address: string; readonly port: number } | null;
  /** Where it wants RTCP; `mux`: on the port of RTP, from ours (RFC 5761). When absent, on the port above that of RTP. */
  readonly rtcp?: { readonly address: string; readonly port: number } | 'mux';
  readonly codec: { readonly name: CodecName; readonly payloadType: number };
  /** What it asks of our Opus. */
  readonly opus?: OpusWishes;
  /** Every codec by the number that the far end may send it with; `codec` alone when absent. */
  readonly hears?: readonly { readonly name: CodecName; readonly payloadType: number }[];
  /** RFC 4733 telephone-event payload type, if negotiated... */
  readonly dtmfPayloadType: number | null;
  /** ...and the clock its durations count, 8000 Hz when absent. */
  readonly dtmfClock?: 8000 | 48_000;
  /** Keys of both directions when the sound is encrypted (SDES, RFC 4568); key and salt each. */
  readonly srtp?: SrtpKeys | null;
  /** Packet time in milliseconds that we send. */
  readonly ptime: number;
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** We hold: only silence goes out. When absent, `sendonly` means so. */
  readonly hold?: boolean;
}

export type MediaEvent =
  | { readonly type: 'web-connected'; readonly call: string }
  | { readonly type: 'web-lost'; readonly call: string }
  | { readonly type: 'first-rtp'; readonly call: string }
  | { readonly type: 'failed'; readonly call: string; readonly detail: string }
  /** Once a second while a call's plain leg hears or speaks. */
  | { readonly type: 'quality'; readonly call: string; readonly quality: LegQuality }
  | RecordingEvent;

/** The media side (electron/media): one plain RTP/RTCP port pair per call and what it is joined to. */
export interface MediaPort {
  /**
   * Opens the port pair of a call on `localAddress`: before the SDP that announces it. Asking again returns the same
   * ports; on another address, new ones there.
   */
  allocate(call: string, localAddress: string): Promise<{ readonly rtpPort: number }>;
  configure(call: string, params: PlainLegParams): Promise<void>;
  /** Joins (or joins anew) the window's WebRTC leg; rejects where there is no window leg (headless). */
  attachWeb(call: string, offer: string): Promise<{ readonly answer: string }>;
  /** Silence instead of the microphone. */
  mute(call: string, on: boolean): void;
  /**
   * Digits on the plain leg, 100 ms each with 70 ms between; a comma pauses 500 ms. `auto`: RFC 4733 events where the
   * far end takes them, else the tones themselves (Q.23).
   */
  sendDtmf(call: string, tones: string, way: 'auto' | 'rfc4733' | 'inband'): void;
  /**
   * From now on the far end of `guest` takes part in `call`: each of our user and the far ends hears all the others.
   * Our user speaks and hears through the window (or files) of `call`; muting `call` mutes them towards everyone. Any
   * number of guests; a guest of another call leaves that one. Two beeps tell everyone.
   */
  join(call: string, guest: string): void;
  /** Takes a guest out again (so does `release`); one low beep tells the others. Of a call with guests: takes out all. */
  part(guest: string): void;
  /** Nobody hears what the far end of `guest` says, while it hears all; forgotten when it parts. */
  mutePart(guest: string, on: boolean): void;
  /**
   * Records both sides of a call, its guests with it, into a WAV file of two channels (our user left, the others right)
   * that is whole at every moment but for the last second. `tone`: all of them hear a beep every 15 s. Tells `recording`
   * or `recording-failed`; null ends it. Ends with the call.
   */
  record(call: string, to: { readonly file: string; readonly tone: boolean } | null): void;
  /** The recording of a call goes on with the call `to`, in the same file. */
  moveRecording(call: string, to: string): void;
  release(call: string): void;
  /** Codecs this side can carry, best first. */
  readonly codecs: readonly CodecName[];
  on(listener: (event: MediaEvent) => void): () => void;
  close(): Promise<void>;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
