import { join } from 'node:path';
import { app, type BrowserWindow, Menu, powerMonitor, session } from 'electron';
import { version } from '../package.json';
import { readCommandLine } from './command-line.ts';
import { openControlSocket } from './control/control-socket.ts';
import { announceAppScheme, serveAppScheme } from './desktop/app-scheme.ts';
import { grantHeadsets } from './desktop/headset-access.ts';
import { MediaKeys } from './desktop/media-keys.ts';
import { startMediaProcess } from './desktop/media-process.ts';
import { openPhoneWindow } from './desktop/phone-window.ts';
import { createPracticePbxProcess } from './desktop/practice-pbx-process.ts';
import { confineContents, restrictPermissions } from './desktop/security.ts';
import { serveWindow } from './desktop/window-bridge.ts';
import { createLog } from './log.ts';
import { createStationHost } from './station-host.ts';
import { createSettingsMemory } from './storage/remembered-settings.ts';
import { createStationMemory } from './storage/remembered-station.ts';

const options = readCommandLine(process.argv.slice(1));
if (options.userData !== null) app.setPath('userData', options.userData);
// Root cannot have Chromium's sandbox; scripts/start.mjs says so when it gives --no-sandbox.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
// The web leg runs over loopback only (ARCHITECTURE.md, "Audio").
app.commandLine.appendSwitch('allow-loopback-in-peer-connection');
announceAppScheme();
confineContents();

const root = app.getAppPath();
const userData = app.getPath('userData');
const log = createLog({ file: join(userData, 'partyline.log'), level: options.verbose ? 'debug' : 'info' });
process.on('uncaughtException', (error) => log.error({ error }, 'uncaught'));
process.on('unhandledRejection', (error) => log.error({ error }, 'unhandled'));

if (app.requestSingleInstanceLock()) {
  void app.whenReady().then(run);
} else {
  console.log('Partyline runs already; its window comes to the front.');
  app.quit();
}

async function run(): Promise<void> {
  if (process.platform !== 'darwin') Menu.setApplicationMenu(null);
  restrictPermissions(session.defaultSession);
  grantHeadsets(session.defaultSession);
  serveAppScheme(join(root, 'out', 'renderer'));

  const media = startMediaProcess(join(root, 'out', 'main', 'media-process.js'), log);
  const practicePbx = createPracticePbxProcess({
    script: join(root, 'out', 'main', 'practice-pbx-process.js'),
    assets: join(root, 'assets'),
    log,
  });
  const host = createStationHost({
    media,
    log,
    version,
    profileFile: options.profile,
    memory: createStationMemory(join(userData, 'station.json')),
    settings: createSettingsMemory(join(userData, 'settings.json')),
    practicePbx,
    recordingFolder: join(app.getPath('documents'), 'Partyline'),
  });

  let quitting = false;
  let window: BrowserWindow | null = null;
  const showWindow = (): void => {
    if (window && !window.isDestroyed()) {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
      return;
    }
    window = openPhoneWindow({
      preload: join(root, 'out', 'preload', 'preload.cjs'),
      icon: join(root, 'assets', 'icons', 'icon.png'),
      log,
      isCallUp: () => host.snapshot().calls.length > 0 && !quitting,
    });
  };
  serveWindow(host, () => window, log);
  const mediaKeys = new MediaKeys(({ name, call }) => {
    // What could not be done shows in the snapshot.
    host.command(name, { call }).catch((error: unknown) => log.info({ error }, 'media key'));
  });
  host.subscribe((snapshot) => mediaKeys.follow(snapshot));
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  showWindow();

  const control = options.control === null ? null : await openControl(options.control);

  async function openControl(path: string) {
    try {
      return await openControlSocket(path, host);
    } catch (error) {
      console.error(
        `The control socket could not be opened: ${error instanceof Error ? error.message : error}`,
      );
      return null;
    }
  }

  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  app.on('before-quit', (event) => {
    if (quitting) return;
    quitting = true;
    event.preventDefault();
    void leave();
  });

  /** The PBX is told before the phone goes (REGISTER with expires=0), however the quit came. */
  async function leave(): Promise<void> {
    try {
      await host.stop();
      await control?.close();
      await media.close();
    } finally {
      app.exit(0);
    }
  }

  powerMonitor.on('resume', () => host.woken());
  await host.start();
}
