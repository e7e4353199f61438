import { readdirSync, readFileSync } from 'node:fs';
import { Baresip, type BaresipOptions } from './baresip.ts';
import { ElectronApp } from './electron-app.ts';
import type { MeasuringEnd } from './measuring-end.ts';
import { portBlock } from './ports.ts';
import { userA } from './profiles.ts';
import type { Pulse } from './pulse.ts';
import type { Stoppable } from './rig.ts';
import { type PlayedTotals, playedTotals } from './web-leg-stats.ts';

export type Played = Pick<PlayedTotals, 'received' | 'concealed'>;

/** A phone on the sinks of a sound server, measured from outside: ours, and the one that it is held against. */
export interface MeasuredPhone extends Stoppable {
  readonly name: string;
  /** Where calls to it go. */
  readonly port: number;
  readonly user: string;
  /** Presses whatever calls; resolves with when it was pressed. */
  dial(): Promise<number>;
  hangUp(): Promise<void>;
  /** Samples that it has played in the call so far, and how many of them it had to make up; none where it does not tell. */
  played(): Promise<Played>;
  /** Seconds of processor time so far, of all its processes. */
  cpu(): number;
}

export async function ourPhone(pulse: Pulse, far: MeasuringEnd): Promise<MeasuredPhone> {
  const port = await portBlock();
  const profile = userA(far.port, port);
  const app = await ElectronApp.start({ profile, env: pulse.env });
  await app.control.registered();
  return {
    name: 'Partyline',
    port,
    user: '5031',
    async dial() {
      // A second call is not begun from the dial pad.
      if (app.control.snapshot.calls.length > 0) {
        const pressed = Date.now();
        await app.control.command('dial', { lineKey: 1, number: '5099' });
        return pressed;
      }
      await app.window.getByRole('textbox').first().fill('5099');
      const call = app.window.getByRole('button', { name: 'Call', exact: true });
      return call.evaluate((button: HTMLElement) => {
        button.click();
        return Date.now();
      });
    },
    async hangUp() {
      for (const { id } of app.control.snapshot.calls) await app.control.command('hangUp', { call: id });
      await app.control.until('no call', ({ calls }) => calls.length === 0);
    },
    async played() {
      const [totals] = await playedTotals(app.window);
      return totals ?? { received: 0, concealed: 0 };
    },
    cpu: () => cpuOf(app.app.process().pid ?? 0),
    stop: () => app.stop(),
  };
}

export async function baresipPhone(
  pulse: Pulse,
  far: MeasuringEnd,
  says: string,
  work: Pick<BaresipOptions, 'codec' | 'cleans'> = {},
): Promise<MeasuredPhone> {
  const phone = await Baresip.start({
    user: '5031',
    pbxPort: far.port,
    says,
    answers: 'manual',
    ...work,
    sound: pulse.env,
  });
  return {
    name: 'baresip',
    port: phone.port,
    user: '5031',
    async dial() {
      const pressed = Date.now();
      await phone.dial('5099');
      return pressed;
    },
    async hangUp() {
      await phone.command('hangupall').catch(() => phone.hangUp());
    },
    played: async () => ({ received: 0, concealed: 0 }),
    cpu: () => cpuOf(phone.child.process.pid ?? 0),
    stop: () => phone.stop(),
  };
}

/** Seconds of processor time of a process and all that came of it (Linux: proc(5), `stat`). */
export function cpuOf(pid: number): number {
  const children = new Map<number, number[]>();
  const used = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const stat = statOf(name);
    if (!stat) continue;
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
    used.set(Number(name), stat.ticks);
  }
  const total = (process: number): number =>
    (children.get(process) ?? []).reduce((sum, child) => sum + total(child), used.get(process) ?? 0);
  return total(pid) / ticksPerSecond;
}

const ticksPerSecond = 100;

function statOf(pid: string): { parent: number; ticks: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}
