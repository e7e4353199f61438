import { z } from 'zod';
import { dialect, profile } from './profile.ts';
import { type ReasonCode, reasonCode } from './reasons.ts';
import { settingsChange } from './settings.ts';
import { deviceState } from './snapshot.ts';

const lineKey = z.number().int().min(1);
const call = z.string().min(1).max(64);
const done = z.object({ done: z.literal(true) });
const onCall = z.object({ call });

const place = z.object({ address: z.string(), port: z.number().int() });
/** A SIP message as it was on the wire, its credentials removed. */
const tracedMessage = z.object({
  /** Grows by one with each message of the station; after a gap, those in between are forgotten. */
  sequence: z.number().int().min(1),
  /** ISO 8601, to the millisecond. */
  time: z.string(),
  direction: z.enum(['in', 'out']),
  extension: z.number().int().min(1),
  local: place,
  remote: place,
  transport: z.enum(['udp', 'tcp', 'tls']),
  text: z.string(),
});
export type TracedMessage = z.infer<typeof tracedMessage>;

/**
 * Every command there is: its named parameters and its result, once for the window's bridge and for the
 * control socket (docs/control.md). A result comes when the thing is done (the line granted, the far end on
 * hold), not when it was asked for.
 */
export const commands = {
  /** Calls `number` on a line key; on a shared line the key is seized first, unless it already is. */
  dial: { params: z.strictObject({ lineKey, number: z.string().min(1).max(128) }), result: onCall },
  answer: { params: z.strictObject({ call }), result: onCall },
  /** Refuses a call; on a shared line it only stops ringing here, colleagues may still answer. */
  reject: { params: z.strictObject({ call }), result: onCall },
  hangUp: { params: z.strictObject({ call }), result: onCall },
  /** `private`: colleagues on a shared line see it busy and cannot take the call. */
  hold: { params: z.strictObject({ call, private: z.boolean().optional() }), result: onCall },
  resume: { params: z.strictObject({ call }), result: onCall },
  /** Takes over what a colleague's call on the key offers: one on public hold, or one that rings at a watched extension. */
  pickUp: { params: z.strictObject({ lineKey }), result: onCall },
  /** Joins the colleague's call on the key; all parties hear and see it. */
  bargeIn: { params: z.strictObject({ lineKey }), result: onCall },
  /** Do not disturb: silences the ring, nothing else. */
  doNotDisturb: { params: z.strictObject({ on: z.boolean() }), result: done },
  /** Takes the line (off-hook): dial tone when granted. */
  seize: { params: z.strictObject({ lineKey }), result: onCall },
  /** Gives a seized line back without calling. */
  release: { params: z.strictObject({ lineKey }), result: done },
  /** What has been typed on a lifted line so far: the dial plan calls it as soon as it is a whole number. */
  typeDigits: { params: z.strictObject({ call, digits: z.string().max(64) }), result: onCall },
  /** Calls the number that was called last, or another one of the history, as it was called then: past the dial plan. */
  redial: { params: z.strictObject({ lineKey, number: z.string().max(128).optional() }), result: onCall },
  /** Hands the far end over to a number (blind). Done when it has got there; else the call is ours again. */
  transfer: { params: z.strictObject({ call, number: z.string().min(1).max(128) }), result: onCall },
  /** Holds the call (privately) and calls a number, to ask there first; the result is the new call. */
  consult: { params: z.strictObject({ call, number: z.string().min(1).max(128) }), result: onCall },
  /** Hands the far end of `call` over to that of `to` (attended); while `to` still rings, to its number. */
  completeTransfer: { params: z.strictObject({ call, to: call }), result: onCall },
  /** Goes where the far end of the call sends us (`referredTo`), or stays with it. */
  followTransfer: { params: z.strictObject({ call }), result: onCall },
  declineTransfer: { params: z.strictObject({ call }), result: onCall },
  /** Brings two calls, or a call and a conference, together: everybody hears everybody. */
  conference: { params: z.strictObject({ call, with: call }), result: onCall },
  /** Takes a call out of its conference again, and holds it. */
  leaveConference: { params: z.strictObject({ call }), result: onCall },
  /** Nobody in the conference hears this party. */
  muteParty: { params: z.strictObject({ call, on: z.boolean() }), result: onCall },
  /** Records both sides of a call, with its whole conference, into a file. */
  record: { params: z.strictObject({ call, on: z.boolean() }), result: onCall },
  /** Changes what the user may change (settings.ts). */
  configure: { params: z.strictObject({ settings: settingsChange }), result: done },
  mute: { params: z.strictObject({ call, on: z.boolean() }), result: onCall },
  /** Digits, sent as the settings say: 0-9 * # A-D; a comma pauses. */
  sendDtmf: { params: z.strictObject({ call, tones: z.string().min(1).max(64) }), result: onCall },
  /** Calls a number that was busy every half minute, for half an hour, until it rings there; one number at a time. */
  callBack: { params: z.strictObject({ lineKey, number: z.string().min(1).max(128) }), result: done },
  stopCallBack: { params: z.strictObject({}), result: done },
  /** Silences this ring here; the call keeps ringing for the others and can still be answered. */
  silence: { params: z.strictObject({ call }), result: onCall },
  /** Tries to register again now. */
  retry: { params: z.strictObject({ extension: z.number().int().min(1) }), result: done },
  /** The last SIP messages after a sequence number, oldest first: a hundred, or `limit`, or as many as fit half a megabyte. */
  trace: {
    params: z.strictObject({
      after: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1_000).default(100),
    }),
    result: z.object({ messages: z.array(tracedMessage) }),
  },
  /**
   * Writes all of them to a file that Wireshark opens, readable by its owner only. Not for the window, which may not
   * write where it likes: its bridge has `saveTrace`.
   */
  exportTrace: {
    params: z.strictObject({ path: z.string().min(1).max(4_096) }),
    result: z.object({ path: z.string(), messages: z.number().int() }),
  },
  /**
   * Finds out how the PBX of this profile speaks shared lines, by registering its first shared extension for a moment.
   * `watching`: it also tells the states of extensions, for watching keys. Nothing else changes.
   */
  detect: {
    params: z.strictObject({ profile }),
    result: z.object({ dialect, watching: z.boolean() }),
  },
  /** Becomes the station of this profile (and remembers it, in the app). */
  connect: { params: z.strictObject({ profile }), result: done },
  /** Starts the practice PBX and becomes its station 5031, sharing 5041. */
  practice: { params: z.strictObject({}), result: done },
  /** Leaves the PBX and goes back to the first-run choice; ends all calls. */
  disconnect: { params: z.strictObject({}), result: done },
} as const;

