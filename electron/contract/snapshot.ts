import { z } from 'zod';
import { opusWishes } from './opus-wishes.ts';
import { codecName, dialect } from './profile.ts';
import { reasonCode } from './reasons.ts';
import { settings } from './settings.ts';

/** ISO 8601, UTC. */
const instant = z.string();

export const registrationState = z.enum(['registering', 'registered', 'failed', 'unregistered']);
export type RegistrationState = z.infer<typeof registrationState>;

/** Names from the SPA phones (facts 2.2), and `private-held`. */
export const lineKeyState = z.enum([
  'idle',
  'remote-undefined',
  'local-seized',
  'remote-seized',
  'local-progressing',
  'remote-progressing',
  'local-ringing',
  'remote-ringing',
  'local-active',
  'remote-active',
  'local-held',
  'remote-held',
  'private-held',
  'registering',
  'register-failed',
  'disabled',
  'call-back-active',
]);
export type LineKeyState = z.infer<typeof lineKeyState>;

/** One call slot of a shared extension, or one call of a watched one. */
export const appearanceView = z.object({
  /** 0-based, as PBXs number them on the wire; null where nobody numbers (a watched extension). */
  number: z.number().int().nullable(),
  state: lineKeyState,
  who: z.string().nullable(),
  with: z.string().nullable(),
  since: instant.nullable(),
});
export type AppearanceView = z.infer<typeof appearanceView>;

export const callState = z.enum(['seizing', 'dialing', 'ringing', 'incoming', 'active', 'held', 'ending']);
export type CallState = z.infer<typeof callState>;

/** Something a person should read: the sentence, in the user's language, and its code for scripts. */
export const notice = z.object({ id: z.string(), code: reasonCode, sentence: z.string() });
export type Notice = z.infer<typeof notice>;

export const extensionView = z.object({
  index: z.number().int(),
  userId: z.string(),
  sharedUserId: z.string().nullable(),
  registration: registrationState,
  /** Why the registration failed, as a sentence. */
  reason: z.string().nullable(),
  reasonCode: reasonCode.nullable(),
  /** The UDP port in use; null before it is bound. */
  localPort: z.number().int().nullable(),
});
export type ExtensionView = z.infer<typeof extensionView>;

export const lineKeyView = z.object({
  index: z.number().int(),
  /** `watch`: shows a colleague's extension that is not ours to speak on (RFC 4235 `dialog`). */
  kind: z.enum(['line', 'watch']),
  /** The extension it speaks on; of a `watch` key the one that subscribes and picks up. */
  extension: z.number().int(),
  /** The watched extension (`watch` keys only). */
  watched: z.string().nullable(),
  label: z.string(),
  shared: z.boolean(),
  state: lineKeyState,
  /** Who is on the line: the colleague who uses it, or the far end of our own call. */
  who: z.string().nullable(),
  /** The far end of a colleague's call, when the PBX tells. */
  with: z.string().nullable(),
  /** Since when it is in this state. */
  since: instant.nullable(),
  calls: z.array(z.string()),
  /** All appearances of the key that are in use, colleagues' and ours; `state` shows the most pressing one. */
  appearances: z.array(appearanceView),
  /** What the user can do with it now. */
  can: z.object({ seize: z.boolean(), pickUp: z.boolean(), bargeIn: z.boolean() }),
  /** Why a colleague's call on it can be neither picked up nor joined, as a sentence. */
  cannot: z.string().nullable(),
  /** Why the key does not work, as a sentence (register-failed). */
  reason: z.string().nullable(),
});
export type LineKeyView = z.infer<typeof lineKeyView>;

/** How a call sounds, as measured; null where nobody can tell. */
export const callQuality = z.object({
  /** Mean opinion score by the E-model (ITU-T G.107), 1 to 4.5. */
  mos: z.number(),
  /** What comes to us. Per cent of packets; ms. */
  lossPercent: z.number(),
  jitterMs: z.number(),
  /** What arrives there, as the far end reports (RTCP). */
  remoteLossPercent: z.number().nullable(),
  roundTripMs: z.number().nullable(),
  /** Per cent of the sound played here that had to be made up. */
  concealedPercent: z.number().nullable(),
  /** Who is at fault when it is not good: our network, the far end's, or our own devices. */
  fault: z.enum(['network-in', 'network-out', 'silent-far-end', 'microphone', 'computer']).nullable(),
});
export type CallQuality = z.infer<typeof callQuality>;

