import type { Reason } from '../../contract/reasons.ts';
import type { Effect } from '../effects.ts';
import { type Call, type CallEvent, type CallPhase, isLifted, type Waiting } from './call.ts';

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
    overdue: false,
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
        ? settle(to('granted'), ['granted'])
        : dialNow(to('granted'), call.number, at);

    case 'refused':
      // A late refusal of a line that was already granted or given back changes nothing.
      if (call.phase !== 'seizing') return { call, effects: [] };
      return { call: null, effects: failWaiting(call, event.reason) };

    case 'dial': {
      const waiting =
        event.request === null
          ? call.waiting
          : [...call.waiting, { request: event.request, until: 'invited' as const }];
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
      const waiting = waitingFor(call, 'held', event.request);
      if (call.phase === 'holding') return same({ waiting, private: event.private });
      if (call.phase !== 'active' && call.phase !== 'resuming') return impossible;
      // Who waited for it to be resumed waits in vain.
      const [lost, still] = [true, false].map((is) =>
        waiting.filter(({ until }) => (until === 'resumed') === is),
      );
      return {
        call: { ...call, phase: 'holding', private: event.private, waiting: still ?? [] },
        effects: [
          { type: 'hold', call: call.id },
          ...failWaiting({ ...call, waiting: lost ?? [] }, { code: 'wrong-state' }),
        ],
      };
    }

    case 'resume': {
      const waiting = waitingFor(call, 'resumed', event.request);
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
        to('active', {
          connectedSince: at,
          remote: event.remote ?? call.remote,
          silenced: true,
          taken: null,
        }),
        ['answered'],
      );

    case 'replaced':
      if (ending) return { call, effects: [] };
      if (call.connectedSince === null) return impossible;
      // Who wanted to send us elsewhere is not there any more.
      return same({ remote: event.remote, heldByRemote: false, referral: null });

    case 'identified': {
      const { number, name } = event.remote;
      const isNews = number !== call.remote.number || (name !== null && name !== call.remote.name);
      return isNews && !ending ? same({ remote: event.remote }) : { call, effects: [] };
    }

    case 'held':
      if (ending) return { call, effects: [] };
      if (call.phase !== 'holding') return impossible;
      return settle(to('held'), ['held'], [{ type: 'start-timer', timer: reminder(call), ms: holdReminded }]);

    case 'overdue':
      return same({ overdue: call.phase === 'held' || call.phase === 'resuming' });

    case 'resumed':
      // It was asked to be held again meanwhile, and soon will be.
      if (ending || call.phase === 'holding') return { call, effects: [] };
      if (call.phase !== 'resuming') return impossible;
      return settle(
        to('active', { private: false, taken: null }),
        ['resumed'],
        [{ type: 'stop-timer', timer: reminder(call) }],
      );

    case 'hold-failed': {
      if (ending) return { call, effects: [] };
      const back = call.phase === 'holding' ? 'active' : call.phase === 'resuming' ? 'held' : null;
      if (back === null) return impossible;
      // A call that is to be handed over goes all the same.
      const waiting = call.waiting.filter(({ until }) => until === 'transferred');
      const failed = call.waiting.filter((each) => !waiting.includes(each));
      return {
        call: { ...call, phase: back, waiting },
        effects: failWaiting({ waiting: failed }, { code: 'hold-failed' }),
      };
    }

    case 'remote-hold':
      return same({ heldByRemote: event.on });

    case 'dialog':
      return same({ identifiers: event.identifiers, target: event.target });

    case 'sound':
      return same({ codec: event.codec, encrypted: event.encrypted, opus: event.opus });

    case 'joined':
      return same({ joined: event.parties });

    case 'taken':
      return same({ taken: { by: event.by }, silenced: true });

    case 'ended':
      return {
        call: null,
        effects: [
          ...failWaiting(call, event.reason ?? { code: 'call-lost' }),
          { type: 'stop-timer', timer: `ending:${call.id}` },
          { type: 'stop-timer', timer: reminder(call) },
        ],
      };
  }
}

/** After how long on hold its user is reminded, in ms. */
const holdReminded = 120_000;
const reminder = (call: Call): string => `hold-reminder:${call.id}`;

/** How long a call that waits for the far end's word on its BYE or CANCEL stays on the screen, in ms. */
const endingShown = 1500;

/** 486, not 603: a refusal here must leave the call ringing at the colleagues' (RFC 3261, 16.7 step 5). */
const busyHere = 486;

function dialNow(call: Call, number: string, at: number): CallStep {
  const { id, extension, appearance } = call;
  const dialing = { ...call, number, digits: '', phase: 'dialing' as const, since: at };
  return settle(
    dialing,
    ['granted', 'invited'],
    [{ type: 'invite', call: id, extension, number, appearance }],
  );
}

/** Answers the commands that waited for this, after `effects`. */
function settle(call: Call, reached: readonly Waiting['until'][], effects: readonly Effect[] = []): CallStep {
  const done = call.waiting.filter((waiting) => reached.includes(waiting.until));
  const replies = done.map(
    ({ request }): Effect => ({
      type: 'reply',
      request,
      reply: { ok: true, result: { call: call.id } },
    }),
  );
  return {
    call: { ...call, waiting: call.waiting.filter((waiting) => !done.includes(waiting)) },
    effects: [...effects, ...replies],
  };
}

const waitingFor = (call: Call, until: Waiting['until'], request: number | null): readonly Waiting[] =>
  request === null ? call.waiting : [...call.waiting, { request, until }];

function failWaiting({ waiting }: Pick<Call, 'waiting'>, reason: Reason): Effect[] {
  return waiting.map(({ request }) => ({ type: 'reply', request, reply: { ok: false, reason } }));
}
