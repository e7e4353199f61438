import { BrowserWindow } from 'electron';
import type { Log } from '../phone/ports.ts';
import { appPage } from './app-scheme.ts';

export interface PhoneWindowOptions {
  readonly preload: string;
  readonly icon: string;
  readonly log: Log;
  /** Whether a call is up: then the window is put aside, not closed, for the conversation runs through it. */
  readonly isCallUp: () => boolean;
}

/** The one window. A page that crashed is loaded again: the calls go on in the main process and it joins them anew. */
export function openPhoneWindow({ preload, icon, log, isCallUp }: PhoneWindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    width: 960,
    height: 640,
    minWidth: 360,
    minHeight: 480,
    show: false,
    title: 'Partyline',
    icon,
    backgroundColor: '#00000000',
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
      // A call goes on and rings while the window is hidden.
      backgroundThrottling: false,
      autoplayPolicy: 'no-user-gesture-required',
    },
  });
  // The web leg never leaves this computer: no address of another interface is tried or shown (facts, media).
  window.webContents.setWebRTCIPHandlingPolicy('default_public_interface_only');
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    if (!isCallUp()) return;
    event.preventDefault();
    window.minimize();
  });
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    log.warn({ reason, exitCode }, 'the window crashed and is loaded again');
    if (reason !== 'clean-exit' && !window.isDestroyed()) void window.loadURL(appPage);
  });
  void window.loadURL(appPage);
  return window;
}
