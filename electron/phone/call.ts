import type { Reason } from '../contract/reasons.ts';
import type { AppearanceDialog, Party } from './dialog.ts';
import type { Effect } from './effects.ts';

/**
 * One call. What the contract calls `state` is derived (`shownState`), for a call that is being answered, held or
 * resumed goes on looking as before until the far end agrees.
 *
 *  seize/dial                     180          2xx
 *   -> seizing -> granted -> dialing -> ringing ----> active <-------> resuming
 *                    |          |         |           |   ^               ^
 *   INVITE           |          |         |      hold |   | refused       | resume
 *   -> incoming -> answering ---+---------+--2xx->    v   |               |
 *          |          |         |         |         holding ----------> held
 *          v          v         v         v           |                   |
 *        ending <-- hang up, reject, release: from every state -----------+
 *          |
 *          v
 *        (gone) <-- `ended` from the SIP side, from every state
 */
export type CallPhase =
  | 'seizing'
  | 'granted'
  | 'dialing'
  | 'ringing'
  | 'incoming'
  | 'answering'
  | 'active'
  | 'holding'
  | 'held'
  | 'resuming'
  | 'ending';

/** What a command waits for before it is answered. */
export interface Waiting {
  readonly request: number;
  readonly until: 'granted' | 'invited' | 'answered' | 'held' | 'resumed';
}

export interface Call {
  readonly id: string;
  readonly lineKey: number;
  readonly extension: number;
  /** The appearance it sits on; null on a private extension. */
  readonly appearance: number | null;
  /** RFC 4235 dialog id that we publish it under. */
  readonly dialogId: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly phase: CallPhase;
  readonly remote: Party;
  /** The number to call as soon as the line is granted. */
  readonly number: string | null;
  readonly since: number;
  readonly connectedSince: number | null;
  readonly muted: boolean;
  readonly heldByRemote: boolean;
  readonly earlyMedia: boolean;
  readonly silenced: boolean;
  readonly digits: string;
  readonly waiting: readonly Waiting[];
}

/** Off-hook without anybody called yet. */
export const isLifted = ({ phase }: Call): boolean => phase === 'seizing' || phase === 'granted';

export type CallEvent =
  | { readonly type: 'granted' }
  | { readonly type: 'refused'; readonly reason: Reason }
  | { readonly type: 'dial'; readonly number: string; readonly request: number }
  | { readonly type: 'answer'; readonly request: number }
  | { readonly type: 'hold'; readonly request: number | null }
  | { readonly type: 'resume'; readonly request: number }
  | { readonly type: 'finish' }
  | { readonly type: 'progress'; readonly media: boolean }
  | { readonly type: 'answered'; readonly remote: Party | null }
  | { readonly type: 'replaced'; readonly remote: Party }
  | { readonly type: 'held' }
  | { readonly type: 'resumed' }
  | { readonly type: 'hold-failed' }
  | { readonly type: 'remote-hold'; readonly on: boolean }
  | { readonly type: 'ended'; readonly reason: Reason | null };

/** The call after an event, null when it is gone, and what is to be done. */
export interface CallStep {
  readonly call: Call | null;
  readonly effects: readonly Effect[];
}

