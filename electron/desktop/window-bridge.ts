import { type BrowserWindow, ipcMain, type WebFrameMain } from 'electron';
import type { z } from 'zod';
import {
  attachAudioMessage,
  type CommandReply,
  commandMessage,
  isWindowCommand,
  recordingFolderOf,
} from '../contract/bridge.ts';
import { channels } from '../contract/channels.ts';
import {
  audioReport,
  CommandError,
  type CommandName,
  type CommandResult,
  playoutReport,
} from '../contract/commands.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { type SnapshotUpdate, updateBetween } from '../contract/snapshot-update.ts';
import type { Log } from '../phone/ports.ts';
import type { StationHost } from '../station-host.ts';
import { askForFolder } from './folder-dialog.ts';
import { isOwnPage } from './security.ts';
import { askForTraceFile } from './trace-dialog.ts';

/** Milliseconds that a picture stays on the screen: more updates than that nobody sees. */
const frame = 16;

/** Joins the window to the station host: the main end of contract/bridge.ts. */
export function serveWindow(host: StationHost, currentWindow: () => BrowserWindow | null, log: Log): void {
  /** What the window knows; it asks for everything when it is new. */
  let known: Snapshot | null = null;
  const tell = oncePer(frame, () => {
    if (!known) return;
    const before = known;
    known = host.snapshot();
    send(updateBetween(before, known));
  });
  host.subscribe(tell);

  function send(update: SnapshotUpdate): void {
    const window = currentWindow();
    if (!window || window.isDestroyed() || window.webContents.isCrashed()) return;
    window.webContents.send(channels.snapshot, update);
  }

  /** Only the main frame of our own page is listened to. */
  const trusted = (frame: WebFrameMain | null): boolean => {
    const own = frame !== null && frame.parent === null && isOwnPage(frame.url);
    if (!own) log.warn({ url: frame?.url }, 'a message from a foreign page was ignored');
    return own;
  };

  /** What the user has said in the desktop's own dialog: a page may not write where it likes. */
  const chosenFolders = new Set<string>();
  const mayWriteTo = (folder: string | null): boolean =>
    folder === null || chosenFolders.has(folder) || folder === host.snapshot().settings.recordingFolder;

  ipcMain.on(channels.watch, (event) => {
    if (!trusted(event.senderFrame)) return;
    known = host.snapshot();
    send({ whole: known });
  });

  ipcMain.handle(channels.command, async (event, message: unknown): Promise<CommandReply<CommandName>> => {
    if (!trusted(event.senderFrame)) throw new Error('untrusted');
    const { name, params } = commandMessage.parse(message);
    if (!isWindowCommand(name) || !mayWriteTo(recordingFolderOf(params))) throw new Error('not for a window');
    return reply(name, () => host.command(name, params));
  });

  ipcMain.handle(channels.saveTrace, async (event) => {
    const window = currentWindow();
    if (!window || !trusted(event.senderFrame)) throw new Error('untrusted');
    const path = await askForTraceFile(window);
    return path === null ? null : reply('exportTrace', () => host.command('exportTrace', { path }));
  });

  ipcMain.handle(channels.chooseFolder, async (event) => {
    const window = currentWindow();
    if (!window || !trusted(event.senderFrame)) throw new Error('untrusted');
    const folder = await askForFolder(window, host.snapshot().settings.recordingFolder);
    if (folder !== null) chosenFolders.add(folder);
    return folder;
  });

  async function reply(name: string, work: () => Promise<CommandResult>): Promise<CommandReply<CommandName>> {
    try {
      return { ok: true, result: await work() };
    } catch (error) {
      if (error instanceof CommandError) {
        return { ok: false, failure: { code: error.code, sentence: error.sentence } };
      }
      log.error({ error, command: name }, 'a command failed inside');
      throw error;
    }
  }

  ipcMain.handle(channels.attachAudio, (event, message: unknown) => {
    if (!trusted(event.senderFrame)) throw new Error('untrusted');
    const { call, offer } = attachAudioMessage.parse(message);
    return host.attachAudio(call, offer);
  });

  /** What the window reports by itself; nobody waits for an answer. */
  function hear<T>(channel: string, report: z.ZodType<T>, take: (told: T) => void): void {
    ipcMain.on(channel, (event, message: unknown) => {
      if (!trusted(event.senderFrame)) return;
      const told = report.safeParse(message);
      if (told.success) take(told.data);
      else log.warn({ channel, problem: told.error.message }, 'a report of the window was malformed');
    });
  }
  hear(channels.reportAudio, audioReport, (report) => host.reportAudio(report));
  hear(channels.reportPlayout, playoutReport, (report) => host.reportPlayout(report));
}

/** Calls `action` at once, but not more often than every `ms`; the last call is never lost, only late. */
function oncePer(ms: number, action: () => void): () => void {
  let waiting: 'no' | 'quiet' | 'again' = 'no';
  const call = (): void => {
    if (waiting !== 'no') {
      waiting = 'again';
      return;
    }
    action();
    waiting = 'quiet';
    setTimeout(() => {
      const again = waiting === 'again';
      waiting = 'no';
      if (again) call();
    }, ms);
  };
  return call;
}
