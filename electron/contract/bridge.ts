import { z } from 'zod';
import type {
  AudioReport,
  CommandFailure,
  CommandInput,
  CommandName,
  CommandResult,
  PlayoutReport,
} from './commands.ts';
import type { SnapshotUpdate } from './snapshot-update.ts';

export const commandMessage = z.strictObject({ name: z.string(), params: z.unknown() });
export const attachAudioMessage = z.strictObject({
  call: z.string().min(1).max(64),
  /** The window's own SDP offer; it never reaches the PBX. */
  offer: z.string().min(1).max(20_000),
});

const withFolder = z.object({ settings: z.object({ recordingFolder: z.string() }) });
const withProfile = z.object({ profile: withFolder });

/** The folder that a command's parameters would have recordings written to; null: none. */
export function recordingFolderOf(params: unknown): string | null {
  const own = withFolder.safeParse(params);
  if (own.success) return own.data.settings.recordingFolder;
  const ofProfile = withProfile.safeParse(params);
  return ofProfile.success ? ofProfile.data.profile.settings.recordingFolder : null;
}

/** What a window may ask for. A file's path is not for a page to choose: see `saveTrace`, `chooseFolder`. */
export type WindowCommandName = Exclude<CommandName, 'exportTrace'>;
export const isWindowCommand = (name: string): boolean => name !== 'exportTrace';

export type CommandReply<N extends CommandName> =
  | { readonly ok: true; readonly result: CommandResult<N> }
  | { readonly ok: false; readonly failure: CommandFailure };

/** `window.partyline`: all that the sandboxed window can reach of the phone. */
export interface Bridge {
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** Calls back at once with the present snapshot, then with every change; returns how to stop. */
  watch(listener: (update: SnapshotUpdate) => void): () => void;
  command<N extends WindowCommandName>(name: N, params: CommandInput<N>): Promise<CommandReply<N>>;
  /** Joins the window's WebRTC leg to a call: our offer in, the relay's answer out. May be called again. */
  attachAudio(call: string, offer: string): Promise<{ readonly answer: string }>;
  /** Asks the user for a file and saves the SIP trace there; null: they want none. */
  saveTrace(): Promise<CommandReply<'exportTrace'> | null>;
  /** Asks the user for a folder, where recordings may then go; null: they want none. */
  chooseFolder(): Promise<string | null>;
  reportAudio(report: AudioReport): void;
  /** How a call sounds here, about once a second. */
  reportPlayout(report: PlayoutReport): void;
}
