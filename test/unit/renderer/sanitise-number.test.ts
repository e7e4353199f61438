import { describe, expect, it } from 'vitest';
import { pastedNumber, typedNumber } from '../../../renderer/dialpad/sanitise-number.ts';

describe('a pasted number', () => {
  it.each([
    ['5051', '5051'],
    ['  (030) 555-12 34 \n', '0305551234'],
    ['+49 30 / 555.1234', '+49305551234'],
    ['+49 (0)30 555 1234', '+49305551234'],
    ['+49(0) 30 555 1234', '+49305551234'],
    ['(0)30 555 1234', '0305551234'],
    ['tel:+49-30-5551234;ext=2', '+49305551234'],
    ['callto:5051', '5051'],
    ['<sip:5051@192.168.0.1:6060;transport=udp>', '5051'],
    ['"Ann" <sip:ann.carter@pbx>', 'ann.carter'],
    ['sip:%2B4930555@pbx', '+4930555'],
    ['tel:%zz', ''],
    ['aa', 'aa'],
    ['Call Ann at 555 1234', '5551234'],
    ['５０５１', '5051'],
    ['*72#', '*72#'],
    ['1+2', '12'],
    ['5051\n5052', '5051'],
    ['hello there', ''],
    ['', ''],
  ])('%j becomes %j', (pasted, number) => {
    expect(pastedNumber(pasted)).toBe(number);
  });

  it('is never longer than the field', () => {
    expect(pastedNumber('1'.repeat(1000))).toHaveLength(64);
  });
});

describe('a typed number', () => {
  it('keeps what can be dialed and drops the rest', () => {
    expect(typedNumber('+49 30<55>*#ab-c_d.e@')).toBe('+493055*#ab-c_d.e');
  });
});
