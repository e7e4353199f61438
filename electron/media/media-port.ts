import type { MediaEvent, MediaPort } from '../phone/ports.ts';
import { codecNames } from './codecs/codec.ts';
import { Conversations } from './conversation/conversations.ts';
import { Recording } from './conversation/recording.ts';
import type { PlainLeg } from './plain-leg.ts';
import { random32 } from './random.ts';

/** One call's sound: its plain leg, and what that is joined to. */
export interface MediaCall {
  readonly plain: PlainLeg;
  /** Joins the window that made `offer`; resolves with our answer. */
  attachWeb(offer: string): Promise<string>;
  close(): void;
}

export type OpenCall = (
  call: string,
  localAddress: string,
  emit: (event: MediaEvent) => void,
) => Promise<MediaCall>;

/** A media side in this process, for calls that `open` opens. */
export function createMediaPort(open: OpenCall): MediaPort {
  const calls = new Map<string, Promise<MediaCall>>();
  const conversations = new Conversations(random32);
  const listeners = new Set<(event: MediaEvent) => void>();

  const emit = (event: MediaEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const find = async (call: string): Promise<MediaCall> => {
    const found = await calls.get(call);
    if (!found) throw new Error(`call ${call} has no sound yet, or none any more`);
    return found;
  };
  const withCall = (call: string, action: (found: MediaCall) => void): void => {
    calls.get(call)?.then(action, () => {});
  };
  /** Who comes and goes takes effect in the order it was asked for; what a call that is gone was to do is not done. */
  let turn = Promise.resolve();
  const inTurn = (action: () => Promise<void>): void => {
    turn = turn.then(action).catch(() => {});
  };
  const recordings = new Map<string, Recording>();
  const callOf = (recording: Recording): string | undefined =>
    [...recordings].find(([, each]) => each === recording)?.[0];
  const closing = new Set<Promise<void>>();
  const stopRecording = (call: string): void => {
    const stopped = recordings.get(call)?.stop() ?? Promise.resolve();
    recordings.delete(call);
    closing.add(stopped);
    void stopped.finally(() => closing.delete(stopped));
  };
  const release = (call: string): void => {
    withCall(call, (found) => {
      stopRecording(call);
      conversations.leave(found.plain);
      found.close();
    });
    calls.delete(call);
  };

  return {
    codecs: codecNames,

    async allocate(call, localAddress) {
      const opening = calls.get(call) ?? open(call, localAddress, emit);
      calls.set(call, opening);
      opening.catch(() => {
        if (calls.get(call) === opening) calls.delete(call);
      });
      const { plain } = await opening;
      await plain.move(localAddress);
      return { rtpPort: plain.rtpPort };
    },

    async configure(call, params) {
      (await find(call)).plain.configure(params);
    },

    async attachWeb(call, offer) {
      return { answer: await (await find(call)).attachWeb(offer) };
    },

    mute: (call, on) => withCall(call, ({ plain }) => plain.mute(on)),

    sendDtmf: (call, tones, way) => withCall(call, ({ plain }) => plain.sendDtmf(tones, way)),

    join(call, guest) {
      inTurn(async () => {
        const [host, other] = await Promise.all([find(call), find(guest)]);
        const areBothLeft = calls.has(call) && calls.has(guest);
        if (areBothLeft) conversations.join(host.plain, other.plain);
      });
    },

    part: (guest) => inTurn(async () => conversations.part((await find(guest)).plain)),

    mutePart: (guest, on) => inTurn(async () => conversations.silence((await find(guest)).plain, on)),

    record: (call, to) =>
      withCall(call, ({ plain }) => {
        stopRecording(call);
        if (!to) return;
        const recording = new Recording({
          ...to,
          leg: plain,
          conversations,
          onStarted: (file) => emit({ type: 'recording', call: callOf(recording) ?? call, file }),
          onFailed: (file, { trouble, message: detail }) => {
            const recorded = callOf(recording);
            if (recorded !== undefined) recordings.delete(recorded);
            emit({ type: 'recording-failed', call: recorded ?? call, file, trouble, detail });
          },
        });
        recordings.set(call, recording);
      }),

    moveRecording(call, to) {
      const recording = recordings.get(call);
      if (!recording || !calls.has(to)) return;
      recordings.delete(call);
      recordings.set(to, recording);
      withCall(to, ({ plain }) => recording.moveTo(plain));
    },

    release,

    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close() {
      const open = [...calls.values()];
      for (const call of [...calls.keys()]) release(call);
      listeners.clear();
      await Promise.allSettled(open);
      await Promise.allSettled(closing);
    },
  };
}