export type CommandName = keyof typeof commands;
export type CommandParams<N extends CommandName = CommandName> = z.infer<(typeof commands)[N]['params']>;
export type CommandInput<N extends CommandName = CommandName> = z.input<(typeof commands)[N]['params']>;
export type CommandResult<N extends CommandName = CommandName> = z.infer<(typeof commands)[N]['result']>;
export const commandNames = Object.keys(commands) as CommandName[];
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(commands, name);

/** A command that could not be done: the code for scripts, the sentence for people. */
export const commandFailure = z.object({ code: reasonCode, sentence: z.string() });
export type CommandFailure = z.infer<typeof commandFailure>;

export class CommandError extends Error {
  constructor(
    readonly code: ReasonCode,
    readonly sentence: string,
  ) {
    super(sentence);
    this.name = 'CommandError';
  }
}

/** What only the window can tell the core: whether the chosen devices are there. */
export const audioReport = z.strictObject({ microphone: deviceState, speaker: deviceState });
export type AudioReport = z.infer<typeof audioReport>;

/** What only the window knows of how a call sounds, over the last second or so (WebRTC statistics). */
export const playoutReport = z.strictObject({
  call,
  /** Of the sound played, the part that had to be made up, 0 to 1. */
  concealed: z.number().min(0).max(1),
  /** How long sound waits before it is played, in ms. */
  bufferMs: z.number().min(0).max(10_000),
  /** The loudest of what the microphone gave, 0 to 1; null when there is none. */
  inputLevel: z.number().min(0).max(1).nullable(),
});
export type PlayoutReport = z.infer<typeof playoutReport>;
