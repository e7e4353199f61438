import { type DialPlan, defaultTimers, type Element, literal, type Sequence } from './dial-plan.ts';

/** What can be wrong with a dial plan; each has its words in assets/locales (`dialPlan.<kind>`). */
export const dialPlanMistakes = [
  'no-parentheses',
  'unclosed-plan',
  'no-digit',
  'something-follows',
  'master-timer',
  'no-comma',
  'empty-sequence',
  'no-seconds',
  'too-long',
  'substitution',
  'unclosed-substitution',
  'not-sendable',
  'nothing-to-repeat',
  'unclosed-quote',
  'range',
  'empty-set',
  'unclosed-set',
  'no-digit-in-set',
] as const;

/** A mistake in a dial plan, and where: `position` counts characters from 0. */
export interface DialPlanMistake {
  readonly position: number;
  readonly kind: (typeof dialPlanMistakes)[number];
}

export type ReadDialPlan =
  | { readonly ok: true; readonly plan: DialPlan }
  | { readonly ok: false; readonly mistake: DialPlanMistake };

class Mistake extends Error {
  constructor(readonly found: DialPlanMistake) {
    super(found.kind);
  }
}

/** Reads a dial plan as it is written (dial-plan.ts says how). */
export function readDialPlan(text: string): ReadDialPlan {
  try {
    return { ok: true, plan: new Reader(text).plan() };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { ok: false, mistake: error.found };
  }
}

const digits = '0123456789';
const keys = `${digits}*#`;

/** Recursive descent, a character at a time. */
class Reader {
  private position = 0;

  constructor(private readonly text: string) {}

  plan(): DialPlan {
    const timers = this.masterTimers();
    if (!this.take('(')) this.fail('no-parentheses');
    const sequences = [this.sequence()];
    while (this.take('|')) sequences.push(this.sequence());
    if (!this.take(')')) this.fail(this.rest() === '' ? 'unclosed-plan' : 'no-digit');
    if (this.rest() !== '') this.fail('something-follows');
    return { sequences, timers };
  }

  /** `L:8,S:4,` before the plan. */
  private masterTimers(): DialPlan['timers'] {
    let timers = defaultTimers;
    for (let name = this.peek(); name === 'L' || name === 'S'; name = this.peek()) {
      this.position += 1;
      if (!this.take(':')) this.fail('master-timer');
      const ms = this.seconds();
      timers = { ...timers, [name === 'L' ? 'long' : 'short']: ms };
      if (!this.take(',')) this.fail('no-comma');
    }
    return timers;
  }

  private sequence(): Sequence {
    const start = this.position;
    const elements: Element[] = [];
    for (;;) {
      const found = this.elements();
      if (found.length === 0) break;
      elements.push(...found);
    }
    const barred = this.take('!');
    if (elements.length === 0) this.fail('empty-sequence', start);
    return { elements, barred, emergency: false };
  }

  /** The next elements of a sequence; none at its end. */
  private elements(): readonly Element[] {
    if (this.take('<')) return this.substitution();
    const timer = this.timer();
    if (timer) return [timer];
    if (this.take(',')) return [{ type: 'tone' }];
    return this.dialed();
  }

  private timer(): Element | null {
    const name = this.peek();
    if (name !== 'S' && name !== 'L' && name !== 'P') return null;
    this.position += 1;
    const ms = this.seconds();
    return { type: 'timer', timer: name === 'L' ? 'long' : 'short', ms };
  }

  private seconds(): number {
    const start = this.position;
    const number = /^\d+/.exec(this.rest())?.[0];
    if (number === undefined) this.fail('no-seconds', start);
    this.position += number.length;
    if (Number(number) > 600) this.fail('too-long', start);
    return Number(number) * 1000;
  }

  /** `<dialed:sent>` */
  private substitution(): readonly Element[] {
    const start = this.position - 1;
    const elements: Element[] = [];
    while (!this.take(':')) {
      const found = this.take(',') ? ([{ type: 'tone' }] as const) : this.dialed();
      if (found.length === 0) this.fail('substitution', start);
      elements.push(...found.map((each) => (each.type === 'digit' ? { ...each, sent: '' } : each)));
    }
    const end = this.text.indexOf('>', this.position);
    if (end < 0) this.fail('unclosed-substitution', start);
    const sent = this.text.slice(this.position, end).replace(/[\s'"]/g, '');
    if (!/^[\w*#+.-]*$/.test(sent)) this.fail('not-sendable');
    this.position = end + 1;
    return [...elements, { type: 'send', text: sent }];
  }

  /** A digit, a set of them, or quoted ones, and perhaps its repetition. */
  private dialed(): readonly Element[] {
    const quote = this.peek();
    if (quote === '"' || quote === "'") return this.quoted(quote);
    const accepts = this.accepted();
    if (accepts === null) {
      if (this.peek() === '.') this.fail('nothing-to-repeat');
      return [];
    }
    return [{ type: 'digit', accepts, repeated: this.take('.'), sent: null }];
  }

  private quoted(quote: string): readonly Element[] {
    const start = this.position;
    const end = this.text.indexOf(quote, start + 1);
    if (end < 0) this.fail('unclosed-quote', start);
    this.position = end + 1;
    return [...this.text.slice(start + 1, end)].map(literal);
  }

  private accepted(): string | null {
    if (this.take('[')) return this.set();
    const character = this.peek();
    if (character === 'x' || character === 'X') {
      this.position += 1;
      return digits;
    }
    if (character === '' || !keys.includes(character)) return null;
    this.position += 1;
    return character;
  }

  /** `[2-57*]` */
  private set(): string {
    const start = this.position - 1;
    let accepts = '';
    while (!this.take(']')) {
      const from = this.key(start);
      if (!this.take('-')) {
        accepts += from;
        continue;
      }
      const to = this.key(start);
      const first = digits.indexOf(from);
      const last = digits.indexOf(to);
      if (first < 0 || last < first) this.fail('range', start);
      accepts += digits.slice(first, last + 1);
    }
    if (accepts === '') this.fail('empty-set', start);
    return accepts;
  }

  private key(start: number): string {
    const character = this.peek();
    if (character === '') this.fail('unclosed-set', start);
    if (!keys.includes(character)) this.fail('no-digit-in-set');
    this.position += 1;
    return character;
  }

  /** The next character that means something; '' at the end. */
  private peek(): string {
    while (/\s/.test(this.text[this.position] ?? '')) this.position += 1;
    return this.text[this.position] ?? '';
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.position += 1;
    return true;
  }

  private rest(): string {
    this.peek();
    return this.text.slice(this.position);
  }

  private fail(kind: DialPlanMistake['kind'], position = this.position): never {
    throw new Mistake({ position, kind });
  }
}
