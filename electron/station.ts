import type { AudioReport, PlayoutReport } from './contract/commands.ts';
import { CommandError, type CommandResult } from './contract/commands.ts';
import type { Profile } from './contract/profile.ts';
import type { SettingsChange } from './contract/settings.ts';
import { recordingPath } from './media/conversation/recording-file.ts';
import { createNegotiator } from './media/sdp/plain-leg-negotiation.ts';
import { initialPhone, phoneConfig } from './phone/config.ts';
import { type Effect, isSipEffect, type Reply, type SipEffect } from './phone/effects.ts';
import type { PhoneCommand, PhoneEvent, SipEvent } from './phone/events.ts';
import type { Phone } from './phone/phone.ts';
import type { Log, MediaPort, SipEventSink } from './phone/ports.ts';
import { createProjection, type PhoneView } from './phone/projection.ts';
import { step } from './phone/step.ts';
import { createSipStation, type SipStation } from './sip/sip-station.ts';
import type { SipTrace } from './sip/trace/trace.ts';
import { say } from './words.ts';

export interface StationOptions {
  readonly profile: Profile;
  /** Not closed by the station: its maker does. */
  readonly media: MediaPort;
  readonly log: Log;
  readonly version: string;
  /** Where recordings go when the settings say nothing; `recordings` in the current folder when absent. */
  readonly recordingFolder?: string;
  /** What the user has changed of the settings before, and what is done to keep what they change now. */
  readonly settings?: SettingsChange;
  readonly saveSettings?: (change: SettingsChange) => void;
}

/**
 * One station on the air: the core and what carries out its effects. It runs in plain Node, in the app's main process
 * as in the headless station and the practice PBX's colleagues.
 */
export interface Station {
  start(): Promise<void>;
  /** Resolves when the thing is done; rejects with CommandError. */
  command<C extends PhoneCommand>(command: C): Promise<CommandResult<C['name']>>;
  view(): PhoneView;
  /** Calls back after every change; returns how to stop. */
  subscribe(listener: () => void): () => void;
  reportAudio(report: AudioReport): void;
  reportPlayout(report: PlayoutReport): void;
  /** The machine has slept: everything that the PBX and the far ends know of us is told anew. */
  woken(): void;
  /** The last SIP messages, credentials removed. */
  readonly trace: SipTrace;
  /** Ends calls, unregisters, frees sockets and timers. */
  stop(): Promise<void>;
}

/** What a log is read for afterwards: how the phone came on the air and left it, and the calls. */
const worthKeeping = new Set<SipEvent['type']>([
  'bound',
  'registered',
  'register-failed',
  'unregistered',
  'agent',
  'incoming',
  'answered',
  'ended',
]);

