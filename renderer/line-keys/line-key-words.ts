import type { AppearanceView, LineKeyState, LineKeyView } from '../../electron/contract/snapshot.ts';
import { clockHour } from '../words/duration.ts';
import type { Say, WordKey } from '../words/words.ts';
import { takesPart } from './press.ts';

type WordsKey = WordKey & `line.words.${string}`;

/** A state's sentence with nobody known, with who is there, and with the far end too. */
const sentences: Readonly<Record<LineKeyState, readonly [WordsKey, WordsKey?, WordsKey?]>> = {
  idle: ['line.words.idle'],
  'remote-undefined': ['line.words.remote-undefined'],
  'local-seized': ['line.words.local-seized'],
  'local-progressing': ['line.words.local-progressing', 'line.words.local-progressing-who'],
  'local-ringing': ['line.words.local-ringing', 'line.words.local-ringing-who'],
  'local-active': ['line.words.local-active', 'line.words.local-active-who'],
  'local-held': ['line.words.local-held', 'line.words.local-held-who'],
  'remote-seized': ['line.words.remote-seized', 'line.words.remote-seized-who'],
  'remote-progressing': [
    'line.words.remote-progressing',
    'line.words.remote-progressing-who',
    'line.words.remote-progressing-with',
  ],
  'remote-ringing': ['line.words.remote-ringing', 'line.words.remote-ringing-who'],
  'remote-active': [
    'line.words.remote-active',
    'line.words.remote-active-who',
    'line.words.remote-active-with',
  ],
  'remote-held': ['line.words.remote-held', 'line.words.remote-held-who'],
  'private-held': ['line.words.private-held', 'line.words.private-held-who'],
  registering: ['line.words.registering'],
  'register-failed': ['line.words.register-failed'],
  disabled: ['line.words.disabled'],
  'call-back-active': ['line.words.call-back-active', 'line.words.call-back-active-who'],
};

/** The states in which a watched extension, whose name the key bears, can be with somebody. */
const watchedSentences: Partial<Record<LineKeyState, readonly [WordsKey, WordsKey]>> = {
  'remote-seized': ['line.words.watch-progressing', 'line.words.watch-progressing-with'],
  'remote-progressing': ['line.words.watch-progressing', 'line.words.watch-progressing-with'],
  'remote-ringing': ['line.words.watch-ringing', 'line.words.watch-ringing-with'],
  'remote-active': ['line.words.watch-active', 'line.words.watch-active-with'],
  'remote-held': ['line.words.watch-held', 'line.words.watch-held-with'],
  'private-held': ['line.words.watch-held', 'line.words.watch-held-with'],
};

type Spoken = Pick<LineKeyView, 'state' | 'who' | 'with'> & {
  readonly kind?: LineKeyView['kind'];
  /** What is held here of one's own, no colleague can take. */
  readonly privately?: boolean;
};

/** What a line key says of itself: who is there and what they do. */
export function lineKeyWords({ kind, state, who, with: farEnd, privately }: Spoken, say: Say): string {
  if (privately && state === 'local-held') {
    return who ? say('line.words.local-held-private-who', { who }) : say('line.words.local-held-private');
  }
  const watched = kind === 'watch' ? watchedSentences[state] : undefined;
  if (watched) return farEnd ? say(watched[1], { with: farEnd }) : say(watched[0]);
  const [plain, withWho = plain, withBoth = withWho] = sentences[state];
  if (!who) return say(plain);
  return farEnd ? say(withBoth, { who, with: farEnd }) : say(withWho, { who });
}

/** States whose duration somebody wants to know. */
const timed: ReadonlySet<LineKeyState> = new Set([
  'local-ringing',
  'local-active',
  'local-held',
  'remote-ringing',
  'remote-active',
  'remote-held',
  'private-held',
]);

export const isTimed = (state: LineKeyState): boolean => timed.has(state);

/** The calls on the key beside the one that its state shows. */
export function otherAppearances(key: Pick<LineKeyView, 'state' | 'who' | 'appearances'>): AppearanceView[] {
  const { appearances } = key;
  const same = appearances.filter(({ state }) => state === key.state);
  const shown = same.find(({ who }) => who === key.who) ?? same[0] ?? appearances[0];
  return appearances.filter((appearance) => appearance !== shown);
}

/** The name of the key for those who cannot see it: which key, whose, what happens on it. */
export function lineKeyName(key: LineKeyView & Pick<Spoken, 'privately'>, words: string, say: Say): string {
  const { index, label, privately = false } = key;
  const watched = key.kind === 'watch' ? 'line.watchLabel' : null;
  const called = say(watched ?? (key.shared ? 'line.sharedLabel' : 'line.label'), { index, label });
  const others = otherAppearances(key).map((each) =>
    say('line.also', { words: lineKeyWords({ ...each, kind: key.kind, privately }, say) }),
  );
  return [`${called}: ${words}`, ...others].join('. ');
}

/** What one may want to know beyond the name: since when, what a press offers, why nothing can be done. */
export function lineKeyDescription(key: LineKeyView, say: Say): string {
  return [
    key.since !== null && isTimed(key.state) ? say('line.since', { time: clockHour(key.since) }) : '',
    takesPart(key, 'pickUp') ? say('line.pressPickUp') : '',
    takesPart(key, 'bargeIn') ? say('line.pressBargeIn') : '',
    key.reason ?? key.cannot ?? '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
