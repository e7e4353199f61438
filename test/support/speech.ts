import { join } from 'node:path';
import { run } from './child.ts';

/** Sentences of the Harvard list: phonetically balanced, meant for measuring telephones (IEEE 297-1969). */
export const sentences = {
  caller:
    'The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background. ' +
    "It's easy to tell the depth of a well. These days a chicken leg is a rare dish.",
  callee:
    'Rice is often served in round bowls. The juice of lemons makes fine punch. ' +
    'The box was thrown beside the parked truck. Four hours of steady work faced us.',
} as const;

/**
 * Speaks a text into a WAV file, mono, at `rate` Hz, 16-bit PCM or mu-law, `lead` seconds of silence before and as
 * much after it; returns its path.
 */
export async function speak(
  text: string,
  folder: string,
  name: string,
  { rate = 8000, lead = 0.5, muLaw = false } = {},
): Promise<string> {
  const spoken = join(folder, `${name}-spoken.wav`);
  const wav = join(folder, `${name}.wav`);
  await run('espeak-ng', ['-v', 'en', '-s', '150', '-w', spoken, text]);
  const encoding = muLaw ? ['-e', 'mu-law', '-b', '8'] : ['-e', 'signed-integer', '-b', '16'];
  await run('sox', [
    spoken,
    '-r',
    `${rate}`,
    '-c',
    '1',
    ...encoding,
    wav,
    'norm',
    '-6',
    'pad',
    `${lead}`,
    `${lead}`,
  ]);
  return wav;
}

/** A voice that goes on for a minute and a half without a pause: whenever it is not heard, something is broken. */
export async function endlessSpeech(...spoken: Parameters<typeof speak>): Promise<string> {
  const wav = await speak(...spoken);
  const result = wav.replace('.wav', '-endless.wav');
  const dense = ['silence', '1', '0.02', '1%', '-1', '0.02', '1%'];
  await run('sox', [wav, result, ...dense, 'repeat', '20', 'trim', '0', '90']);
  return result;
}

/** How long a sound file lasts. */
export const secondsOf = async (file: string): Promise<number> => Number(await run('soxi', ['-D', file]));

/** The samples of a sound file, -1..1, at `rate` Hz, mono. */
export async function samplesOf(file: string, rate: number): Promise<Float64Array> {
  const raw = await run('sox', [file, '-t', 'f32', '-r', `${rate}`, '-c', '1', '-']);
  return Float64Array.from({ length: Math.floor(raw.length / 4) }, (_, index) => raw.readFloatLE(index * 4));
}
