import { describe, expect, it } from 'vitest';
import english from '../../../assets/locales/en.json';
import {
  type DialPlan,
  judgeNumber,
  matchDigits,
  numberInPlan,
  withEmergencyNumbers,
} from '../../../electron/phone/dialing/dial-plan.ts';
import { readDialPlan } from '../../../electron/phone/dialing/dial-plan-text.ts';

/** What an SPA phone comes with. */
const factory = '(*xx|[3469]11|0|00|[2-9]xxxxxx|1xxx[2-9]xxxxxxS0|xxxxxxxxxxxx.)';

function planOf(text: string, emergency: readonly string[] = []): DialPlan {
  const read = readDialPlan(text);
  if (!read.ok) throw new Error(`${text} at ${read.mistake.position}: ${read.mistake.kind}`);
  return withEmergencyNumbers(read.plan, emergency);
}

/** In a word: `=5551234` is called now, `5551234 in 3` after 3 s, `10` gives up after 10 s. A `~` is dial tone. */
function inWords(text: string, digits: string, emergency: readonly string[] = []): string {
  const match = matchDigits(planOf(text, emergency), digits);
  switch (match.state) {
    case 'complete':
      return `=${match.number}`;
    case 'whole':
      return `${match.number} in ${match.ms / 1000}${match.tone ? ' ~' : ''}`;
    case 'partial':
      return `${match.ms / 1000}${match.tone ? ' ~' : ''}`;
    case 'impossible':
      return match.barred ? 'barred' : 'impossible';
  }
}

describe('the dial plan that an SPA phone comes with', () => {
  it.each([
    ['', '10'],
    ['*', '10'],
    ['*6', '10'],
    ['*69', '=*69'],
    ['*691', 'impossible'],
    ['0', '0 in 3'],
    ['00', '00 in 3'],
    ['000', '10'],
    ['4', '10'],
    ['411', '411 in 3'],
    ['511', '10'],
    ['5551234', '5551234 in 3'],
    ['55512345', '10'],
    ['1', '10'],
    ['1212555123', '10'],
    ['12125551234', '12125551234 in 0'],
    ['12121551234', '12121551234 in 3'],
    ['441234567890', '441234567890 in 3'],
    ['441234567890123', '441234567890123 in 3'],
    ['#', 'impossible'],
  ])('makes of %j: %s', (digits, what) => expect(inWords(factory, digits)).toBe(what));
});

