import { z } from 'zod';

/**
 * Everything Partyline ever has to explain to a person or a script. Each code has a sentence in
 * assets/locales (`reason.<code>`), which says what happened and what to do; a test holds the two together.
 */
export const reasonCodes = [
  // registration
  'wrong-password',
  'forbidden',
  'unknown-extension',
  'pbx-unreachable',
  'pbx-address-unknown',
  'pbx-error',
  'certificate-untrusted',
  'certificate-expired',
  'certificate-wrong-host',
  'certificate-authority-unreadable',
  'no-tls',
  'no-free-port',
  'own-address-missing',
  // notices
  'port-taken',
  'no-microphone',
  'microphone-denied',
  'no-speaker',
  'profile-unreadable',
  'profile-malformed',
  'profile-not-saved',
  'trace-not-saved',
  'media-failed',
  'practice-failed',
  // commands
  'unknown-command',
  'bad-parameters',
  'not-set-up',
  'no-shared-extension',
  'unknown-line-key',
  'unknown-call',
  'unknown-extension-index',
  'line-in-use',
  'not-a-line',
  'nothing-to-pick-up',
  'nothing-to-join',
  'private-call',
  'barge-in-off',
  'cannot-pick-up',
  'cannot-barge-in',
  'line-not-registered',
  'line-disabled',
  'pbx-silent',
  'too-many-calls',
  'bad-number',
  'bad-tones',
  'wrong-state',
  'internal-error',
  // how a call ended
  'busy',
  'declined',
  'not-found',
  'no-answer',
  'unavailable',
  'not-acceptable',
  'call-refused',
  'call-lost',
  'answered-elsewhere',
  'taken-over',
  'joined-call',
  'left-call',
  'hold-failed',
  'pick-up-refused',
  'barge-in-refused',
  'already-gone',
  // call control
  'transferred',
  'transfer-failed',
  'transfer-refused',
  'transfer-gone',
  'no-far-end',
  'referral-barred',
  'referral-over',
  'conference-full',
  'conference-failed',
  'recording-failed',
  'recording-saved',
  'nothing-to-redial',
  'not-in-dial-plan',
  'dial-plan-malformed',
  'settings-not-saved',
  'settings-unreadable',
  'call-back-given-up',
] as const;

export const reasonCode = z.enum(reasonCodes);
export type ReasonCode = z.infer<typeof reasonCode>;

/** A reason before it is put into words: a code and the values its sentence names. */
export interface Reason {
  readonly code: ReasonCode;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** What keeps a recording from being written; `other` is what the system says (`detail`). */
export const recordingTrouble = z.enum(['disk-full', 'not-allowed', 'not-a-folder', 'slow-disk', 'other']);
export type RecordingTrouble = z.infer<typeof recordingTrouble>;

/** Why a call and its far end do not agree on its sound. */
export const soundTrouble = z.enum(['no-audio', 'no-codec', 'encryption', 'no-address', 'unreadable']);
export type SoundTrouble = z.infer<typeof soundTrouble>;

/** The causes that sentences name (`params.trouble`); each has its words in assets/locales (`trouble.<code>`). */
export const troubles = [
  ...recordingTrouble.options,
  ...soundTrouble.options,
  /** The process that carries the sound has died; the next call starts it again. */
  'audio-process',
] as const;

export const reason = (code: ReasonCode, params?: Record<string, string | number>): Reason =>
  params ? { code, params } : { code };
