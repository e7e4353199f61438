import { type BrowserWindow, ipcMain, type WebFrameMain } from 'electron';
import {
  attachAudioMessage,
  type CommandReply,
  commandMessage,
  isWindowCommand,
} from '../contract/bridge.ts';
import { channels } from '../contract/channels.ts';
import { audioReport, CommandError, type CommandName, type CommandResult } from '../contract/commands.ts';
import type { Log } from '../phone/ports.ts';
import type { StationHost } from '../station-host.ts';
import { isOwnPage } from './security.ts';
import { askForTraceFile } from './trace-dialog.ts';

/** Joins the window to the station host: the main end of contract/bridge.ts. */
export function serveWindow(host: StationHost, currentWindow: () => BrowserWindow | null, log: Log): void {
  host.subscribe((snapshot) => send(snapshot));

  function send(snapshot: ReturnType<StationHost['snapshot']>): void {
    const window = currentWindow();
    if (!window || window.isDestroyed() || window.webContents.isCrashed()) return;
    window.webContents.send(channels.snapshot, snapshot);
  }

  /** Only the main frame of our own page is listened to. */
  const trusted = (frame: WebFrameMain | null): boolean => {
    const own = frame !== null && frame.parent === null && isOwnPage(frame.url);
    if (!own) log.warn({ url: frame?.url }, 'a message from a foreign page was ignored');
    return own;
  };

  ipcMain.on(channels.watch, (event) => {
    if (trusted(event.senderFrame)) send(host.snapshot());
  });

  ipcMain.handle(channels.command, async (event, message: unknown): Promise<CommandReply<CommandName>> => {
    if (!trusted(event.senderFrame)) throw new Error('untrusted');
    const { name, params } = commandMessage.parse(message);
    if (!isWindowCommand(name)) throw new Error('not for a window');
    return reply(name, () => host.command(name, params));
  });

  ipcMain.handle(channels.saveTrace, async (event) => {
    const window = currentWindow();
    if (!window || !trusted(event.senderFrame)) throw new Error('untrusted');
    const path = await askForTraceFile(window);
    return path === null ? null : reply('exportTrace', () => host.command('exportTrace', { path }));
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

  ipcMain.on(channels.reportAudio, (event, message: unknown) => {
    if (!trusted(event.senderFrame)) return;
    const report = audioReport.safeParse(message);
    if (report.success) host.reportAudio(report.data);
    else log.warn({ problem: report.error.message }, 'an audio report was malformed');
  });
}
