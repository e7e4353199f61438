import type { Reason } from '../contract/reasons.ts';
import { answered, joined, patienceOver, seizeGranted, seizeRefused } from './calls/call-step.ts';
import { withHistory } from './calls/history.ts';
import { incomingStep } from './calls/incoming-step.ts';
import { recording, recordingFailed, withRecordings } from './calls/recording-step.ts';
import { commandStep } from './command-step.ts';
import { withConferences } from './conference/conference-step.ts';
import { callBackDue, withCallBack } from './dialing/call-back-step.ts';
import { digitsOver, withWarmLines } from './dialing/typing-step.ts';
import type { PhoneEvent } from './events.ts';
import { appearancesTold, watchedTold } from './lines/appearance-step.ts';
import { letGo } from './lines/left-dialog.ts';
import { isUntouched, shownKey } from './lines/line-key.ts';
import { withPublications } from './lines/publication.ts';
import { callById, type Phone, withExtension } from './phone.ts';
import { legMeasured, playoutMeasured } from './quality/quality-step.ts';
import { agentAnswered, forgetAppearances, registered } from './registration-step.ts';
import { gotThere, questionLost, referred, stayWith, withSuccessions } from './transfer/referral-step.ts';
import {
  callOver,
  notSentAnyMore,
  readyToGo,
  transferAccepted,
  transferFailed,
  transferred,
} from './transfer/transfer-step.ts';
import { isDestination, underWay } from './transfer/transferring.ts';
import { andThen, onCall, quiet, type Step, withNotice, withoutCall } from './transition.ts';

/**
 * The phone after an event, and what is to be done: the only way that its truth changes. `at` is the instant of the
 * event, in ms since the epoch.
 */
export function step(phone: Phone, event: PhoneEvent, at: number): Step {
  const taken = withWarmLines(phone, withSuccessions(phone, handle(phone, event, at)), at);
  const together = withRecordings(phone, withConferences(phone, taken, at));
  const told = withPublications(phone, together, at);
  const past = withHistory(phone, told.phone, whyEnded(event), at);
  const attempted = withCallBack(phone, { phone: past, effects: told.effects }, event);
  return { ...attempted, phone: withShownKeys(phone, attempted.phone, at) };
}

function handle(phone: Phone, event: PhoneEvent, at: number): Step {
  switch (event.type) {
    case 'command':
      return commandStep(phone, event.request, event.command, at);
    case 'bound':
      return quiet(
        withExtension(phone, event.extension, {
          localPort: event.port,
          wantedPort: event.port === event.wanted ? null : event.wanted,
        }),
      );
    case 'registering':
      return quiet(withExtension(phone, event.extension, { registration: 'registering' }));
    case 'registered':
      return registered(phone, event.extension, event.fresh, at);
    case 'register-failed':
      return quiet(lostRegistration(phone, event.extension, 'failed', event.reason));
    case 'unregistered':
      return quiet(lostRegistration(phone, event.extension, 'unregistered', null));
    case 'agent':
      return agentAnswered(phone, event.extension, event.present, at);
    case 'appearances':
      return appearancesTold(phone, event, at);
    case 'appearances-unknown':
      return quiet(forgetAppearances(phone, event.extension));
    case 'incoming':
      return incomingStep(phone, event, at);
    case 'seize-granted':
      return seizeGranted(phone, event.call, event.appearance, at);
    case 'seize-refused':
      return seizeRefused(phone, event.call, event.silent, at);
    case 'ended':
      return andThen(questionLost(phone, event.call), (now) => callOver(now, event.call, event.reason, at));
    case 'answered':
      return andThen(answered(phone, event.call, event.remote, at), (now) => gotThere(now, event.call, at));
    case 'joined':
      return joined(phone, event.call, event.parties, at);
    case 'taken-over':
      if (isDestination(phone, event.call)) return quiet(phone);
      return onCall(phone, event.call, { type: 'taken', by: event.by }, at);
    case 'replaced':
      return andThen(onCall(phone, event.call, event, at), (now) => notSentAnyMore(now, event.call, at));
    case 'progress':
    case 'identified':
    case 'resumed':
    case 'remote-hold':
    case 'dialog':
    case 'sound':
      return onCall(phone, event.call, event, at);
    case 'held':
      return andThen(onCall(phone, event.call, event, at), (now) => readyToGo(now, event.call, at));
    case 'hold-failed':
      return holdFailed(phone, event.call, at);
    case 'media-failed':
      return withNotice(phone, { code: 'media-failed', params: { trouble: 'audio-process' } });
    case 'audio':
      return quiet({ ...phone, microphone: event.microphone, speaker: event.speaker });
    case 'transfer-accepted':
      return transferAccepted(phone, event.call);
    case 'transferred':
      return transferred(phone, event.call, at);
    case 'transfer-failed':
      return transferFailed(phone, event.call, event.reason, at);
    case 'referred':
      return referred(phone, event, at);
    case 'leg-quality':
      return legMeasured(phone, event.call, event.quality);
    case 'playout':
      return playoutMeasured(phone, event.report);
    case 'recording':
      return recording(phone, event.call, event.file, at);
    case 'recording-failed':
      return recordingFailed(phone, event);
    case 'watched':
      return watchedTold(phone, event, at);
    case 'timer':
      return timerFired(phone, event.timer, at);
  }
}

