/**
 * The dial plan of the SPA phones (SPA Administrator Guide, "Dial Plan Configuration"): which digits make a number, what
 * is sent for them, and how long more digits are waited for.
 *
 *   L:8,S:4,( *xx | [3469]11 | 0 | <9,:>1xxxxxxxxxxS0 | 1900xxxxxxx! | <:1212>xxxxxxx | xxxxxxxxxxxx. )
 *
 * `x` a digit · `[2-57*]` one of these · `.` the element before it, any number of times, also none · `<9:00>` what is sent
 * instead · `,` outside dial tone · `!` barred · `S3 ` and `L20 ` the timers from here on, in seconds · `P5 ` dials after
 * that pause (a hot or warm line, before the first digit) · quoted characters stand for themselves. Spaces mean nothing.
 */
export interface DialPlan {
  readonly sequences: readonly Sequence[];
  readonly timers: Timers;
}

/** How long another digit is waited for, in ms: while no sequence is complete (long), and when one is (short). */
interface Timers {
  readonly long: number;
  readonly short: number;
}

export interface Sequence {
  readonly elements: readonly Element[];
  readonly barred: boolean;
  /** Nothing in the plan keeps it from being dialed. */
  readonly emergency: boolean;
}

export type Element =
  /** `sent` null: the digit itself. */
  | {
      readonly type: 'digit';
      readonly accepts: string;
      readonly repeated: boolean;
      readonly sent: string | null;
    }
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'tone' }
  | { readonly type: 'timer'; readonly timer: keyof Timers; readonly ms: number };

/** What is to be done about the digits typed so far. */
export type DialMatch =
  /** No digit could make another number of it: it is called now. */
  | { readonly state: 'complete'; readonly number: string }
  /** A number, but more digits could make another: it is called after `ms`. */
  | { readonly state: 'whole'; readonly number: string; readonly ms: number; readonly tone: boolean }
  /** No number yet: given up after `ms`. */
  | { readonly state: 'partial'; readonly ms: number; readonly tone: boolean }
  | { readonly state: 'impossible'; readonly barred: boolean };

/** The defaults of the SPA phones (Interdigit_Long_Timer, Interdigit_Short_Timer). */
export const defaultTimers: Timers = { long: 10_000, short: 3_000 };

/** The plan with these numbers always in it. */
export function withEmergencyNumbers(plan: DialPlan, numbers: readonly string[]): DialPlan {
  const always = numbers.map(
    (number): Sequence => ({ elements: [...number].map(literal), barred: false, emergency: true }),
  );
  return { ...plan, sequences: [...always, ...plan.sequences] };
}

export const literal = (character: string): Element => ({
  type: 'digit',
  accepts: character,
  repeated: false,
  sent: null,
});

/** One way through a sequence: how far the digits have brought it. */
interface Path {
  readonly sequence: Sequence;
  readonly position: number;
  readonly sent: string;
  readonly timers: Timers;
  /** An outside dial tone was passed since the last digit. */
  readonly tone: boolean;
}

export function matchDigits(plan: DialPlan, digits: string): DialMatch {
  const paths = pathsAfter(plan, digits);
  const whole = paths.filter((path) => isWhole(path) && path.sent !== '');
  const open = paths.filter((path) => !isWhole(path));
  const tone = open.some((path) => path.tone);
  const chosen = choose(whole);
  if (chosen && open.length === 0) return { state: 'complete', number: chosen.sent };
  if (chosen) {
    // A number that is dialed without waiting must not cut an emergency number short.
    const couldBeEmergency = open.some(({ sequence }) => sequence.emergency) && digits !== '';
    const ms = couldBeEmergency ? Math.max(chosen.timers.short, plan.timers.short) : chosen.timers.short;
    return { state: 'whole', number: chosen.sent, ms, tone };
  }
  if (open.length === 0) return { state: 'impossible', barred: whole.length > 0 };
  return { state: 'partial', ms: Math.max(...open.map(({ timers }) => timers.long)), tone };
}

/** A number that is dialed as a whole: what is sent for it; null when the plan has no such number or bars it. */
export function numberInPlan(plan: DialPlan, digits: string): string | null {
  const match = matchDigits(plan, digits);
  return match.state === 'complete' || match.state === 'whole' ? match.number : null;
}

/**
 * What the plan says of a number that is called as it is, for it was not typed here: whether this plan could have sent it.
 * `barred`: not for want of a sequence, but because one bars it.
 */
export function judgeNumber(plan: DialPlan, number: string): 'sent' | 'barred' | 'unknown' {
  const sequences = plan.sequences.map((sequence) => ({
    ...sequence,
    elements: sequence.elements.flatMap(sentFor),
  }));
  const whole = pathsAfter({ ...plan, sequences }, number).filter(isWhole);
  if (choose(whole)) return 'sent';
  return whole.length > 0 ? 'barred' : 'unknown';
}

/** What an element sends, as what a number that was sent has to match. */
function sentFor(element: Element): readonly Element[] {
  if (element.type === 'send') return [...element.text].map(literal);
  if (element.type !== 'digit') return [];
  return element.sent === null ? [element] : [...element.sent].map(literal);
}

/** Of several sequences the first one counts; one that bars the number bars it wherever it stands. */
function choose(whole: readonly Path[]): Path | undefined {
  const emergency = whole.find(({ sequence }) => sequence.emergency);
  const barred = whole.some(({ sequence }) => sequence.barred);
  return emergency ?? (barred ? undefined : whole[0]);
}

const isWhole = ({ sequence, position }: Path): boolean => position === sequence.elements.length;

function pathsAfter({ sequences, timers }: DialPlan, digits: string): readonly Path[] {
  return sequences.flatMap((sequence) => {
    const start: Path = { sequence, position: 0, sent: '', timers, tone: false };
    const after = (paths: readonly Path[], digit: string): readonly Path[] =>
      beforeDigit(paths.flatMap((path) => afterDigit(path, digit)));
    return [...digits].reduce(after, beforeDigit([start]));
  });
}

/**
 * Where the paths of a sequence may stand before the next digit: past what needs none, before or behind what may repeat.
 * Of those that come to one place the first counts.
 */
function beforeDigit(paths: readonly Path[]): readonly Path[] {
  const seen = new Set<number>();
  const from = (path: Path): readonly Path[] => {
    if (seen.has(path.position)) return [];
    seen.add(path.position);
    const element = path.sequence.elements[path.position];
    const next = { ...path, position: path.position + 1 };
    switch (element?.type) {
      case undefined:
        return [path];
      case 'digit':
        return element.repeated ? [path, ...from(next)] : [path];
      case 'send':
        return from({ ...next, sent: path.sent + element.text });
      case 'tone':
        return from({ ...next, tone: true });
      case 'timer':
        return from({ ...next, timers: { ...path.timers, [element.timer]: element.ms } });
    }
  };
  return paths.flatMap(from);
}

function afterDigit(path: Path, digit: string): readonly Path[] {
  const element = path.sequence.elements[path.position];
  if (element?.type !== 'digit' || !element.accepts.includes(digit)) return [];
  const position = element.repeated ? path.position : path.position + 1;
  return [{ ...path, position, sent: path.sent + (element.sent ?? digit), tone: false }];
}
