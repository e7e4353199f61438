import type { LineKeyState, LineKeyView } from '../../electron/contract/snapshot.ts';
import type { Say, WordKey } from '../words/words.ts';

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
};

/** What a line key says of itself: who is there and what they do. */
export function lineKeyWords(key: Pick<LineKeyView, 'state' | 'who' | 'with'>, say: Say): string {
  const [plain, withWho = plain, withBoth = withWho] = sentences[key.state];
  if (!key.who) return say(plain);
  return key.with ? say(withBoth, { who: key.who, with: key.with }) : say(withWho, { who: key.who });
}

/** States whose duration somebody wants to know. */
const timed: ReadonlySet<LineKeyState> = new Set([
  'local-ringing',
  'local-active',
  'local-held',
  'remote-active',
  'remote-held',
  'private-held',
]);

export const isTimed = (state: LineKeyState): boolean => timed.has(state);