describe('a dial plan', () => {
  it.each([
    // The examples of the guide.
    ['(1xxxxxxxxxx|<:1212>xxxxxxx)', '5551234', '=12125551234'],
    ['(<9,:>1xxxxxxxxxx|<8,:1212>xxxxxxx)', '9', '10 ~'],
    ['(<9,:>1xxxxxxxxxx|<8,:1212>xxxxxxx)', '91', '10'],
    ['(<9,:>1xxxxxxxxxx|<8,:1212>xxxxxxx)', '912125551234', '=12125551234'],
    ['(<9,:>1xxxxxxxxxx|<8,:1212>xxxxxxx)', '85551234', '=12125551234'],
    ['S:4,(00|011 xxxxx x.)', '01112345', '01112345 in 4'],
    ['L:8,S:4,(xx)', '1', '8'],
    ['(1 947 xxxxxxx ! | 1 xxx xxxxxxx)', '19475551234', 'barred'],
    ['(1 xxx xxxxxxx | 1 947 xxxxxxx !)', '19475551234', 'barred'],
    ['(1 947 xxxxxxx ! | 1 xxx xxxxxxx)', '12125551234', '=12125551234'],
    ['(S0 <:12125551234>)', '', '=12125551234'],
    ['(P5 <:1000> | xxxx)', '', '1000 in 5'],
    ['(P5 <:1000> | xxxx)', '2', '10'],
    // And what else there is.
    ['(01.)', '0', '0 in 3'],
    ['(01.)', '0111', '0111 in 3'],
    ['(xx.)', '', '10'],
    ['(x.)', '', '10'],
    ['(<8:1650>xxxxxxx)', '85551234', '=16505551234'],
    ['(<:9>xxx)', '123', '=9123'],
    ['([2-57*]x)', '*1', '=*1'],
    ['([2-57*]x)', '6', 'impossible'],
    ['(L20 xx|x)', '1', '1 in 3'],
    ['(L20 xx)', '1', '20'],
    ['(xxS1 |xxx)', '12', '12 in 1'],
    ['(#x)', '#1', '=#1'],
    ["('*#06#')", '*#06#', '=*#06#'],
    ['(9,xxx|xxxx)', '9', '10 ~'],
    ['(XX)', '12', '=12'],
  ])('%s makes of %j: %s', (text, digits, what) => expect(inWords(text, digits)).toBe(what));

  it.each([
    ['', 0, 'parentheses'],
    ['xx', 0, 'parentheses'],
    ['(xx', 3, '“)” is missing'],
    ['()', 1, 'empty'],
    ['(x||x)', 3, 'empty'],
    ['(xq)', 2, 'no digit'],
    ['(.x)', 1, 'repeat'],
    ['(x..)', 3, 'repeat'],
    ['([2-9x)', 5, 'only digits'],
    ['([9-2])', 1, 'range'],
    ['([])', 1, 'between'],
    ['([12', 1, '“]” is missing'],
    ['(<9>x)', 1, '<9:00>'],
    ['(<9:1x)', 1, '“>” is missing'],
    ['(<9:@>x)', 4, 'sent'],
    ['(xS)', 3, 'seconds'],
    ['(xS999 )', 3, '600'],
    ['L8,(x)', 1, 'L:8'],
    ['L:8(x)', 3, 'comma'],
    ['(x) y', 4, 'last'],
    ["('12)", 1, 'quote'],
  ])('%j has a mistake at %i', (text, position, words) => {
    const read = readDialPlan(text);
    expect(read).toMatchObject({ ok: false, mistake: { position } });
    if (!read.ok) expect(english.dialPlan[read.mistake.kind]).toContain(words);
  });

  it('is followed whatever is typed, in a time that does not explode', () => {
    const plan = planOf(`(${'x.'.repeat(200)})`);
    const began = performance.now();
    expect(matchDigits(plan, '1'.repeat(64)).state).toBe('whole');
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('a number that was not typed here', () => {
  it.each([
    ['(2xx)', '234', 'sent'],
    ['(2xx)', '345', 'unknown'],
    ['(2xx)', '23', 'unknown'],
    ['(<9,:>xxxxxxx)', '5551234', 'sent'],
    ['(<9,:>xxxxxxx)', '95551234', 'unknown'],
    ['(<:1212>xxxxxxx)', '12125551234', 'sent'],
    ['(<9:00>x.)', '00441234', 'sent'],
    ['(1 947 xxxxxxx ! | 1 xxx xxxxxxx)', '19475551234', 'barred'],
    ['(1 947 xxxxxxx ! | 1 xxx xxxxxxx)', '12125551234', 'sent'],
    ['(<8:1900>xxx! | xxxx)', '1900123', 'barred'],
    ['(1900xxx! | 1900xxxx)', '1900123', 'barred'],
    ['(P5 <:1000> | xxxx)', '1000', 'sent'],
    ['(911!)', '911', 'sent'],
  ])('%s: %s is %s', (text, number, verdict) =>
    expect(judgeNumber(planOf(text, ['911']), number)).toBe(verdict),
  );
});

describe('emergency numbers', () => {
  const numbers = ['911', '112'];
  it.each([
    ['(2xx)', '9', '10'],
    ['(2xx)', '911', '=911'],
    ['(911!|9xx)', '911', '=911'],
    ['(<911:5551234>|xxx)', '911', '=911'],
    ['(9S0 |911xx)', '9', '9 in 3'],
    ['(9S0 |911xx)', '911', '911 in 3'],
    [factory, '112', '112 in 3'],
  ])('with %s, %j: %s', (text, digits, what) => expect(inWords(text, digits, numbers)).toBe(what));

  it('are numbers by themselves', () => {
    expect(numberInPlan(planOf('(2xx)', numbers), '112')).toBe('112');
    expect(numberInPlan(planOf('(2xx)', numbers), '113')).toBeNull();
  });
});
