import { commandFrom, failure } from './command-border.ts';
import {
  type AudioReport,
  CommandError,
  type CommandParams,
  type CommandResult,
  type PlayoutReport,
} from './contract/commands.ts';
import type { Profile } from './contract/profile.ts';
import type { Reason } from './contract/reasons.ts';
import { defaultSettings, type SettingsChange, settingsAfter } from './contract/settings.ts';
import type { Snapshot } from './contract/snapshot.ts';
import type { Log, MediaPort } from './phone/ports.ts';
import { detectDialect } from './sip/detect-dialect.ts';
import { createStation, type Station } from './station.ts';
import { readProfileFile } from './storage/profile-file.ts';
import type { SettingsMemory } from './storage/remembered-settings.ts';
import type { StationMemory } from './storage/remembered-station.ts';
import { writeTraceFile } from './storage/trace-file.ts';
import { say } from './words.ts';

/** The built-in PBX, wherever it runs. */
export interface PracticePbxPort {
  /** Starts it (or finds it running) and tells the profile of the station that tries it. */
  start(): Promise<Profile>;
  stop(): Promise<void>;
}

export interface StationHostOptions {
  readonly media: MediaPort;
  readonly log: Log;
  readonly version: string;
  /** A profile given on the command line; wins over what is remembered. */
  readonly profileFile: string | null;
  /** Where the app remembers its station; null in the headless station. */
  readonly memory: StationMemory | null;
  /** Where the app remembers what the user has changed; null in the headless station. */
  readonly settings: SettingsMemory | null;
  readonly practicePbx: PracticePbxPort | null;
  /** Where recordings go when the settings say nothing. */
  readonly recordingFolder?: string;
}

/**
 * The station that this process is now, if any: it finds the profile, becomes that station, and takes every command
 * and hands out every snapshot, whichever border they cross.
 */
export interface StationHost {
  start(): Promise<void>;
  /** Validates and carries out a command from outside; rejects with CommandError. */
  command(name: string, params: unknown): Promise<CommandResult>;
  snapshot(): Snapshot;
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
  attachAudio(call: string, offer: string): Promise<{ readonly answer: string }>;
  reportAudio(report: AudioReport): void;
  reportPlayout(report: PlayoutReport): void;
  /** The machine has slept: the station looks at once what is left of its registrations and calls. */
  woken(): void;
  stop(): Promise<void>;
}

interface Running {
  readonly station: Station;
  readonly profile: Profile;
  readonly practice: boolean;
}

