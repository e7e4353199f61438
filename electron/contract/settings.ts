import { z } from 'zod';

/** Whose tones are played: the precise tone plans of these regions (ITU-T E.180, Supplement 2). */
export const toneRegion = z.enum(['us', 'uk', 'eu', 'au']);
export type ToneRegion = z.infer<typeof toneRegion>;

/**
 * How digits of a call are sent: `auto` = RFC 4733 where the far end takes it, else in-band; `info` = SIP INFO with
 * `application/dtmf-relay`, for PBXs that read digits in the signalling.
 */
export const dtmfMode = z.enum(['auto', 'rfc4733', 'info', 'inband']);

/** Whether we go where the far end of a call sends us (REFER): at once, if our user wants it, or not at all. */
export const followTransfers = z.enum(['always', 'ask', 'never']);

const folder = z
  .string()
  .max(4_096)
  .regex(/^(\/|[A-Za-z]:[\\/]|\\\\)/, 'must be the full path of a folder');

/** What its user may change while the phone runs; a profile may say where it begins (docs/profile.md, `settings`). */
export const settings = z.strictObject({
  toneRegion,
  dtmf: dtmfMode,
  /** SPA syntax (SPA Administrator Guide, "Dial Plan Configuration"); null: every number is dialed as it is. */
  dialPlan: z.string().max(2_048).nullable(),
  /** Where recordings go; null: a folder of the phone's own choice. */
  recordingFolder: folder.nullable(),
  /** Both ends hear a tone while a call is being recorded. */
  recordingTone: z.boolean(),
  followTransfers,
  /** Rings of chosen callers: number to ring (1 to 32, as numbered by the line keys). */
  callerRings: z.record(z.string().max(64), z.number().int().min(1).max(32)),
});
export type Settings = z.infer<typeof settings>;

export const settingsChange = settings.partial();
export type SettingsChange = z.infer<typeof settingsChange>;

/** The settings after a change; what it leaves open stays. */
export const settingsAfter = <T extends SettingsChange>(before: T, change: SettingsChange): T => ({
  ...before,
  ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
});

export const defaultSettings: Settings = {
  toneRegion: 'us',
  dtmf: 'auto',
  dialPlan: null,
  recordingFolder: null,
  recordingTone: true,
  followTransfers: 'always',
  callerRings: {},
};
