import { parseArgs } from 'node:util';

export interface CommandLine {
  readonly profile: string | null;
  readonly control: string | null;
  readonly audioIn: string | null;
  readonly audioOut: string | null;
  readonly userData: string | null;
  readonly verbose: boolean;
}

/**
 * What Partyline takes on its command line, the app and the headless station alike. Unknown options are let through:
 * Chromium and test drivers have theirs.
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: {
      profile: { type: 'string' },
      control: { type: 'string' },
      'audio-in': { type: 'string' },
      'audio-out': { type: 'string' },
      'user-data': { type: 'string' },
      verbose: { type: 'boolean' },
    },
  });
  const text = (value: string | boolean | undefined): string | null =>
    typeof value === 'string' ? value : null;
  return {
    profile: text(values.profile),
    control: text(values.control),
    audioIn: text(values['audio-in']),
    audioOut: text(values['audio-out']),
    userData: text(values['user-data']),
    verbose: values.verbose === true,
  };
}
