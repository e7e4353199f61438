import type { MeasuredPhone } from './measured-phone.ts';
import { MeasuringEnd } from './measuring-end.ts';
import { Pulse } from './pulse.ts';
import { Rig } from './rig.ts';
import { sentences, speak } from './speech.ts';

/** A phone that is measured, on a sound server of its own, and the far end of its calls. */
export interface PhoneBench {
  readonly phone: MeasuredPhone;
  readonly far: MeasuringEnd;
  readonly pulse: Pulse;
  readonly folder: string;
}

/** `says`: a WAV file, for a phone that wants one for its microphone. */
export type MakePhone = (pulse: Pulse, far: MeasuringEnd, says: string) => Promise<MeasuredPhone>;

/** Puts a phone on the bench, measures it, and clears the bench. */
export async function onBench<T>(make: MakePhone, measure: (bench: PhoneBench) => Promise<T>): Promise<T> {
  const rig = new Rig();
  try {
    const folder = await rig.folder();
    const pulse = rig.use(await Pulse.start());
    const far = rig.use(await MeasuringEnd.start());
    const phone = rig.use(await make(pulse, far, await speak(sentences.caller, folder, 'says')));
    await pulse.quick;
    return await measure({ phone, far, pulse, folder });
  } finally {
    await rig.stop();
  }
}
