import type { Conference } from '../conference/conference.ts';
import { known } from '../dialing/known-name.ts';
import type { RecordingEvent } from '../events.ts';
import type { Party } from '../lines/dialog.ts';
import { callById, hostOf, type Phone } from '../phone.ts';
import { answerWaiting, confirm, refuse } from '../reply.ts';
import { andThen, forEach, quiet, replaceCall, type Step, withNotice } from '../transition.ts';
import { type Call, isLive } from './call.ts';

/**
 * The recording of a call:
 *
 *   (none) --record--> asked --`recording`--> on --off, or the call ends--> (none), saved in its file
 *                        |                     |
 *                        +--`recording-failed`-+--> (none)
 */
export function record(phone: Phone, request: number, call: Call, on: boolean, at: number): Step {
  if (call.connectedSince === null) return refuse(phone, request, { code: 'no-far-end' });
  if (call.phase === 'ending') return refuse(phone, request, { code: 'wrong-state' });
  const recorded = recordedOf(phone, call);
  if (!on) return andThen(stopped(phone, recorded.id), (now) => confirm(now, request, call));
  if (recorded.recording?.file) return confirm(phone, request, call);
  const waiting = [...recorded.waiting, { request, until: 'recording' as const }];
  const asked = replaceCall(phone, { ...recorded, waiting });
  return recorded.recording ? quiet(asked) : started(asked, recorded.id, at);
}

/** It is being written, unless the user has thought better of it. */
export function recording(phone: Phone, id: string, file: string, at: number): Step {
  const call = callById(phone, id);
  if (!call) return quiet(phone);
  if (!call.recording) return { phone, effects: [{ type: 'record', call: id, to: null }] };
  const on = { ...call, recording: { since: at, file }, recorded: file };
  return answerWaiting(phone, on, 'recording', { ok: true, result: { call: id } });
}

/** It could not be written, or not to its end: whoever believes to be recording is told. */
export function recordingFailed(
  phone: Phone,
  event: Extract<RecordingEvent, { readonly detail: string }>,
): Step {
  const { call: id, file, trouble, detail } = event;
  const reason = { code: 'recording-failed', params: { file, trouble, detail } } as const;
  const call = callById(phone, id);
  if (!call) return withNotice(phone, reason);
  const off = answerWaiting(phone, { ...call, recording: null }, 'recording', { ok: false, reason });
  return off.effects.length === 0 ? andThen(off, (now) => withNotice(now, reason)) : off;
}

/** A recording ends with its call; that of a conference goes on as long as our user talks with anybody who was in it. */
export function withRecordings(before: Phone, now: Step): Step {
  if (before.calls === now.phone.calls) return now;
  const moved = forEach(now, before.conferences, (phone, conference) => wentOn(before, phone, conference));
  const ended = before.calls.filter(
    (call) => call.recording && isLive(call) && !isLive(callById(now.phone, call.id)),
  );
  return forEach(moved, ended, (phone, { id, recording }) => {
    if (phone.calls.some((call) => call.recording?.file && call.recording.file === recording?.file)) {
      return callById(phone, id)?.recording ? stopped(phone, id) : quiet(phone);
    }
    return callById(phone, id) ? stopped(phone, id) : withSaved(phone, recording?.file ?? null);
  });
}

/** The host has gone, or was taken out: what is recorded goes on over the call that is host now, or the last one left. */
function wentOn(before: Phone, phone: Phone, { host, guests }: Conference): Step {
  const recording = callById(before, host)?.recording;
  if (!recording?.file || hostOf(phone, host) === host) return quiet(phone);
  const left = guests.filter((guest) => isLive(callById(phone, guest)));
  const next = callById(phone, left.find((guest) => hostOf(phone, guest) === guest) ?? left[0] ?? '');
  const old = callById(phone, host);
  if (!next || next.recording || (isLive(old) && !old?.recording)) return quiet(phone);
  const without = old ? replaceCall(phone, { ...old, recording: null }) : phone;
  return {
    phone: replaceCall(without, { ...next, recording, recorded: recording.file }),
    effects: [{ type: 'move-recording', call: host, to: next.id }],
  };
}

/** All of a conference is heard at its host, unless this very call was being recorded before it came. */
function recordedOf(phone: Phone, call: Call): Call {
  const host = hostOf(phone, call.id);
  return call.recording || host === null ? call : (callById(phone, host) ?? call);
}

function started(phone: Phone, id: string, at: number): Step {
  const call = callById(phone, id);
  if (!call || call.recording) return quiet(phone);
  const { recordingFolder: folder, recordingTone: tone } = phone.settings;
  const to = { folder, name: recordingName(known(phone, call.remote), at), tone };
  return {
    phone: replaceCall(phone, { ...call, recording: { since: at, file: null } }),
    effects: [{ type: 'record', call: id, to }],
  };
}

function stopped(phone: Phone, id: string): Step {
  const call = callById(phone, id);
  if (!call?.recording) return quiet(phone);
  const { file } = call.recording;
  const ended: Step = { phone, effects: [{ type: 'record', call: id, to: null }] };
  const off = andThen(ended, (now) =>
    answerWaiting(now, { ...call, recording: null }, 'recording', {
      ok: false,
      reason: { code: 'wrong-state' },
    }),
  );
  return andThen(off, (now) => withSaved(now, file));
}

const withSaved = (phone: Phone, file: string | null): Step =>
  file === null ? quiet(phone) : withNotice(phone, { code: 'recording-saved', params: { file } });

/** `2026-11-27 14.03 Ann 5051`: by the user's clock, sorted by name as by time, and a file's name on every system. */
export function recordingName({ name, number }: Party, at: number): string {
  const began = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${began.getFullYear()}-${two(began.getMonth() + 1)}-${two(began.getDate())}`;
  const time = `${two(began.getHours())}.${two(began.getMinutes())}`;
  const who = [name, number === name ? null : number].map(inFileName).filter((part) => part !== '');
  return [day, time, ...who].join(' ');
}

/** Letters and digits of any script, and what no system minds. */
const inFileName = (text: string | null): string =>
  (text ?? '')
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}+\-_,&() ]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 40)
    .trim();