function holdFailed(phone: Phone, id: string, at: number): Step {
  const failed = onCall(phone, id, { type: 'hold-failed' }, at);
  const call = callById(phone, id);
  return call && underWay(call)
    ? andThen(failed, (now) => readyToGo(now, id, at))
    : andThen(failed, (now) => withNotice(now, { code: 'hold-failed' }));
}

function lostRegistration(
  phone: Phone,
  index: number,
  registration: 'failed' | 'unregistered',
  reason: Phone['extensions'][number]['reason'],
): Phone {
  return forgetAppearances(withExtension(phone, index, { registration, reason }), index);
}

/** Why a call that ends now does so, when it is not the user who ends it. */
function whyEnded(event: PhoneEvent): Reason | null {
  switch (event.type) {
    case 'ended':
      return event.reason;
    case 'seize-refused':
      return { code: event.silent ? 'pbx-silent' : 'line-in-use' };
    case 'appearances':
      return { code: 'line-in-use' };
    default:
      return null;
  }
}

function timerFired(phone: Phone, timer: string, at: number): Step {
  const [name, id = ''] = timer.split(':');
  switch (name) {
    case 'notice':
      return quiet({ ...phone, notices: phone.notices.filter((notice) => notice.id !== id) });
    case 'digits':
      return digitsOver(phone, id, at);
    case 'emergency':
      return patienceOver(phone, id, at);
    case 'ending':
      return quiet(withoutCall(phone, id));
    case 'hold-reminder':
      return onCall(phone, id, { type: 'overdue' }, at);
    case 'referral':
      return stayWith(phone, id);
    case 'sent-on':
      return onCall(phone, id, { type: 'finish' }, at);
    case 'let-go': {
      const left = phone.left.find(({ dialog, toldAt }) => dialog.id === id && toldAt === null);
      return left ? letGo(phone, left, at) : quiet(phone);
    }
    case 'fail-tone':
      return quiet({ ...phone, failTone: null });
    case 'call-back':
      return callBackDue(phone, at);
    default:
      return { phone, effects: [{ type: 'impossible', event: `timer ${timer}`, state: 'phone' }] };
  }
}

/** `since` moves when what the key shows does, and only then. */
function withShownKeys(before: Phone, now: Phone, at: number): Phone {
  const keys = now.config.lineKeys.map((key, position) => {
    const earlier = before.keys[position];
    if (earlier && isUntouched(before, now, key)) return earlier;
    const shown = shownKey(now, key);
    const same = earlier?.state === shown.state && earlier.who === shown.who && earlier.with === shown.with;
    const since = shown.since ?? (same ? earlier.since : at);
    return same && earlier.since === since ? earlier : { ...shown, since };
  });
  return { ...now, keys };
}
