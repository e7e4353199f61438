import type { ExtensionView } from '../../electron/contract/snapshot.ts';

/** Extensions that failed for the same reason, told once. */
export interface RegistrationProblem {
  readonly numbers: readonly string[];
  readonly extensions: readonly number[];
  /** Null when the phone gave no reason. */
  readonly sentence: string | null;
}

/** The number that a key of this extension shows: the colleague's, if it is shared. */
export const numberOf = (extension: ExtensionView): string => extension.sharedUserId ?? extension.userId;

export function registrationProblems(extensions: readonly ExtensionView[]): RegistrationProblem[] {
  const failed = extensions.filter((extension) => extension.registration === 'failed');
  const sentences = [...new Set(failed.map((extension) => extension.reason))];
  return sentences.map((sentence) => {
    const same = failed.filter((extension) => extension.reason === sentence);
    return { numbers: same.map(numberOf), extensions: same.map(({ index }) => index), sentence };
  });
}
