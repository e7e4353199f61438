import { describe, expect, it } from 'vitest';
import { type ForkEffect, type ForkEvent, startFork, stepFork } from '../../../electron/practice-pbx/fork.ts';

const says = (branch: string, status: number): ForkEvent => ({ type: 'response', branch, status });

/** Runs the events over a fork of branches a and b and lists what each one caused. */
function run(...events: ForkEvent[]) {
  let state = startFork(['a', 'b']);
  const effects: (readonly ForkEffect[])[] = [];
  for (const event of events) {
    const step = stepFork(state, event);
    state = step.state;
    effects.push(step.effects);
  }
  return { phase: state.phase, effects, last: effects.at(-1) };
}

describe('a forked INVITE', () => {
  it('passes on ringing, keeps 100 to itself', () => {
    expect(run(says('a', 100)).last).toEqual([]);
    expect(run(says('a', 180)).last).toEqual([{ type: 'pass-on' }]);
  });

  it('gives the call to the first to answer and tells the others why', () => {
    const { phase, last } = run(says('a', 180), says('b', 180), says('b', 200));
    expect(phase).toBe('answered');
    expect(last).toEqual([
      { type: 'pass-on' },
      { type: 'cancel', branch: 'a', reason: 'completed-elsewhere' },
    ]);
  });

  it('cancels a station that has not answered yet as soon as it may (RFC 3261, 9.1)', () => {
    const { effects } = run(says('b', 200), says('a', 180), says('a', 180));
    expect(effects).toEqual([
      [{ type: 'pass-on' }],
      [{ type: 'cancel', branch: 'a', reason: 'completed-elsewhere' }],
      [],
    ]);
  });

  it('passes on a second answer that overtook its CANCEL, for the caller to end', () => {
    expect(run(says('a', 180), says('b', 200), says('a', 200)).last).toEqual([{ type: 'pass-on' }]);
  });

  it('refuses only when the last station has refused', () => {
    expect(run(says('a', 486)).last).toEqual([]);
    expect(run(says('a', 486), says('b', 486)).last).toEqual([{ type: 'refuse', status: 486, branch: 'a' }]);
  });

  it.each([
    [404, 486, 486],
    [480, 603, 603],
    [408, 503, 503],
    [500, 404, 404],
  ])('%i and %i make %i', (a, b, best) => {
    expect(run(says('a', a), says('b', b)).last).toMatchObject([{ type: 'refuse', status: best }]);
  });

  it('is cancelled by its caller: 487 after the last station has let go', () => {
    const { effects, phase } = run(
      says('a', 180),
      says('b', 180),
      { type: 'cancelled' },
      says('a', 487),
      says('b', 487),
    );
    expect(effects[2]).toEqual([
      { type: 'cancel', branch: 'a', reason: 'caller' },
      { type: 'cancel', branch: 'b', reason: 'caller' },
    ]);
    expect(effects[4]).toEqual([{ type: 'refuse', status: 487, branch: null }]);
    expect(phase).toBe('refused');
  });

  it('lets an answer that crosses the CANCEL through', () => {
    const { phase, last } = run(says('a', 180), { type: 'cancelled' }, says('a', 200));
    expect(phase).toBe('answered');
    expect(last).toEqual([{ type: 'pass-on' }]);
  });

  it('gives up after the ringing time with 480', () => {
    const { effects } = run(says('a', 180), { type: 'ringing-timeout' }, says('a', 487));
    expect(effects[1]).toEqual([{ type: 'cancel', branch: 'a', reason: 'timeout' }]);
    expect(effects[2]).toEqual([{ type: 'refuse', status: 480, branch: null }]);
  });

  it('waits no longer for a station that has never said anything, but cancels it if it rings after all', () => {
    const { effects } = run({ type: 'ringing-timeout' }, says('a', 180), says('a', 487), says('b', 408));
    expect(effects).toEqual([
      [{ type: 'refuse', status: 480, branch: null }],
      [{ type: 'cancel', branch: 'a', reason: 'timeout' }],
      [],
      [],
    ]);
  });

  it.each<ForkEvent>([{ type: 'cancelled' }, { type: 'ringing-timeout' }, says('a', 487), says('c', 200)])(
    'ignores %o once answered',
    (event) => {
      const { phase, last } = run(says('a', 200), event);
      expect(phase).toBe('answered');
      expect(last).toEqual([]);
    },
  );

  it('refuses once only', () => {
    expect(run(says('a', 486), says('b', 486), says('b', 486)).last).toEqual([]);
  });
});
