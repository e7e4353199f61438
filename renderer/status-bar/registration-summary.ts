import type { ExtensionView, RegistrationState } from '../../electron/contract/snapshot.ts';
import { numberOf } from '../call/registration-problems.ts';

/** The registration in one line: the worst state there is, and whose it is. */
export interface RegistrationSummary {
  readonly state: RegistrationState;
  readonly numbers: readonly string[];
}

const worstFirst: readonly RegistrationState[] = ['failed', 'registering', 'unregistered', 'registered'];

export function registrationSummary(extensions: readonly ExtensionView[]): RegistrationSummary {
  const state =
    worstFirst.find((each) => extensions.some(({ registration }) => registration === each)) ?? 'unregistered';
  const concerned = extensions.filter(({ registration }) => registration === state);
  return { state, numbers: [...new Set(concerned.map(numberOf))] };
}
