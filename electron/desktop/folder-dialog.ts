import { app, type BrowserWindow, dialog } from 'electron';

/** Asks the user for a folder, beginning in `present`, with the desktop's own words; null: they want none. */
export async function askForFolder(window: BrowserWindow, present: string | null): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    defaultPath: present ?? app.getPath('documents'),
    properties: ['openDirectory', 'createDirectory'],
  });
  return canceled ? null : (filePaths[0] ?? null);
}
