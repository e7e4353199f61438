/**
 * One INVITE to an extension, forked to all contacts of it (RFC 3261, 16.6 to 16.10), without its wire.
 *
 * ```
 *                    1xx: passed on
 *                   +------+
 *                   |      v     2xx: passed on, the others cancelled           2xx (late): passed on
 *  start -------> ringing ------------------------------------------> answered ---------+
 *                   |  |                                                 ^   ^----------+
 *   CANCEL / 60 s:  |  | last branch refuses: best refusal              | 2xx overtakes the CANCEL
 *   all cancelled   v  |                                                |
 *               cancelling ---------------------------------------------+
 *                      |  last branch refuses: 487 (cancelled), 480 (nobody answered; the silent are not waited for)
 *                      v
 *                   refused
 * ```
 */
export interface ForkState {
  readonly phase: 'ringing' | 'cancelling' | 'answered' | 'refused';
  /** What the caller gets when nobody answers after all; null: the best refusal. */
  readonly verdict: number | null;
  readonly branches: ReadonlyMap<string, Branch>;
}

/** `waiting`: no answer yet; a CANCEL must wait for the first provisional one (RFC 3261, 9.1). */
export interface Branch {
  readonly state: 'waiting' | 'proceeding' | 'over';
  readonly cancelled: boolean;
  readonly status: number | null;
}

export type ForkEvent =
  /** A response of a branch; the wire keeps the message itself. `status` 408 also for a branch that stays silent. */
  | { readonly type: 'response'; readonly branch: string; readonly status: number }
  | { readonly type: 'cancelled' }
  | { readonly type: 'ringing-timeout' };

export type CancelReason = 'completed-elsewhere' | 'caller' | 'timeout';

export type ForkEffect =
  /** Passes the response just received on to the caller. */
  | { readonly type: 'pass-on' }
  | { readonly type: 'cancel'; readonly branch: string; readonly reason: CancelReason }
  /** The final refusal; `branch` says whose response to use, null: the PBX's own. */
  | { readonly type: 'refuse'; readonly status: number; readonly branch: string | null };

export interface ForkStep {
  readonly state: ForkState;
  readonly effects: readonly ForkEffect[];
}

/** 480, to the caller. */
const noAnswer = 480;

export const startFork = (branches: readonly string[]): ForkState => ({
  phase: 'ringing',
  verdict: null,
  branches: new Map(branches.map((id) => [id, { state: 'waiting', cancelled: false, status: null }])),
});

export function stepFork(state: ForkState, event: ForkEvent): ForkStep {
  switch (event.type) {
    case 'cancelled':
      return state.phase === 'ringing' ? giveUp(state, 'caller', 487) : { state, effects: [] };
    case 'ringing-timeout':
      return state.phase === 'ringing' ? nobodyAnswered(state) : { state, effects: [] };
    case 'response':
      return response(state, event.branch, event.status);
  }
}

function response(state: ForkState, id: string, status: number): ForkStep {
  const branch = state.branches.get(id);
  if (!branch) return { state, effects: [] };
  if (status < 200) return provisional(state, id, branch, status);
  if (branch.state === 'over' && status >= 300) return { state, effects: [] };
  const next = withBranch(state, id, { ...branch, state: 'over', status });
  return status < 300 ? answered(next) : refused(next);
}

function provisional(state: ForkState, id: string, branch: Branch, status: number): ForkStep {
  if (branch.state === 'over') return { state, effects: [] };
  const next = withBranch(state, id, { ...branch, state: 'proceeding' });
  if (branch.cancelled && branch.state === 'waiting') {
    return { state: next, effects: [{ type: 'cancel', branch: id, reason: reasonOf(state) }] };
  }
  // 100 is hop by hop (16.7, step 5).
  const passOn = state.phase === 'ringing' && status > 100;
  return { state: next, effects: passOn ? [{ type: 'pass-on' }] : [] };
}

const answered = (state: ForkState): ForkStep => {
  const next = cancelOpenBranches({ ...state, phase: 'answered' }, 'completed-elsewhere');
  return { state: next.state, effects: [{ type: 'pass-on' }, ...next.effects] };
};

function refused(state: ForkState): ForkStep {
  const pending = [...state.branches.values()].some((it) => isPending(state, it));
  if (pending || state.phase === 'answered' || state.phase === 'refused') return { state, effects: [] };
  const best = bestRefusal(state);
  const effect: ForkEffect =
    state.verdict === null
      ? { type: 'refuse', status: best.status, branch: best.branch }
      : { type: 'refuse', status: state.verdict, branch: null };
  return { state: { ...state, phase: 'refused' }, effects: [effect] };
}

/** Where nobody has said anything for so long, nobody is: that branch counts as refused (RFC 3261, 16.8). */
const isPending = ({ verdict }: ForkState, { state }: Branch): boolean =>
  state === 'proceeding' || (state === 'waiting' && verdict !== noAnswer);

function nobodyAnswered(state: ForkState): ForkStep {
  const given = giveUp(state, 'timeout', noAnswer);
  const { state: next, effects } = refused(given.state);
  return { state: next, effects: [...given.effects, ...effects] };
}

const giveUp = (state: ForkState, reason: CancelReason, verdict: number): ForkStep =>
  cancelOpenBranches({ ...state, phase: 'cancelling', verdict }, reason);

/** Cancels at once the branches that have answered provisionally; the others when they do. */
function cancelOpenBranches(state: ForkState, reason: CancelReason): ForkStep {
  const branches = new Map(state.branches);
  const effects: ForkEffect[] = [];
  for (const [branch, it] of state.branches) {
    if (it.state === 'over' || it.cancelled) continue;
    branches.set(branch, { ...it, cancelled: true });
    if (it.state === 'proceeding') effects.push({ type: 'cancel', branch, reason });
  }
  return { state: { ...state, branches }, effects };
}

function reasonOf(state: ForkState): CancelReason {
  if (state.phase === 'answered') return 'completed-elsewhere';
  return state.verdict === 487 ? 'caller' : 'timeout';
}

/** 6xx wins, then the lowest class (16.7, step 6); 486 tells the caller most, a silent station least. */
function bestRefusal(state: ForkState): { readonly status: number; readonly branch: string } {
  const refusals = [...state.branches].map(([branch, it]) => ({ branch, status: it.status ?? 408 }));
  const rank = (status: number): number => {
    if (status >= 600) return 0;
    if (status === 486) return 1;
    return status === 408 ? 10_000 : status;
  };
  return refusals.reduce((best, it) => (rank(it.status) < rank(best.status) ? it : best));
}

const withBranch = (state: ForkState, id: string, branch: Branch): ForkState => ({
  ...state,
  branches: new Map(state.branches).set(id, branch),
});
