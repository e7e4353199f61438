import { send } from '../commands.ts';
import { usePhone } from '../phone-store.ts';

/** Gives a caller a ring of their own, or takes it back. */
export function setCallerRing(number: string, ring: number | null): void {
  const { [number]: _, ...others } = usePhone.getState().snapshot?.settings.callerRings ?? {};
  void send('configure', {
    settings: { callerRings: ring === null ? others : { ...others, [number]: ring } },
  });
}
