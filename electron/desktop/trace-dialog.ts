import { join } from 'node:path';
import { app, type BrowserWindow, dialog } from 'electron';

/** Asks the user where the SIP trace shall go, with the desktop's own words; null: nowhere. */
export async function askForTraceFile(window: BrowserWindow): Promise<string | null> {
  const now = new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    defaultPath: join(app.getPath('documents'), `partyline-${now}.pcapng`),
  });
  return canceled || filePath === '' ? null : filePath;
}
