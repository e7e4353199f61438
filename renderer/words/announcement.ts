import type { CallView, Snapshot } from '../../electron/contract/snapshot.ts';
import { callerName, referralSentence, transferSentence } from '../call/call-words.ts';
import { numberOf } from '../call/registration-problems.ts';
import { faultSentence } from '../quality/quality-words.ts';
import type { Say } from './words.ts';

/**
 * What a screen reader should say of the step from one snapshot to the next: one's own calls, registrations and
 * whether the phone rings.
 */
export function announcements(before: Snapshot, after: Snapshot, say: Say): string[] {
  return [...calls(before, after, say), ...registrations(before, after, say), ...quiet(before, after, say)];
}

const quiet = (before: Snapshot, after: Snapshot, say: Say): string[] =>
  before.doNotDisturb === after.doNotDisturb
    ? []
    : [say(after.doNotDisturb ? 'spoken.dndOn' : 'spoken.dndOff')];

function calls(before: Snapshot, after: Snapshot, say: Say): string[] {
  const said = after.calls.flatMap((call) => {
    const old = before.calls.find(({ id }) => id === call.id);
    const label = after.lineKeys.find(({ index }) => index === call.lineKey)?.label ?? '';
    const sentence = callChange(old, call, label, say);
    return [
      ...(sentence === null ? [] : [sentence]),
      ...(old ? [...control(old, call, after, say), ...sound(old, call, say)] : []),
    ];
  });
  const gone = before.calls
    .filter(({ id, connectedSince }) => connectedSince && !after.calls.some((call) => call.id === id))
    .map((call) => say('spoken.ended', { who: callerName(call, say) }));
  return [...said, ...gone];
}

function callChange(before: CallView | undefined, call: CallView, label: string, say: Say): string | null {
  const who = callerName(call, say);
  if (before?.state !== call.state) {
    switch (call.state) {
      case 'incoming':
        return say('spoken.incoming', { who, label });
      case 'dialing':
        return say('spoken.dialing', { who });
      case 'ringing':
        return say('spoken.ringing', { who });
      case 'active':
        return say('spoken.active', { who });
      case 'held':
        return say(call.private ? 'spoken.heldPrivately' : 'spoken.held', { who });
      case 'seizing':
        return call.granted ? say('spoken.granted', { label }) : null;
      case 'ending':
        return null;
    }
  }
  if (call.granted && !before.granted) return say('spoken.granted', { label });
  if (call.heldByRemote && !before.heldByRemote) return say('spoken.heldByRemote', { who });
  if (call.muted !== before.muted) return say(call.muted ? 'spoken.muted' : 'spoken.unmuted');
  return null;
}

/** Transfers, conferences and recordings. */
function control(before: CallView, call: CallView, after: Snapshot, say: Say): string[] {
  const who = callerName(call, say);
  const said: (string | null)[] = [];
  if (call.transfer?.state !== before.transfer?.state) {
    const sentence = transferSentence(call, after, say);
    said.push(sentence && say('spoken.transfer', { who, sentence }));
  }
  if (call.referredTo !== null && before.referredTo === null) said.push(referralSentence(call, say));
  if (call.conference !== before.conference) {
    if (call.conference !== null) said.push(say('spoken.inConference', { who }));
    // Whoever goes on talking, or hangs up, has not been taken out of it.
    else if (call.state === 'held') said.push(say('spoken.leftConference', { who }));
  }
  if (call.partyMuted !== before.partyMuted) {
    said.push(say(call.partyMuted ? 'spoken.partyMuted' : 'spoken.partyHeard', { who }));
  }
  if ((call.recording === null) !== (before.recording === null)) {
    said.push(say(call.recording === null ? 'spoken.notRecording' : 'spoken.recording', { who }));
  }
  return said.filter((sentence) => sentence !== null);
}

/** Who is at fault when a call begins to sound bad. */
function sound({ quality: before }: CallView, { quality }: CallView, say: Say): string[] {
  if (quality === null || quality.fault === null || quality.fault === before?.fault) return [];
  return [faultSentence(quality, say) ?? ''];
}

function registrations(before: Snapshot, after: Snapshot, say: Say): string[] {
  return after.extensions.flatMap((extension) => {
    const old = before.extensions.find(({ index }) => index === extension.index);
    if (old?.registration === extension.registration) return [];
    const number = numberOf(extension);
    if (extension.registration === 'registered') return [say('spoken.registered', { number })];
    if (extension.registration !== 'failed') return [];
    return [say('spoken.failed', { number, sentence: extension.reason ?? '' })];
  });
}