export function createStationHost(options: StationHostOptions): StationHost {
  const { media, log, memory, practicePbx } = options;
  const listeners = new Set<(snapshot: Snapshot) => void>();
  let running: Running | null = null;
  let problems: readonly Reason[] = [];
  /** What the user has changed of the settings; it outlives a station. */
  let changedSettings: SettingsChange = {};
  let settingsProblem: Reason | null = null;
  let savingSettings: Promise<void> = Promise.resolve();
  let audio: AudioReport = { microphone: 'unknown', speaker: 'unknown' };
  let version = 0;
  let current: Snapshot = project();
  /** Becoming a station and leaving it happen one after the other. */
  let changing: Promise<unknown> = Promise.resolve();

  function project(): Snapshot {
    const view = running?.station.view();
    return {
      version,
      phase: running ? 'running' : 'first-run',
      station: running && {
        name: running.profile.station.name,
        displayName: running.profile.station.displayName ?? running.profile.station.name,
        pbx: running.profile.pbx,
        practice: running.practice,
      },
      extensions: view?.extensions ?? [],
      lineKeys: view?.lineKeys ?? [],
      calls: view?.calls ?? [],
      history: view?.history ?? [],
      doNotDisturb: view?.doNotDisturb ?? false,
      settings: view?.settings ?? settingsAfter(defaultSettings, changedSettings),
      sound: view?.sound ?? { ring: null, tone: null },
      audio: view?.audio ?? audio,
      problems: [
        ...hostProblems().map((problem, position) => ({
          id: `h${position + 1}`,
          code: problem.code,
          sentence: say(problem),
        })),
        ...(view?.problems ?? []),
      ],
      notices: view?.notices ?? [],
    };
  }

  function hostProblems(): readonly Reason[] {
    return [...problems, ...(settingsProblem ? [settingsProblem] : [])];
  }

  function changed(): void {
    version += 1;
    current = project();
    for (const listener of [...listeners]) listener(current);
  }

  async function become(profile: Profile, practice: boolean): Promise<void> {
    await leave();
    const station = createStation({
      profile,
      media,
      log,
      version: options.version,
      ...(options.recordingFolder === undefined ? {} : { recordingFolder: options.recordingFolder }),
      settings: changedSettings,
      saveSettings(change) {
        savingSettings = saveSettings(change);
      },
    });
    running = { station, profile, practice };
    station.subscribe(changed);
    station.reportAudio(audio);
    changed();
    await station.start();
  }

  async function leave(): Promise<void> {
    const leaving = running;
    if (!leaving) return;
    await leaving.station.stop();
    running = null;
    changed();
  }

  function tell(reasons: readonly Reason[]): void {
    problems = reasons;
    changed();
  }

  async function remember(station: Parameters<StationMemory['remember']>[0]): Promise<void> {
    try {
      await memory?.remember(station);
    } catch (error) {
      tell([{ code: 'profile-not-saved', params: { file: memory?.file ?? '', detail: messageOf(error) } }]);
    }
  }

  async function saveSettings(change: SettingsChange): Promise<void> {
    changedSettings = settingsAfter(changedSettings, change);
    try {
      await options.settings?.remember(changedSettings);
      settingsProblem = null;
    } catch (error) {
      const params = { file: options.settings?.file ?? '', detail: messageOf(error) };
      settingsProblem = { code: 'settings-not-saved', params };
    }
    changed();
  }

  async function recallSettings(): Promise<void> {
    try {
      changedSettings = (await options.settings?.recall()) ?? {};
    } catch (error) {
      const params = { file: options.settings?.file ?? '', detail: messageOf(error) };
      settingsProblem = { code: 'settings-unreadable', params };
    }
    changed();
  }

  async function practise(): Promise<void> {
    if (!practicePbx) throw failure({ code: 'practice-failed', params: { detail: '' } });
    let profile: Profile;
    try {
      profile = await practicePbx.start();
    } catch (error) {
      throw failure({ code: 'practice-failed', params: { detail: messageOf(error) } });
    }
    tell([]);
    await become(profile, true);
    await remember({ kind: 'practice' });
  }

  async function connect({ profile }: CommandParams<'connect'>): Promise<void> {
    tell([]);
    await become(profile, false);
    await practicePbx?.stop();
    await remember({ kind: 'pbx', profile });
  }

  async function detect({ profile }: CommandParams<'detect'>): Promise<CommandResult<'detect'>> {
    const result = await detectDialect({ profile, log, version: options.version });
    if (!result.ok) throw failure(result.reason);
    return result.found;
  }

  async function disconnect(): Promise<void> {
    await leave();
    await practicePbx?.stop();
    await memory?.forget();
  }

  async function exportTrace(path: string): Promise<CommandResult<'exportTrace'>> {
    const { trace } = runningStation();
    const messages = trace.messages.length;
    try {
      await writeTraceFile(path, trace.toPcapng());
    } catch (error) {
      throw failure({ code: 'trace-not-saved', params: { file: path, detail: messageOf(error) } });
    }
    return { path, messages };
  }

  function runningStation(): Station {
    if (!running) throw failure({ code: 'not-set-up' });
    return running.station;
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = changing.then(work);
    changing = result.catch(() => undefined);
    return result;
  };

  const hostCommands = {
    connect: (params: CommandParams<'connect'>) => inTurn(() => connect(params)),
    practice: () => inTurn(practise),
    disconnect: () => inTurn(disconnect),
  };

  async function startRemembered(): Promise<void> {
    await recallSettings();
    if (options.profileFile !== null) {
      const read = await readProfileFile(options.profileFile);
      return read.ok ? become(read.profile, false) : tell([read.reason]);
    }
    try {
      const remembered = await memory?.recall();
      if (remembered?.kind === 'practice') await practise();
      if (remembered?.kind === 'pbx') await become(remembered.profile, false);
    } catch (error) {
      const reason: Reason =
        error instanceof CommandError
          ? { code: 'practice-failed', params: { detail: error.sentence } }
          : { code: 'profile-unreadable', params: { file: memory?.file ?? '', detail: messageOf(error) } };
      tell([reason]);
    }
  }

  return {
    start: () => inTurn(startRemembered),
    async command(name, params) {
      const command = commandFrom(name, params);
      log.info({ command: command.name }, 'command');
      switch (command.name) {
        case 'connect':
          await hostCommands.connect(command.params);
          return { done: true };
        case 'practice':
        case 'disconnect':
          await hostCommands[command.name]();
          return { done: true };
        case 'detect':
          return detect(command.params);
        case 'trace':
          return { messages: runningStation().trace.read(command.params) };
        case 'exportTrace':
          return exportTrace(command.params.path);
        default:
          return runningStation().command(command);
      }
    },
    snapshot: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attachAudio: (call, offer) => media.attachWeb(call, offer),
    reportAudio(report) {
      audio = report;
      if (running) running.station.reportAudio(report);
      else changed();
    },
    reportPlayout: (report) => running?.station.reportPlayout(report),
    woken: () => running?.station.woken(),
    stop: () =>
      inTurn(async () => {
        await leave();
        await practicePbx?.stop();
        await savingSettings;
        listeners.clear();
      }),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
