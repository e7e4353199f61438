import type { Reason } from '../contract/reasons.ts';
import type {
  CallRecord,
  CallView,
  ExtensionView,
  LineKeyView,
  Notice,
  Snapshot,
} from '../contract/snapshot.ts';
import type { Call } from './calls/call.ts';
import { known } from './dialing/known-name.ts';
import type { Party } from './lines/dialog.ts';
import { joinable, pickable, seizable, whyHandsOff } from './lines/key-offers.ts';
import { isUntouched, shownOnKey, shownState } from './lines/line-key.ts';
import {
  callsOnKey,
  type Extension,
  extensionAt,
  extensionConfigAt,
  hostOf,
  type LineKeyConfig,
  type PastCall,
  type Phone,
} from './phone.ts';
import { qualityNow } from './quality/quality.ts';
import { dialPlanMistake } from './settings-step.ts';
import { soundOf } from './sound.ts';
import { transferView } from './transfer/transferring.ts';

/** Puts a reason into a sentence of the user's language. */
export type Say = (reason: Reason) => string;

/** The part of the snapshot that the running phone is the truth of. */
export type PhoneView = Pick<
  Snapshot,
  | 'extensions'
  | 'lineKeys'
  | 'calls'
  | 'history'
  | 'doNotDisturb'
  | 'settings'
  | 'sound'
  | 'audio'
  | 'problems'
  | 'notices'
>;

/**
 * Shows a phone, one state after the other. The view of a key that has nothing new to say is the same object as before,
 * so that whoever compares is soon done.
 */
export function createProjection(say: Say): (phone: Phone) => PhoneView {
  let last: { readonly phone: Phone; readonly lineKeys: readonly LineKeyView[] } | null = null;
  return (phone) => {
    const before = last;
    const lineKeys = phone.config.lineKeys.map((key, position) => {
      const earlier = before?.lineKeys[position];
      const same = before?.phone.keys[position] === phone.keys[position];
      return before && earlier && same && isUntouched(before.phone, phone, key)
        ? earlier
        : lineKeyView(phone, key, say);
    });
    last = { phone, lineKeys };
    return phoneView(phone, lineKeys, say);
  };
}

function phoneView(phone: Phone, lineKeys: LineKeyView[], say: Say): PhoneView {
  return {
    extensions: phone.extensions.map((extension) => extensionView(phone, extension, say)),
    lineKeys,
    calls: phone.calls.map((call) => callView(phone, call)),
    history: phone.history.map(callRecord),
    doNotDisturb: phone.doNotDisturb,
    settings: phone.settings,
    sound: soundOf(phone),
    audio: { microphone: phone.microphone, speaker: phone.speaker },
    problems: problems(phone).map((problem, position) => notice(`p${position + 1}`, problem, say)),
    notices: phone.notices.map(({ id, reason }) => notice(id, reason, say)),
  };
}

const notice = (id: string, reason: Reason, say: Say): Notice => ({
  id,
  code: reason.code,
  sentence: say(reason),
});

function extensionView(phone: Phone, extension: Extension, say: Say): ExtensionView {
  const config = extensionConfigAt(phone, extension.index);
  return {
    index: extension.index,
    userId: config?.userId ?? '',
    sharedUserId: config?.sharedUserId ?? null,
    registration: extension.registration,
    reason: extension.reason && say(extension.reason),
    reasonCode: extension.reason?.code ?? null,
    localPort: extension.localPort,
  };
}

function lineKeyView(phone: Phone, key: LineKeyConfig, say: Say): LineKeyView {
  const { index, extension, label, shared, watched } = key;
  const shown = phone.keys[index - 1];
  const reason = extensionAt(phone, extension)?.reason;
  const pick = pickable(phone, key);
  const join = joinable(phone, key);
  const handsOff = whyHandsOff(phone, key, pick, join);
  return {
    index,
    kind: watched === null ? 'line' : 'watch',
    extension,
    watched,
    label,
    shared,
    state: shown?.state ?? 'disabled',
    who: shown?.who ?? null,
    with: shown?.with ?? null,
    since: shown ? instant(shown.since) : null,
    calls: callsOnKey(phone, index).map((call) => call.id),
    appearances: shownOnKey(phone, key).map(({ since, ...each }) => ({
      ...each,
      since: instant(since),
    })),
    can: {
      seize: seizable(phone, key).ok,
      pickUp: pick.ok,
      bargeIn: join.ok,
    },
    cannot: handsOff && say(handsOff),
    reason: shown?.state === 'register-failed' && reason ? say(reason) : null,
  };
}

function callView(phone: Phone, call: Call): CallView {
  const state = shownState(call.phase);
  return {
    id: call.id,
    lineKey: call.lineKey,
    direction: call.direction,
    state,
    remote: party(known(phone, call.remote)),
    since: instant(call.since),
    connectedSince: call.connectedSince === null ? null : instant(call.connectedSince),
    muted: call.muted,
    heldByRemote: call.heldByRemote,
    granted: call.phase === 'granted',
    silenced: call.silenced,
    private: state === 'held' && call.private,
    joined: call.connectedSince === null ? [] : call.joined.map((each) => party(known(phone, each))),
    media: !['seizing', 'ending'].includes(state),
    digits: call.digits,
    transfer: transferView(phone, call),
    conference: hostOf(phone, call.id),
    partyMuted: call.partyMuted,
    recording: recordingView(call),
    codec: call.codec,
    encrypted: call.encrypted,
    opus: call.opus,
    quality: qualityNow(call.measured, call.codec ?? 'PCMU'),
  };
}

const recordingView = ({ recording }: Call): CallView['recording'] =>
  recording?.file ? { since: instant(recording.since), file: recording.file } : null;

const callRecord = ({ appearance: _, remote, began, connected, ended, ...past }: PastCall): CallRecord => ({
  ...past,
  remote: party(remote),
  began: instant(began),
  connected: connected === null ? null : instant(connected),
  ended: instant(ended),
});

const party = ({ number, name }: Party): { number: string; name: string | null } => ({ number, name });

function problems(phone: Phone): Reason[] {
  const ports = phone.extensions.flatMap(({ index, localPort, wantedPort }): Reason[] =>
    localPort !== null && wantedPort !== null
      ? [
          {
            code: 'port-taken',
            params: {
              wanted: wantedPort,
              used: localPort,
              number:
                phone.config.extensions[index - 1]?.sharedUserId ??
                phone.config.extensions[index - 1]?.userId ??
                '',
            },
          },
        ]
      : [],
  );
  const devices: Reason[] = [
    ...(phone.microphone === 'missing' ? [{ code: 'no-microphone' } as const] : []),
    ...(phone.microphone === 'denied' ? [{ code: 'microphone-denied' } as const] : []),
    ...(phone.speaker === 'missing' ? [{ code: 'no-speaker' } as const] : []),
  ];
  // A profile's plan that cannot be read bars nothing; the user's own was refused when it was set.
  const plan = dialPlanMistake(phone.settings.dialPlan);
  return [...ports, ...devices, ...(plan ? [plan] : [])];
}

const instant = (at: number): string => new Date(at).toISOString();
