import { describe, expect, it } from 'vitest';
import type { CallView } from '../../../electron/contract/snapshot.ts';
import { type Lifted, reconcile } from '../../../renderer/dialpad/early-dialing.ts';
import { aCall } from './views.ts';

const line = (change: Partial<CallView> = {}): CallView =>
  aCall({ state: 'seizing', granted: true, direction: 'outgoing', ...change });

/** Goes through moments of the phone and the field; answers what was done in each. */
function through(...moments: readonly (readonly [CallView[], string])[]) {
  let known: Lifted | null = null;
  return moments.map(([calls, field]) => {
    const { lifted, reconciliation } = reconcile(known, { calls }, field);
    known = lifted;
    const { does, ...rest } = reconciliation;
    return does === 'nothing' ? null : Object.values(rest).at(-1);
  });
}

describe('early dialing', () => {
  it('tells each change of the field to a line that has dial tone, also what was typed before', () => {
    const done = through(
      [[line({ granted: false })], '5'],
      [[line()], '5'],
      [[line()], '50'],
      [[line()], '5'],
    );
    expect(done).toEqual([null, '5', '50', '5']);
  });

  it('takes what comes back, however late, for no news', () => {
    const done = through(
      [[line()], '5'],
      [[line()], '50'],
      [[line({ digits: '5' })], '50'],
      [[line({ digits: '50' })], '50'],
    );
    expect(done).toEqual(['5', '50', null, null]);
  });

  it('shows what something else has typed on the line', () => {
    expect(through([[line({ digits: '12' })], ''], [[line({ digits: '12' })], '12'])).toEqual(['12', null]);
  });

  it('empties the field when the phone has called what stood there, and not when the line was given back', () => {
    const called = line({ state: 'dialing', granted: false, digits: '50' });
    expect(through([[line()], '50'], [[called], '50'], [[called], ''])).toEqual(['50', '', null]);
    expect(through([[line()], '50'], [[], '50'])).toEqual(['50', null]);
  });

  it('is silent while no line is lifted', () => {
    expect(through([[], '5'], [[aCall()], '50'])).toEqual([null, null]);
  });
});
