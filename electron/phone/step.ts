import { appearancesTold } from './appearance-step.ts';
import { callEnded, seizeRefused } from './call-step.ts';
import { commandStep } from './command-step.ts';
import type { PhoneEvent } from './events.ts';
import { incomingStep } from './incoming-step.ts';
import { shownKey } from './line-key.ts';
import { callsOnKey, extensionAt, type Phone } from './phone.ts';
import { publications } from './publication.ts';
import { agentAnswered, forgetAppearances, registered, withExtension } from './registration-step.ts';
import { andThen, onCall, quiet, type Step, withNotice, withoutCall } from './transition.ts';

/**
 * The phone after an event, and what is to be done: the only way that its truth changes. `at` is the instant of the
 * event, in ms since the epoch.
 */
export function step(phone: Phone, event: PhoneEvent, at: number): Step {
  const handled = handle(phone, event, at);
  const effects = [...handled.effects, ...publications(phone, handled.phone)];
  return { phone: withShownKeys(handled.phone, at), effects };
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
      return registered(phone, event.extension, event.fresh);
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
      return onCall(phone, event.call, { type: 'granted' }, at);
    case 'seize-refused':
      return seizeRefused(phone, event.call, event.silent, at);
    case 'ended':
      return callEnded(phone, event.call, event.reason, at);
    case 'progress':
    case 'answered':
    case 'replaced':
    case 'held':
    case 'resumed':
    case 'remote-hold':
      return onCall(phone, event.call, event, at);
    case 'hold-failed':
      return andThen(onCall(phone, event.call, event, at), (now) => withNotice(now, { code: 'hold-failed' }));
    case 'media-failed':
      return withNotice(phone, { code: 'media-failed', params: { detail: event.detail } });
    case 'audio':
      return quiet({ ...phone, microphone: event.microphone, speaker: event.speaker });
    case 'watched':
    case 'dialog':
    case 'taken-over':
    case 'joined':
      return quiet(phone);
    case 'timer':
      return timerFired(phone, event.timer);
  }
}

function lostRegistration(
  phone: Phone,
  index: number,
  registration: 'failed' | 'unregistered',
  reason: Phone['extensions'][number]['reason'],
): Phone {
  return forgetAppearances(withExtension(phone, index, { registration, reason }), index);
}

function timerFired(phone: Phone, timer: string): Step {
  const [name, id = ''] = timer.split(':');
  switch (name) {
    case 'notice':
      return quiet({ ...phone, notices: phone.notices.filter((notice) => notice.id !== id) });
    case 'ending':
      return quiet(withoutCall(phone, id));
    case 'busy-tone':
      return quiet({ ...phone, busyTone: false });
    default:
      return { phone, effects: [{ type: 'impossible', event: `timer ${timer}`, state: 'phone' }] };
  }
}

/** `since` moves when what the key shows does, and only then. */
function withShownKeys(phone: Phone, at: number): Phone {
  const keys = phone.config.lineKeys.map((key, position) => {
    const shown = shownKey(
      key,
      extensionAt(phone, key.extension),
      phone.appearances[position],
      callsOnKey(phone, key.index),
    );
    const before = phone.keys[position];
    return before?.state === shown.state && before.who === shown.who ? before : { ...shown, since: at };
  });
  return { ...phone, keys };
}
