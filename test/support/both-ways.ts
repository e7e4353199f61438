import { join } from 'node:path';
import { expect } from 'vitest';
import { intelligibility } from './intelligibility.ts';
import type { Rig } from './rig.ts';
import { writeSound } from './rtp-sound.ts';
import { SpeakingEnd } from './speaking-end.ts';
import { secondsOf, speak } from './speech.ts';

const enough = 0.9;

/** Of a station and of a phone that sipp makes: what each says, and what reaches the other. */
export interface Talk {
  readonly end: SpeakingEnd;
  /** For the station: what it says over and over, and the file of what it hears. */
  readonly station: { readonly says: string; readonly heard: string };
}

/** The voices of a call with a phone whose sound is at that port. */
export async function talkAt(rig: Rig, port: number): Promise<Talk> {
  const folder = await rig.folder();
  const says = await speak('Glue the sheet to the dark blue background.', folder, 'here', { muLaw: true });
  const there = await speak('The juice of lemons makes fine punch.', folder, 'there', { muLaw: true });
  const end = await SpeakingEnd.open(rig, port, there);
  return { end, station: { says, heard: join(folder, 'heard.wav') } };
}

/**
 * From now on the phone speaks; resolves when both have heard all that the other says, from its beginning to its end: a
 * station that begins now needs so many seconds, one that says it over and over twice as many as it takes.
 */
export async function talkNow({ end, station }: Talk, seconds?: number): Promise<void> {
  end.speak();
  await end.talked(seconds ?? 2 * (await secondsOf(station.says)) + 0.2);
}

/** How well they understood each other since `talkNow`; for a call that has ended. Prints it, and insists on it. */
export async function understoodEachOther(label: string, { end, station }: Talk): Promise<void> {
  const atEnd = station.heard.replace('.wav', '-there.wav');
  writeSound(
    end.heard.filter(({ payloadType }) => payloadType === 0),
    atEnd,
  );
  const there = await intelligibility(station.says, atEnd);
  const back = await intelligibility(end.says, station.heard);
  console.log(`${label}: STOI there ${there.toFixed(3)}, back ${back.toFixed(3)}`);
  expect(there, `${label}: there`).toBeGreaterThanOrEqual(enough);
  expect(back, `${label}: back`).toBeGreaterThanOrEqual(enough);
}
