import type { UdpAddress } from '../sip/transport/udp-socket.ts';
import { type ColleagueTimes, calmTimes, createColleagues } from './colleagues.ts';
import { createPracticePbx, type PracticePbx, type PracticePbxOptions } from './practice-pbx.ts';

export interface PracticeOfficeOptions extends Omit<PracticePbxOptions, 'users' | 'onRegistered'> {
  /** The folder of the colleagues' speech (assets/practice); null: they are silent. */
  readonly assets: string | null;
  readonly times?: Partial<ColleagueTimes>;
}

/** The colleagues' phones begin so many ports above the PBX. */
const colleaguePorts = 20;

/** The practice PBX with its people: what the app starts for "Try it". */
export function createPracticeOffice(options: PracticeOfficeOptions): PracticePbx {
  const { assets, log } = options;
  let welcome: (extension: string) => void = () => {};
  const pbx = createPracticePbx({ ...options, onRegistered: (extension) => welcome(extension) });
  let running: { readonly at: UdpAddress; stop(): Promise<void> } | null = null;

  async function open() {
    const at = await pbx.start();
    const times = { ...calmTimes, ...options.times };
    const colleagues = createColleagues({ pbx: at, assets, times, firstPort: at.port + colleaguePorts, log });
    welcome = (extension) => colleagues.welcome(extension);
    await colleagues.start();
    return { at, stop: () => colleagues.stop() };
  }

  return {
    async start() {
      running ??= await open();
      return running.at;
    },
    async stop() {
      const stopping = running;
      running = null;
      await stopping?.stop();
      await pbx.stop();
    },
  };
}
