import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { Control } from './control.ts';
import { profileFile } from './profiles.ts';
import { Rig, type Stoppable } from './rig.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ElectronAppOptions {
  /** Without one the app starts as on its first day. */
  readonly profile?: ProfileInput | string;
  /** Environment: the sound server's, for instance. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where it keeps what it remembers; a folder of its own by default. */
  readonly userData?: string;
}

/** Chromium's sandbox refuses to run as root, and a virtual display has no GPU. */
export const electronSwitches = (): string[] => [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
];

/** `npm test` names the Electron it has found (scripts/setup/electron.mjs). */
function electron(): string {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(root, 'node_modules', 'electron', 'dist');
  const executable = join(folder, 'electron');
  if (!existsSync(executable)) throw new Error(`no Electron in ${folder}: run npm test -- e2e`);
  return executable;
}

/** The real app in a real window, driven by Playwright and watched over its control socket. */
export class ElectronApp implements Stoppable {
  private constructor(
    readonly app: ElectronApplication,
    readonly window: Page,
    readonly control: Control,
    readonly rig: Rig,
  ) {}

  static async start(options: ElectronAppOptions = {}): Promise<ElectronApp> {
    const { profile, env = process.env } = options;
    const rig = new Rig();
    try {
      const folder = await rig.folder();
      const path = join(folder, 'control');
      const station = profile === undefined ? [] : ['--profile', await profileFile(folder, profile)];
      const userData = options.userData ?? join(folder, 'user-data');
      const own = ['--control', path, '--user-data', userData, ...station];
      const app = await _electron.launch({
        executablePath: electron(),
        args: [...electronSwitches(), root, ...own],
        env: withoutUndefined(env),
        timeout: 60_000,
      });
      const program = app.process();
      rig.use({ stop: () => closed(app, program) });
      const window = await app.firstWindow();
      const control = await Control.open(path, {
        get hasEnded() {
          return program.exitCode !== null;
        },
        output: '(see its log)',
      });
      rig.use(control);
      return new ElectronApp(app, window, control, rig);
    } catch (failure) {
      await rig.stop();
      throw failure;
    }
  }

  /** The button of a line key, 1-based. */
  lineKey(index: number) {
    return this.window.getByRole('button', { name: new RegExp(`^Line key ${index}\\b`) });
  }

  /** Resolves when a sentence can be read in the window. */
  async shows(sentence: string): Promise<void> {
    await this.window.getByText(sentence).first().waitFor({ state: 'visible', timeout: 30_000 });
  }

  /** Kills the window's process, as a crash would. */
  async crash(): Promise<void> {
    await this.app.evaluate(({ BrowserWindow }) => {
      for (const { webContents } of BrowserWindow.getAllWindows()) webContents.forcefullyCrashRenderer();
    });
  }

  /** Resolves with when the window has its next page, in milliseconds since the epoch. */
  nextPage(): Promise<number> {
    return this.app.evaluate(
      ({ BrowserWindow }) =>
        new Promise<number>((resolve) => {
          const [window] = BrowserWindow.getAllWindows();
          window?.webContents.once('dom-ready', () => resolve(Date.now()));
        }),
    );
  }

  stop(): Promise<void> {
    return this.rig.stop();
  }
}

/** Quits like a user does; kills what does not quit in ten seconds. Fails then: an app that hangs is broken. */
async function closed(app: ElectronApplication, process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    process.kill('SIGKILL');
  }, 10_000);
  const exit = once(process, 'exit');
  await Promise.all([exit, app.close().catch(() => {})]);
  clearTimeout(timer);
  if (hung) throw new Error('the app did not quit within 10 s');
}

function withoutUndefined(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(given);
}
