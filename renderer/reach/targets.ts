import type { CallView, LineKeyView, Snapshot } from '../../electron/contract/snapshot.ts';
import { companies, companyOf, isAnswered } from '../call/company.ts';
import { numberOf } from '../call/registration-problems.ts';
import { pastedNumber } from '../dialpad/sanitise-number.ts';

/** Somebody whom a call can be handed to, or who can be added to it. */
export interface Target {
  readonly number: string;
  readonly name: string | null;
  /** Another call of ours, at whose other end they are already. */
  readonly call: CallView | null;
  /** The line key that shows them, if any. */
  readonly lineKey: LineKeyView | null;
}

/** More than these nobody looks through; a letter or two narrows them down. */
const most = 40;

/**
 * Who is at hand for a call: first those whom we are talking with anyway, then the line keys, then whom we were last
 * in a call with. Nobody twice, and neither ourselves nor the one who is to be handed over.
 */
export function targetsFor(snapshot: Snapshot, call: CallView, typed = ''): Target[] {
  const { calls, lineKeys, history } = snapshot;
  const company = companyOf(calls, call);
  const others = companies(calls, company)
    .map(([head]) => head)
    .filter(isAnswered);
  const all = [
    ...others.map((other): Target => ({ ...other.remote, call: other, lineKey: null })),
    ...lineKeys.flatMap((key) => targetOfKey(snapshot, key) ?? []),
    ...history.map(({ remote }): Target => ({ ...remote, call: null, lineKey: null })),
  ];
  const taken = new Set(['', ...ownNumbers(snapshot), ...company.map(({ remote }) => remote.number)]);
  const found: Target[] = [];
  for (const target of all) {
    if (target.call === null && taken.has(target.number)) continue;
    taken.add(target.number);
    if (fits(target, typed)) found.push(target);
    if (found.length === most) break;
  }
  return found;
}

/** Who a line key stands for: the colleague whom it watches, or the extension that it shares. */
export function targetOfKey({ extensions }: Pick<Snapshot, 'extensions'>, key: LineKeyView): Target | null {
  const extension = extensions.find(({ index }) => index === key.extension);
  const number = key.watched ?? extension?.sharedUserId ?? null;
  if (number === null) return null;
  return { number, name: key.label === number ? null : key.label, call: null, lineKey: key };
}

const ownNumbers = ({ extensions }: Snapshot): string[] =>
  extensions.filter(({ sharedUserId }) => sharedUserId === null).map(numberOf);

function fits({ number, name }: Target, typed: string): boolean {
  const words = typed.trim().toLocaleLowerCase();
  return (
    name?.toLocaleLowerCase().includes(words) ||
    number.toLocaleLowerCase().includes(words.replaceAll(' ', ''))
  );
}

/** A name is being typed, not a number: then the first who fits is meant. */
export const isName = (typed: string): boolean => /\p{L}/u.test(typed);

/** What was typed, as somebody who has that number; null while it is none. */
export function typedTarget(typed: string): Target | null {
  const number = pastedNumber(typed);
  return number === '' ? null : { number, name: null, call: null, lineKey: null };
}