export function callAfter(call: Call, event: CallEvent, at: number): CallStep {
  const to = (phase: CallPhase, change: Partial<Call> = {}): Call => ({
    ...call,
    ...change,
    phase,
    since: at,
  });
  const same = (change: Partial<Call>, effects: readonly Effect[] = []): CallStep => ({
    call: { ...call, ...change },
    effects,
  });
  const impossible: CallStep = {
    call,
    effects: [{ type: 'impossible', event: event.type, state: `call ${call.id} ${call.phase}` }],
  };
  const ending = call.phase === 'ending';

  switch (event.type) {
    case 'granted':
      if (ending) return { call, effects: [] };
      if (call.phase !== 'seizing') return impossible;
      return call.number === null
        ? settle(to('granted'), 'granted')
        : dialNow(to('granted'), call.number, at);

    case 'refused':
      // A late refusal of a line that was already granted or given back changes nothing.
      if (call.phase !== 'seizing') return { call, effects: [] };
      return { call: null, effects: failWaiting(call, event.reason) };

    case 'dial': {
      const waiting = [...call.waiting, { request: event.request, until: 'invited' as const }];
      const remote = { number: event.number, name: null };
      if (call.phase === 'granted') return dialNow({ ...call, waiting, remote }, event.number, at);
      if (call.phase === 'seizing') return same({ waiting, remote, number: event.number });
      return impossible;
    }

    case 'answer': {
      if (call.phase === 'answering') {
        return same({ waiting: [...call.waiting, { request: event.request, until: 'answered' }] });
      }
      if (call.phase !== 'incoming') return impossible;
      const waiting = [...call.waiting, { request: event.request, until: 'answered' as const }];
      return { call: { ...call, phase: 'answering', waiting }, effects: [{ type: 'accept', call: call.id }] };
    }

    case 'hold': {
      const waiting =
        event.request === null
          ? call.waiting
          : [...call.waiting, { request: event.request, until: 'held' as const }];
      if (call.phase === 'holding') return same({ waiting });
      if (call.phase !== 'active' && call.phase !== 'resuming') return impossible;
      return { call: { ...call, phase: 'holding', waiting }, effects: [{ type: 'hold', call: call.id }] };
    }

    case 'resume': {
      const waiting = [...call.waiting, { request: event.request, until: 'resumed' as const }];
      if (call.phase === 'resuming') return same({ waiting });
      if (call.phase !== 'held') return impossible;
      return { call: { ...call, phase: 'resuming', waiting }, effects: [{ type: 'resume', call: call.id }] };
    }

    case 'finish': {
      if (ending) return { call, effects: [] };
      const lost = failWaiting(call, { code: 'wrong-state' });
      const timer = `ending:${call.id}`;
      return {
        call: { ...to('ending'), waiting: [] },
        effects: isLifted(call)
          ? [...lost, { type: 'start-timer', timer, ms: 0 }]
          : [
              ...lost,
              call.phase === 'incoming'
                ? { type: 'decline', call: call.id, status: busyHere }
                : { type: 'hang-up', call: call.id },
              { type: 'start-timer', timer, ms: endingShown },
            ],
      };
    }

    case 'progress':
      if (ending) return { call, effects: [] };
      if (call.phase !== 'dialing' && call.phase !== 'ringing') return impossible;
      if (call.phase === 'ringing') return same({ earlyMedia: call.earlyMedia || event.media });
      return { call: to('ringing', { earlyMedia: event.media }), effects: [] };

    case 'answered':
      if (ending) return { call, effects: [] };
      if (call.phase !== 'dialing' && call.phase !== 'ringing' && call.phase !== 'answering')
        return impossible;
      return settle(
        to('active', { connectedSince: at, remote: event.remote ?? call.remote, silenced: true }),
        'answered',
      );

    case 'replaced':
      if (ending) return { call, effects: [] };
      if (call.connectedSince === null) return impossible;
      return same({ remote: event.remote, heldByRemote: false });

    case 'held':
      if (ending) return { call, effects: [] };
      if (call.phase !== 'holding') return impossible;
      return settle(to('held'), 'held');

    case 'resumed':
      if (ending) return { call, effects: [] };
      if (call.phase !== 'resuming') return impossible;
      return settle(to('active'), 'resumed');

    case 'hold-failed': {
      if (ending) return { call, effects: [] };
      const back = call.phase === 'holding' ? 'active' : call.phase === 'resuming' ? 'held' : null;
      if (back === null) return impossible;
      return {
        call: { ...call, phase: back, waiting: [] },
        effects: failWaiting(call, { code: 'hold-failed' }),
      };
    }

    case 'remote-hold':
      return same({ heldByRemote: event.on });

    case 'ended':
      return {
        call: null,
        effects: [
          ...failWaiting(call, event.reason ?? { code: 'call-lost' }),
          { type: 'stop-timer', timer: `ending:${call.id}` },
        ],
      };
  }
}

/** How long a call that waits for the far end's word on its BYE or CANCEL stays on the screen, in ms. */
const endingShown = 1500;

/** 486, not 603: a refusal here must leave the call ringing at the colleagues' (RFC 3261, 16.7 step 5). */
const busyHere = 486;

function dialNow(call: Call, number: string, at: number): CallStep {
  const invited = settle({ ...call, number, phase: 'dialing', since: at }, 'invited', 'granted');
  return {
    call: invited.call,
    effects: [{ type: 'invite', call: call.id, extension: call.extension, number }, ...invited.effects],
  };
}

/** Answers the commands that waited for this. */
function settle(call: Call, ...reached: readonly Waiting['until'][]): CallStep {
  const done = call.waiting.filter((waiting) => reached.includes(waiting.until));
  return {
    call: { ...call, waiting: call.waiting.filter((waiting) => !done.includes(waiting)) },
    effects: done.map(({ request }) => ({
      type: 'reply',
      request,
      reply: { ok: true, result: { call: call.id } },
    })),
  };
}

function failWaiting(call: Call, reason: Reason): Effect[] {
  return call.waiting.map(({ request }) => ({ type: 'reply', request, reply: { ok: false, reason } }));
}

/** The call as its appearance's other sharers should see it; null while it is not ours to tell (only ringing here). */
export function publishedDialog(call: Call, displayName: string, ownUserId: string): AppearanceDialog | null {
  const state = publishedState(call.phase);
  if (state === null) return null;
  return {
    id: call.dialogId,
    direction: call.direction === 'outgoing' ? 'initiator' : 'recipient',
    state,
    held: call.phase === 'held' || call.phase === 'resuming',
    exclusive: false,
    local: { number: ownUserId, name: displayName || null },
    remote: call.remote.number === '' ? null : call.remote,
  };
}

function publishedState(phase: CallPhase): AppearanceDialog['state'] | null {
  switch (phase) {
    case 'incoming':
    case 'answering':
      return null;
    case 'seizing':
    case 'granted':
    case 'dialing':
      return 'trying';
    case 'ringing':
      return 'early';
    case 'active':
    case 'holding':
    case 'held':
    case 'resuming':
      return 'confirmed';
    case 'ending':
      return 'terminated';
  }
}
