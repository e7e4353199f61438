import type { LineKeyState, RegistrationState } from '../../electron/contract/snapshot.ts';
import type { WordKey } from '../words/words.ts';

/** A registration looks like the line keys that depend on it. */
export const registrationLook: Readonly<Record<RegistrationState, LineKeyState>> = {
  registered: 'local-active',
  registering: 'registering',
  failed: 'register-failed',
  unregistered: 'disabled',
};

export const registrationWords: Readonly<Record<RegistrationState, WordKey>> = {
  registered: 'status.registeredAs',
  registering: 'status.registering',
  failed: 'status.failed',
  unregistered: 'status.unregistered',
};
