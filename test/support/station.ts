import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { Child } from './child.ts';
import { Control } from './control.ts';
import { profileFile } from './profiles.ts';
import { Rig, type Stoppable } from './rig.ts';

const program = fileURLToPath(new URL('../../out/main/headless.js', import.meta.url));

export interface StationOptions {
  readonly profile: ProfileInput | string;
  /** What it says in its calls: 8 kHz mu-law WAV. */
  readonly says?: string;
}

/** The headless station as `npm run station` starts it: plain Node, no Electron. */
export class Station implements Stoppable {
  private constructor(
    readonly control: Control,
    readonly child: Child,
    /** The WAV file of what it hears: complete when it has stopped. */
    readonly heard: string,
    readonly rig: Rig,
  ) {}

  /** Starts it and connects to its control socket. */
  static async start({ profile, says }: StationOptions): Promise<Station> {
    if (!existsSync(program)) throw new Error(`${program} is missing: run npm test, or npm run build first`);
    const rig = new Rig();
    try {
      const folder = await rig.folder();
      const path = join(folder, 'control');
      const heard = join(folder, 'heard.wav');
      const args = ['--profile', await profileFile(folder, profile), '--control', path, '--audio-out', heard];
      const sound = says === undefined ? [] : ['--audio-in', says];
      const child = rig.use(new Child(process.execPath, [program, ...args, ...sound]));
      const control = await Control.open(path, child);
      return new Station(control, child, heard, rig);
    } catch (failure) {
      await rig.stop();
      throw failure;
    }
  }

  /** SIGTERM, and waits for its end: it has unregistered and closed its files then. Its folder stays until `stop`. */
  async leave(): Promise<number | null> {
    await this.control.stop();
    await this.child.stop('SIGTERM');
    return this.child.ended;
  }

  async stop(): Promise<void> {
    await this.control.stop();
    await this.rig.stop();
  }
}