export const callView = z.object({
  id: z.string(),
  lineKey: z.number().int(),
  direction: z.enum(['outgoing', 'incoming']),
  state: callState,
  remote: z.object({ number: z.string(), name: z.string().nullable() }),
  /** Since when the call is in this state... */
  since: instant,
  /** ...and since when it has been answered: what a call timer counts. */
  connectedSince: instant.nullable(),
  muted: z.boolean(),
  /** The far end has put us on hold. */
  heldByRemote: z.boolean(),
  /** `seizing` only: the PBX has granted the line; there is dial tone. */
  granted: z.boolean(),
  /** The ring of this call was silenced here; it goes on ringing for the others. */
  silenced: z.boolean(),
  /** Held so that colleagues see the line busy and cannot take the call. */
  private: z.boolean(),
  /** Colleagues who have joined this call (barged in), or whose call we have joined. */
  joined: z.array(z.object({ number: z.string(), name: z.string().nullable() })),
  /** There is (or will be) sound to carry: the window joins its web leg. */
  media: z.boolean(),
  /** DTMF digits sent so far; on a lifted line, the digits typed so far. */
  digits: z.string(),
  /** What it is in the middle of, if anything, and to whom. */
  transfer: z
    .object({
      /** `consulting`: its user asks first, in the call `with`; `transferring`: the far end is on its way. */
      state: z.enum(['consulting', 'transferring']),
      with: z.string().nullable(),
      to: z.string(),
    })
    .nullable(),
  /** The call whose conference it is in (the one that it began with); null: none. */
  conference: z.string().nullable(),
  /** Nobody in the conference hears this party. */
  partyMuted: z.boolean(),
  recording: z.object({ since: instant, file: z.string() }).nullable(),
  /** The codec agreed on; null before. */
  codec: codecName.nullable(),
  /** Its sound is encrypted (SRTP). */
  encrypted: z.boolean(),
  /** What the far end asks of it, where it is Opus: the window codes it so. */
  opus: opusWishes.nullable(),
  quality: callQuality.nullable(),
});
export type CallView = z.infer<typeof callView>;

/** What should sound now; never two at once. */
export const soundView = z.object({
  /** The call whose ring tone plays. */
  ring: z.string().nullable(),
  tone: z.enum(['dial', 'ringback', 'busy', 'reorder', 'call-waiting', 'hold-reminder']).nullable(),
});
export type SoundView = z.infer<typeof soundView>;

export const deviceState = z.enum(['unknown', 'ready', 'missing', 'denied']);
export type DeviceState = z.infer<typeof deviceState>;

/** A call that is over. */
export const callRecord = z.object({
  id: z.string(),
  /** The extension and the label of the key it was on. */
  extension: z.number().int(),
  label: z.string(),
  direction: z.enum(['outgoing', 'incoming']),
  remote: z.object({ number: z.string(), name: z.string().nullable() }),
  /** `answered-elsewhere`: a colleague took it; never a missed call. */
  outcome: z.enum(['answered', 'missed', 'answered-elsewhere', 'declined', 'unanswered', 'failed']),
  /** Who took it or picked it up, when that is known. */
  by: z.string().nullable(),
  began: instant,
  connected: instant.nullable(),
  ended: instant,
  /** How it sounded, over the whole call; null when too short to tell. */
  quality: callQuality.nullable(),
  /** The file of its recording, if any. */
  recording: z.string().nullable(),
});
export type CallRecord = z.infer<typeof callRecord>;

export const snapshot = z.object({
  /** Counts changes; a later snapshot has a greater one. */
  version: z.number().int(),
  /** `first-run`: no usable profile yet. */
  phase: z.enum(['first-run', 'running']),
  station: z
    .object({
      name: z.string(),
      displayName: z.string(),
      pbx: z.object({ address: z.string(), port: z.number().int(), dialect }),
      /** The built-in practice PBX serves this station. */
      practice: z.boolean(),
    })
    .nullable(),
  extensions: z.array(extensionView),
  lineKeys: z.array(lineKeyView),
  calls: z.array(callView),
  /** The last calls that are over, latest first. */
  history: z.array(callRecord),
  /** Do not disturb: calls show and can be answered, but nothing rings. */
  doNotDisturb: z.boolean(),
  settings,
  sound: soundView,
  audio: z.object({ microphone: deviceState, speaker: deviceState }),
  /** What is wrong now and stays until mended (port taken, profile malformed, no microphone). */
  problems: z.array(notice),
  /** What has just happened and goes by itself ("Busy", "Bob answered"). */
  notices: z.array(notice),
});
export type Snapshot = z.infer<typeof snapshot>;
