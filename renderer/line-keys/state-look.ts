import type { LineKeyState } from '../../electron/contract/snapshot.ts';
import type { StateGroup } from './arrangement.ts';

/** Whose the state is, hence its colour. */
export type Tone = 'free' | 'own' | 'other' | 'unknown' | 'trouble' | 'off';
/** `fast` 2 Hz and `slow` 1 Hz blink, `pulse` is slow and soft, `turn` a quarter turn each beat. */
export type Motion = 'none' | 'fast' | 'slow' | 'pulse' | 'turn';
export type GlyphName =
  | 'ring'
  | 'dotted-ring'
  | 'arrow-out'
  | 'bell'
  | 'disc'
  | 'pause'
  | 'half-disc'
  | 'bell-outline'
  | 'barred-disc'
  | 'locked-pause'
  | 'ring-segment'
  | 'triangle'
  | 'dash';

export interface StateLook {
  readonly tone: Tone;
  readonly glyph: GlyphName;
  readonly motion: Motion;
}

const look = (tone: Tone, glyph: GlyphName, motion: Motion = 'none'): StateLook => ({ tone, glyph, motion });

/** Colour, shape and motion of each state; the words are in line-key-words.ts. No two states share a shape and a colour. */
export const stateLook: Readonly<Record<LineKeyState, StateLook>> = {
  idle: look('free', 'ring'),
  'remote-undefined': look('unknown', 'dotted-ring'),
  'local-seized': look('own', 'arrow-out'),
  'local-progressing': look('own', 'arrow-out'),
  'local-ringing': look('own', 'bell', 'fast'),
  'local-active': look('own', 'disc'),
  'local-held': look('own', 'pause', 'slow'),
  'remote-seized': look('other', 'half-disc'),
  'remote-progressing': look('other', 'half-disc'),
  'remote-ringing': look('other', 'bell-outline', 'pulse'),
  'remote-active': look('other', 'barred-disc'),
  'remote-held': look('other', 'pause', 'slow'),
  'private-held': look('other', 'locked-pause'),
  registering: look('trouble', 'ring-segment', 'turn'),
  'register-failed': look('trouble', 'triangle'),
  disabled: look('off', 'dash'),
};

/** The same, but one's own call on private hold bears the lock. */
export const lookOf = (state: LineKeyState, privately: boolean): StateLook =>
  privately && state === 'local-held' ? look('own', 'locked-pause', 'slow') : stateLook[state];

/** How a group of keys in like states looks, whosever calls they are. */
export const groupLook: Readonly<Record<StateGroup, Omit<StateLook, 'motion'>>> = {
  ringing: { tone: 'other', glyph: 'bell' },
  held: { tone: 'other', glyph: 'pause' },
  busy: { tone: 'other', glyph: 'barred-disc' },
  free: { tone: 'free', glyph: 'ring' },
  unknown: { tone: 'unknown', glyph: 'dotted-ring' },
};