export function createStation(options: StationOptions): Station {
  const { media, log } = options;
  let phone: Phone = initialPhone(phoneConfig(options.profile, options.settings), Date.now());
  let requests = 0;
  const waiting = new Map<number, (reply: Reply) => void>();
  const timers = new Map<string, NodeJS.Timeout>();
  const listeners = new Set<() => void>();

  const queue: PhoneEvent[] = [];

  /** Events are taken one after the other, also those that an effect brings about at once. */
  const dispatch = (event: PhoneEvent): void => {
    queue.push(event);
    if (queue.length > 1) return;
    for (let next = queue[0]; next; next = queue[0]) {
      try {
        take(next);
      } catch (error) {
        log.error({ error, event: next }, 'an effect failed');
      }
      queue.shift();
    }
  };

  const take = (event: PhoneEvent): void => {
    const before = phone;
    const next = step(phone, event, Date.now());
    phone = next.phone;
    for (const effect of next.effects) perform(effect);
    releaseMedia(before);
    if (phone !== before) for (const listener of [...listeners]) listener();
  };

  const onSip: SipEventSink = (event) => {
    log[worthKeeping.has(event.type) ? 'info' : 'debug']({ event }, 'sip');
    dispatch(event);
  };
  const sip: SipStation = createSipStation({
    profile: options.profile,
    negotiator: createNegotiator(media, {
      ...options.profile.calls,
      onSound: (call, sound) => dispatch({ type: 'sound', call, ...sound }),
    }),
    mixer: media,
    onEvent: onSip,
    log,
    version: options.version,
  });

  function perform(effect: Effect): void {
    if (isSipEffect(effect)) sip.perform(effect);
    else performHere(effect);
  }

  function performHere(effect: Exclude<Effect, SipEffect>): void {
    switch (effect.type) {
      case 'mute':
        media.mute(effect.call, effect.on);
        break;
      case 'dtmf':
        media.sendDtmf(effect.call, effect.tones, effect.way);
        break;
      case 'join':
        media.join(effect.call, effect.guest);
        break;
      case 'part':
        media.part(effect.guest);
        break;
      case 'mute-part':
        media.mutePart(effect.guest, effect.on);
        break;
      case 'record':
        media.record(effect.call, effect.to && { file: fileOf(effect.to), tone: effect.to.tone });
        break;
      case 'move-recording':
        media.moveRecording(effect.call, effect.to);
        break;
      case 'save-settings':
        options.saveSettings?.(effect.change);
        break;
      case 'reply':
        waiting.get(effect.request)?.(effect.reply);
        waiting.delete(effect.request);
        break;
      case 'start-timer':
        startTimer(effect.timer, effect.ms);
        break;
      case 'stop-timer':
        stopTimer(effect.timer);
        break;
      case 'impossible':
        log.warn({ event: effect.event, state: effect.state }, 'impossible event');
        break;
    }
  }

  const fileOf = ({ folder, name }: { folder: string | null; name: string }): string =>
    recordingPath(folder ?? options.recordingFolder ?? 'recordings', name);

  function startTimer(timer: string, ms: number): void {
    stopTimer(timer);
    const fire = (): void => {
      timers.delete(timer);
      dispatch({ type: 'timer', timer });
    };
    timers.set(timer, setTimeout(fire, ms));
  }

  function stopTimer(name: string): void {
    clearTimeout(timers.get(name));
    timers.delete(name);
  }

  /** A call that is gone carries no sound any more, whatever the far end still sends. */
  function releaseMedia(before: Phone): void {
    for (const call of before.calls) {
      if (!phone.calls.some((each) => each.id === call.id)) media.release(call.id);
    }
  }

  const unlisten = media.on((event) => {
    if (event.type !== 'quality') log.debug({ event }, 'media');
    switch (event.type) {
      case 'failed':
        dispatch({ type: 'media-failed', call: event.call, detail: event.detail });
        break;
      case 'quality':
        dispatch({ type: 'leg-quality', call: event.call, quality: event.quality });
        break;
      case 'recording':
      case 'recording-failed':
        dispatch(event);
        break;
    }
  });

  const project = createProjection(say);

  return {
    start: () => sip.start(),
    command<C extends PhoneCommand>(command: C) {
      return new Promise<CommandResult<C['name']>>((resolve, reject) => {
        requests += 1;
        const request = requests;
        waiting.set(request, (reply) => {
          if (reply.ok) resolve(reply.result as CommandResult<C['name']>);
          else reject(new CommandError(reply.reason.code, say(reply.reason)));
        });
        dispatch({ type: 'command', request, command });
      });
    },
    view: () => project(phone),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    woken: () => sip.woken(),
    trace: sip.trace,
    reportAudio: (report) => dispatch({ type: 'audio', ...report }),
    reportPlayout: (report) => dispatch({ type: 'playout', report }),
    async stop() {
      await sip.stop();
      unlisten();
      for (const name of [...timers.keys()]) stopTimer(name);
      listeners.clear();
      for (const call of phone.calls) media.release(call.id);
      for (const settle of waiting.values()) settle({ ok: false, reason: { code: 'not-set-up' } });
      waiting.clear();
    },
  };
}
