import { type DialPlan, defaultTimers, type Element, literal, type Sequence } from './dial-plan.ts';

/** A mistake in a dial plan, and where: `position` counts characters from 0. */
export interface DialPlanMistake {
  readonly position: number;
  readonly detail: string;
}

export type ReadDialPlan =
  | { readonly ok: true; readonly plan: DialPlan }
  | { readonly ok: false; readonly mistake: DialPlanMistake };

class Mistake extends Error {
  constructor(
    readonly position: number,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** Reads a dial plan as it is written (dial-plan.ts says how). */
export function readDialPlan(text: string): ReadDialPlan {
  try {
    return { ok: true, plan: new Reader(text).plan() };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { ok: false, mistake: { position: error.position, detail: error.detail } };
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
    if (!this.take('(')) this.fail('a plan stands in parentheses');
    const sequences = [this.sequence()];
    while (this.take('|')) sequences.push(this.sequence());
    if (!this.take(')')) this.fail(this.rest() === '' ? 'the closing “)” is missing' : 'this is no digit');
    if (this.rest() !== '') this.fail('nothing may follow the last “)”');
    return { sequences, timers };
  }

  /** `L:8,S:4,` before the plan. */
  private masterTimers(): DialPlan['timers'] {
    let timers = defaultTimers;
    for (let name = this.peek(); name === 'L' || name === 'S'; name = this.peek()) {
      this.position += 1;
      if (!this.take(':')) this.fail('a timer before the plan is written like “L:8,”');
      const ms = this.seconds();
      timers = { ...timers, [name === 'L' ? 'long' : 'short']: ms };
      if (!this.take(',')) this.fail('a comma is missing after the timer');
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
    if (elements.length === 0) this.fail('a sequence is empty', start);
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
    if (number === undefined) this.fail('a timer needs its seconds', start);
    this.position += number.length;
    if (Number(number) > 600) this.fail('no more than 600 seconds', start);
    return Number(number) * 1000;
  }

  /** `<dialed:sent>` */
  private substitution(): readonly Element[] {
    const start = this.position - 1;
    const elements: Element[] = [];
    while (!this.take(':')) {
      const found = this.take(',') ? ([{ type: 'tone' }] as const) : this.dialed();
      if (found.length === 0) this.fail('a substitution is written like “<9:00>”', start);
      elements.push(...found.map((each) => (each.type === 'digit' ? { ...each, sent: '' } : each)));
    }
    const end = this.text.indexOf('>', this.position);
    if (end < 0) this.fail('the closing “>” is missing', start);
    const sent = this.text.slice(this.position, end).replace(/[\s'"]/g, '');
    if (!/^[\w*#+.-]*$/.test(sent)) this.fail('this cannot be sent as a number');
    this.position = end + 1;
    return [...elements, { type: 'send', text: sent }];
  }

  /** A digit, a set of them, or quoted ones, and perhaps its repetition. */
  private dialed(): readonly Element[] {
    const quote = this.peek();
    if (quote === '"' || quote === "'") return this.quoted(quote);
    const accepts = this.accepted();
    if (accepts === null) {
      if (this.peek() === '.') this.fail('there is nothing to repeat before “.”');
      return [];
    }
    return [{ type: 'digit', accepts, repeated: this.take('.'), sent: null }];
  }

  private quoted(quote: string): readonly Element[] {
    const start = this.position;
    const end = this.text.indexOf(quote, start + 1);
    if (end < 0) this.fail('the closing quote is missing', start);
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
      if (first < 0 || last < first) this.fail('a range goes from a digit to a greater one', start);
      accepts += digits.slice(first, last + 1);
    }
    if (accepts === '') this.fail('nothing is between “[” and “]”', start);
    return accepts;
  }

  private key(start: number): string {
    const character = this.peek();
    if (character === '') this.fail('the closing “]” is missing', start);
    if (!keys.includes(character)) this.fail('only digits, “*” and “#” may stand between “[” and “]”');
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

  private fail(detail: string, position = this.position): never {
    throw new Mistake(position, detail);
  }
}
