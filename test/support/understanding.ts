import { join } from 'node:path';
import { intelligibility } from './intelligibility.ts';
import type { Impairment } from './measuring-end.ts';
import { pause } from './pause.ts';
import type { PhoneBench } from './phone-bench.ts';
import { sentences, speak } from './speech.ts';

export interface Understanding {
  /** STOI of what came out of the speaker, 0 to 1. */
  readonly stoi: number;
  /** Of the packets, 0 to 1. */
  readonly lost: number;
  /** Of the samples that the phone says to have played, those it says to have made up after its jitter buffer. */
  readonly concealed: number;
}

/** The phone calls, and the far end says its sentences to it through that network: how well they are understood. */
export async function understanding(
  { phone, far, pulse, folder }: PhoneBench,
  network: Impairment,
  seed: number,
): Promise<Understanding> {
  const speech = await speak(sentences.callee, folder, 'far', { lead: 2 });
  const coming = far.answerCall();
  await phone.dial();
  await coming;
  const heard = join(folder, `heard-${seed}.wav`);
  const recorder = await pulse.record(heard);
  const playing = far.play(speech, network, seed);
  // In the silence ahead of the speech the jitter buffer begins.
  await pause(1000);
  const before = await phone.played();
  const lost = await playing;
  const after = await phone.played();
  await pause(500);
  await recorder.stop();
  await phone.hangUp();
  return {
    stoi: await intelligibility(speech, heard),
    lost,
    concealed: (after.concealed - before.concealed) / Math.max(1, after.received - before.received),
  };
}
